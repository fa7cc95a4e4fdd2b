"""Payments from the phone's menu whose owner is not known: kept until M-Pesa has confirmed them,
then in suspense until a person finds out whose they are."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.ledger.accounts import gateway_clearing, suspense
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway
from shared.payments.rows import ExternalPaymentRow, suspended_part
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Database, InstantAttribute, Key, Put, Row, Table
from shared.platform.work import Write

CHECK = "paybill"
ASKED_FOR = timedelta(days=1)
"""So long M-Pesa is asked about a payment that it told us of; then a person is."""
SWEPT_AFTER = timedelta(minutes=20)
"""More than the longest wait between two checks: the sweep begins a chain that broke."""
_SK = "UNMATCHED"
_HOUSE = "house"


class Why(StrEnum):
    """Why nobody's wallet gets it."""

    AMOUNT_UNREADABLE = "AMOUNT_UNREADABLE"
    ACCOUNT_UNREADABLE = "ACCOUNT_UNREADABLE"
    ACCOUNT_UNKNOWN = "ACCOUNT_UNKNOWN"
    PERSON_MAY_NOT_PAY_IN = "PERSON_MAY_NOT_PAY_IN"


class UnmatchedStatus(StrEnum):
    """Where it stands."""

    HEARD = "HEARD"
    """A message told of it; M-Pesa is being asked."""
    BOOKED = "BOOKED"
    """M-Pesa has confirmed it: it is in suspense."""
    COUNTED_ELSEWHERE = "COUNTED_ELSEWHERE"
    """It settled a deposit: this was another message about the same payment."""
    GIVEN_UP = "GIVEN_UP"
    """M-Pesa never confirmed it. A confirmation that comes later still books it."""


_S = UnmatchedStatus
TRANSITIONS: Transitions[UnmatchedStatus] = {
    _S.HEARD: frozenset({_S.BOOKED, _S.COUNTED_ELSEWHERE, _S.GIVEN_UP}),
    _S.GIVEN_UP: frozenset({_S.BOOKED, _S.COUNTED_ELSEWHERE}),
    _S.BOOKED: frozenset(),
    _S.COUNTED_ELSEWHERE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Unmatched:
    """One payment by its receipt number. ``amount`` is what was claimed, and what M-Pesa said
    once it is BOOKED."""

    receipt: str
    movement_id: str
    amount: Money
    why: Why
    heard_at: datetime
    status: UnmatchedStatus = UnmatchedStatus.HEARD
    user_id: str | None = None
    """Whose account number it was, where that is known."""
    account: str = ""
    version: int = 1
    trace: str = ""

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.status is not UnmatchedStatus.HEARD:
            return None
        return self.heard_at + SWEPT_AFTER

    @property
    def key(self) -> str:
        """Under which it is booked, once."""
        return f"{Gateway.MPESA.value}:{self.receipt}"

    def moved(self, target: UnmatchedStatus, amount: Money | None = None) -> "Unmatched":
        """In another state, if that is legal; IllegalTransition otherwise."""
        status = advance(TRANSITIONS, self.status, target)
        found = self.amount if amount is None else amount
        return replace(self, status=status, amount=found, version=self.version + 1)

    def received(self, amount: Money, at: datetime) -> Draft:
        """M-Pesa owes us the money, and we owe it to somebody.

        Dr gateway clearing · Cr suspense.
        """
        asset = amount.currency.asset
        postings = (
            Posting(gateway_clearing(Gateway.MPESA.value, amount.currency), asset, amount.minor),
            Posting(suspense(), asset, -amount.minor),
        )
        memo = {"payment": self.receipt, "why": self.why.value}
        return Draft(EntryKind.SUSPENSE_RECEIVED, self.movement_id, at, postings, memo)


class UnmatchedRow(Row):
    """One of them; ``pending`` and ``due`` are there while M-Pesa's word is awaited."""

    KIND: ClassVar[str] = "unmatched_paybill"

    movement_id = UnicodeAttribute()
    amount_minor = NumberAttribute()
    why = UnicodeAttribute()
    heard_at = InstantAttribute()
    status = UnicodeAttribute()
    user_id = UnicodeAttribute(null=True)
    account = UnicodeAttribute(null=True)
    version = NumberAttribute()
    trace = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def unmatched_key(receipt: str) -> Key:
    """Where it lies."""
    return Key(Table.CORE, f"PAYBILL#{receipt}", _SK)


class UnmatchedStore:
    """All of them, by receipt number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, receipt: str) -> Unmatched | None:
        """One of them."""
        where = unmatched_key(receipt)
        row = self._database.get(UnmatchedRow, where.pk, where.sk)
        return None if row is None else _unmatched_of(row)

    def create(self, one: Unmatched) -> Write:
        """The write ``unmatched``; it must be new."""
        return Put.new("unmatched", _row_of(one))

    def save(self, before: Unmatched, after: Unmatched) -> Write:
        """The write ``unmatched``, under the condition that nobody changed it since."""
        return Put("unmatched", _row_of(after), UnmatchedRow.version == before.version)

    def claim(self, one: Unmatched) -> Write:
        """The write ``external:<receipt>``: the payment counts once, ever, and here, with what
        M-Pesa said of it."""
        return Put.new(
            f"external:{one.receipt}",
            ExternalPaymentRow(
                pk=f"EXT#{Gateway.MPESA.value}#{one.receipt}",
                sk="GUARD",
                user_id=_HOUSE,
                deposit_id=one.movement_id,
                **suspended_part(one.amount, one.receipt, one.heard_at),
            ),
        )


def _row_of(one: Unmatched) -> UnmatchedRow:
    where = unmatched_key(one.receipt)
    awaited: dict[str, Any] = {}
    if one.due is not None:
        awaited = {
            "check": CHECK,
            "pending": pending_bucket(one.movement_id),
            "due": to_text(one.due),
        }
    return UnmatchedRow(
        pk=where.pk,
        sk=where.sk,
        movement_id=one.movement_id,
        amount_minor=one.amount.minor,
        why=one.why.value,
        heard_at=one.heard_at,
        status=one.status.value,
        user_id=one.user_id,
        account=one.account or None,
        version=one.version,
        trace=one.trace or None,
        **awaited,
    )


def _unmatched_of(row: UnmatchedRow) -> Unmatched:
    return Unmatched(
        receipt=row.pk.removeprefix("PAYBILL#"),
        movement_id=row.movement_id,
        amount=Money(int(row.amount_minor), Currency.KES),
        why=Why(row.why),
        heard_at=row.heard_at,
        status=UnmatchedStatus(row.status),
        user_id=row.user_id,
        account=row.account or "",
        version=int(row.version),
        trace=row.trace or "",
    )
