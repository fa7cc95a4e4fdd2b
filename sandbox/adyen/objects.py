"""What the merchant account remembers: links, payments, modifications, disputes, bookings."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

type Json = dict[str, Any]

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789"


def new_psp() -> str:
    """A reference of 16 characters, as all of Adyen's are."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def new_link_id() -> str:
    """An identifier of a payment link."""
    return "PL" + secrets.token_hex(8).upper()


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units of a currency."""

    currency: str
    value: int

    def as_json(self) -> Json:
        """As it is written everywhere."""
        return {"currency": self.currency, "value": self.value}


@dataclass(slots=True)
class Link:
    """A payment link. `answer` is what the API gives of it, without its status."""

    link_id: str
    amount: Amount
    reference: str
    expires_at: datetime
    answer: Json
    metadata: dict[str, str]
    return_url: str | None
    status: str = "active"
    authenticating: str | None = None
    """The number of the card whose holder is being asked by 3-D Secure."""

    def status_at(self, now: datetime) -> str:
        """Its status by now."""
        if self.status == "active" and now >= self.expires_at:
            return "expired"
        return self.status

    def as_json(self, now: datetime) -> Json:
        """As the API answers."""
        return {**self.answer, "status": self.status_at(now)}


@dataclass(slots=True)
class Payment:
    """An authorised payment, captured at once unless it is cancelled."""

    psp: str
    amount: Amount
    reference: str
    method: str
    refunded: int = 0
    """Of its amount: paid back, or about to be."""
    cancelled: bool = False


@dataclass(slots=True)
class Refund:
    """A refund: `state` is received, paid, failed or reversed."""

    psp: str
    payment: Payment
    amount: Amount
    reference: str
    state: str = "received"


@dataclass(slots=True)
class Dispute:
    """A chargeback: `state` is announced, taken, reversed or lost."""

    psp: str
    payment: Payment
    amount: Amount
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of a settlement report to be; debits are negative. Fees are positive."""

    kind: str
    psp: str
    reference: str
    method: str
    modification: str
    at: datetime
    currency: str
    gross: int | None
    net: int
    commission: int = 0
    markup: int = 0
    scheme: int = 0
    interchange: int = 0
    modification_reference: str = ""


@dataclass(slots=True)
class Account:
    """Everything by its reference."""

    links: dict[str, Link] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    """Since the last batch was closed."""
    reports: dict[str, str] = field(default_factory=dict)
    """CSV by file name."""
    carried: dict[str, int] = field(default_factory=dict)
    """Per currency what the last batch owed us, or we it."""

    def clear(self) -> None:
        """Forgets everything."""
        for kept in (
            self.links,
            self.payments,
            self.refunds,
            self.disputes,
            self.bookings,
            self.reports,
            self.carried,
        ):
            kept.clear()
