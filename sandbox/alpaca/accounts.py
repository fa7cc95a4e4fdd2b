"""Brokerage accounts: who owns them, where they are in their life, what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.alpaca.wire import SHARE_STEP, timestamp


class AccountStatus(StrEnum):
    """The part of the broker's status list that this sandbox reaches."""

    SUBMITTED = "SUBMITTED"
    APPROVAL_PENDING = "APPROVAL_PENDING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    REJECTED = "REJECTED"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"


TRANSITIONS: dict[AccountStatus, frozenset[AccountStatus]] = {
    AccountStatus.SUBMITTED: frozenset(
        {
            AccountStatus.APPROVAL_PENDING,
            AccountStatus.ACTION_REQUIRED,
            AccountStatus.REJECTED,
            AccountStatus.APPROVED,
        }
    ),
    AccountStatus.APPROVAL_PENDING: frozenset({AccountStatus.APPROVED, AccountStatus.REJECTED}),
    AccountStatus.ACTION_REQUIRED: frozenset({AccountStatus.APPROVED, AccountStatus.REJECTED}),
    AccountStatus.APPROVED: frozenset({AccountStatus.ACTIVE}),
    AccountStatus.ACTIVE: frozenset({AccountStatus.ACCOUNT_CLOSED}),
    AccountStatus.REJECTED: frozenset(),
    AccountStatus.ACCOUNT_CLOSED: frozenset(),
}


class IllegalMove(ValueError):
    """The status cannot follow the present one."""


@dataclass(slots=True)
class Holding:
    """Shares of one symbol and what they cost, at average cost."""

    qty: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal:
        """Cost of one share, nine places."""
        return (self.cost / self.qty).quantize(SHARE_STEP) if self.qty else Decimal(0)


@dataclass(slots=True)
class Account:
    """One account. Cash is exact: executions are not rounded to cents."""

    id: str
    number: str
    created_at: datetime
    status: AccountStatus
    contact: dict[str, Any]
    identity: dict[str, Any]
    disclosures: dict[str, Any]
    agreements: list[dict[str, Any]]
    trusted_contact: dict[str, Any] | None = None
    documents: list[dict[str, Any]] = field(default_factory=list)
    cip: dict[str, Any] | None = None
    kyc_results: dict[str, Any] | None = None
    cash: Decimal = Decimal(0)
    # Proceeds of sales by the day on which they settle.
    unsettled: dict[date, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """For comparison: addresses differ by more than case."""
        return str(self.contact.get("email_address", "")).casefold()

    def move(self, status: AccountStatus) -> None:
        """Changes the status.

        Raises:
            IllegalMove: it cannot follow the present one.
        """
        if status not in TRANSITIONS[self.status]:
            raise IllegalMove(f"{self.status} does not become {status}")
        self.status = status

    def holding(self, symbol: str) -> Decimal:
        """Shares held, zero if none."""
        held = self.holdings.get(symbol)
        return held.qty if held else Decimal(0)

    def bought(self, symbol: str, qty: Decimal, price: Decimal) -> None:
        """Books an execution of a buy."""
        cost = qty * price
        held = self.holdings.setdefault(symbol, Holding())
        self.cash -= cost
        held.qty += qty
        held.cost += cost

    def unbought(self, symbol: str, qty: Decimal, price: Decimal) -> None:
        """Takes an execution of a buy back."""
        held = self.holdings.setdefault(symbol, Holding())
        self.cash += qty * price
        held.qty -= qty
        held.cost = max(Decimal(0), held.cost - qty * price)
        if not held.qty:
            del self.holdings[symbol]

    def sold(self, symbol: str, qty: Decimal, price: Decimal, settles: date) -> None:
        """Books an execution of a sale; the proceeds can be spent now and withdrawn later."""
        held = self.holdings[symbol]
        held.cost -= (held.cost * qty / held.qty).quantize(SHARE_STEP)
        held.qty -= qty
        if not held.qty:
            del self.holdings[symbol]
        proceeds = qty * price
        self.cash += proceeds
        self.unsettled[settles] = self.unsettled.get(settles, Decimal(0)) + proceeds

    def unsold(self, symbol: str, qty: Decimal, price: Decimal, settles: date) -> None:
        """Takes an execution of a sale back; the shares cost what they brought."""
        proceeds = qty * price
        held = self.holdings.setdefault(symbol, Holding())
        held.qty += qty
        held.cost += proceeds
        self.cash -= proceeds
        if settles in self.unsettled:
            self.unsettled[settles] = max(Decimal(0), self.unsettled[settles] - proceeds)

    def unsettled_on(self, today: date) -> Decimal:
        """Proceeds that have not settled by that day."""
        for day in [day for day in self.unsettled if day <= today]:
            del self.unsettled[day]
        return sum(self.unsettled.values(), Decimal(0))

    def matches(self, tokens: Iterable[str]) -> bool:
        """True if each token is part of number, name, phone number or e-mail address."""
        names = (self.identity.get("given_name", ""), self.identity.get("family_name", ""))
        facts = (self.number, *names, str(self.contact.get("phone_number", "")), self.email)
        return all(any(token in str(fact).casefold() for fact in facts) for token in tokens)

    def wire(self, entities: Iterable[str] | None = None) -> dict[str, Any]:
        """The account object; without `entities` it carries all of them."""
        extra: dict[str, Any] = {
            "contact": self.contact,
            "identity": {k: v for k, v in self.identity.items() if k != "tax_id"},
            "disclosures": self.disclosures,
            "agreements": self.agreements,
            "documents": self.documents,
        }
        if self.trusted_contact is not None:
            extra["trusted_contact"] = self.trusted_contact
        wanted = set(extra if entities is None else entities)
        return {
            "id": self.id,
            "account_number": self.number,
            "status": self.status.value,
            "crypto_status": "INACTIVE",
            "currency": "USD",
            "last_equity": "0",
            "created_at": timestamp(self.created_at),
            "account_type": "trading",
            "trading_configurations": None,
            "enabled_assets": ["us_equity"],
            "kyc_results": self.kyc_results,
            **{name: value for name, value in extra.items() if name in wanted},
        }
