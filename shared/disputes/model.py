"""Disputes with payers' banks: where they stand and what was set aside for them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.disputes.reasons import DisputeReason
from shared.kernel.ids import Kind, derived
from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.payments.methods import Gateway
from shared.payments.model import Deposit


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    WARNING = "WARNING"
    """The bank asks; no money moves."""
    OPEN = "OPEN"
    """The bank takes the money back; evidence may be sent until a date."""
    UNDER_REVIEW = "UNDER_REVIEW"
    """Evidence was sent; the bank decides."""
    WON = "WON"
    """The money stays, or came back."""
    LOST = "LOST"
    """The money is gone."""
    CLOSED = "CLOSED"
    """The bank asked and let it be."""


_S = DisputeStatus
TRANSITIONS: Transitions[DisputeStatus] = {
    _S.WARNING: frozenset({_S.OPEN, _S.UNDER_REVIEW, _S.WON, _S.LOST, _S.CLOSED}),
    _S.OPEN: frozenset({_S.UNDER_REVIEW, _S.WON, _S.LOST}),
    _S.UNDER_REVIEW: frozenset({_S.WON, _S.LOST}),
    # The payer's bank may take the money a second time, then for good.
    _S.WON: frozenset({_S.LOST}),
    _S.LOST: frozenset(),
    # Who only asked may still take the money.
    _S.CLOSED: frozenset({_S.OPEN, _S.UNDER_REVIEW, _S.WON, _S.LOST}),
}
"""All legal moves; none goes back, so that news out of order changes nothing."""

LIVE = frozenset({_S.OPEN, _S.UNDER_REVIEW})
"""Money is set aside, and nothing is paid out to the person."""
ASKED = frozenset({Gateway.STRIPE})
"""Gateways that say how a dispute stands when they are asked; the others tell by messages that
prove themselves."""
UNDECIDED = LIVE | {_S.WARNING}

LOOKED_AT_EVERY = timedelta(hours=24)
"""How often the gateway is asked about a dispute from which nothing is heard."""
REMINDED_BEFORE = timedelta(hours=48)
"""So long before evidence is due somebody is told once more."""
MARKED_WITHIN = timedelta(minutes=5)
"""How often a deposit that is just being forwarded is looked at until it can be marked."""


@dataclass(frozen=True, slots=True)
class DisputeMove:
    """A state that was entered, and when."""

    status: DisputeStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute of one payment. ``worth`` is what the wallet was credited for ``amount``;
    ``reserved_minor`` and ``shortfall_minor`` of it (US cents) were there to be set aside, and
    were not."""

    user_id: str
    dispute_id: str
    deposit_id: str
    gateway: Gateway
    reference: str
    """The gateway's name of the dispute."""
    payment: str
    """The gateway's name of the payment that is disputed."""
    amount: Money
    status: DisputeStatus
    reason: DisputeReason = DisputeReason.OTHER
    version: int = 1
    moves: tuple[DisputeMove, ...] = ()
    evidence_due: datetime | None = None
    worth_minor: int = 0
    reserved_minor: int = 0
    shortfall_minor: int = 0
    covered: bool = False
    """The deposit had not been forwarded: its own hold is what is set aside."""
    marked: bool = False
    """It is the dispute that made the deposit DISPUTED."""
    taken: bool = False
    """The gateway has taken the money out of our balance, and that is booked."""
    fee_minor: int = 0
    """What the gateway charged for it and is booked, in ``amount``'s currency."""
    reminded: bool = False
    look_at: datetime | None = None
    """When to look at it without having heard anything; None when nothing is awaited."""
    trace: str = ""

    @property
    def worth(self) -> Money:
        """What the wallet was credited for it."""
        return Money(self.worth_minor, Currency.USD)

    @property
    def set_aside(self) -> Money:
        """Of ``worth``: held, or taken since."""
        return Money(self.reserved_minor, Currency.USD)

    @property
    def short(self) -> Money:
        """Of ``worth``: what was not there."""
        return Money(self.shortfall_minor, Currency.USD)

    @property
    def live(self) -> bool:
        """Whether money is set aside for it."""
        return self.status in LIVE

    @property
    def undecided(self) -> bool:
        """Whether the bank, or we, still have to say something."""
        return self.status in UNDECIDED

    @property
    def opened_at(self) -> datetime:
        """When we first heard of it."""
        return self.moves[0].at

    def moved(self, target: DisputeStatus, at: datetime, **changes: Any) -> "Dispute":
        """In another state, if that is legal; IllegalTransition otherwise."""
        status = advance(TRANSITIONS, self.status, target)
        moves = (*self.moves, DisputeMove(status, at))
        return replace(self, status=status, version=self.version + 1, moves=moves, **changes)

    def noted(self, **changes: Any) -> "Dispute":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)


def dispute_id_of(deposit_id: str, gateway: Gateway, reference: str) -> str:
    """The one identifier of this gateway's dispute."""
    return derived(Kind.DISPUTE, deposit_id, gateway.value, reference)


def worth_of(amount: Money, deposit: Deposit) -> int:
    """US cents that were credited for ``amount`` of what was paid, rounded half up; all of them
    when the bank speaks in another currency than the payer paid in."""
    if amount.currency is not deposit.amount.currency:
        return deposit.credited.minor
    whole = deposit.amount.minor
    return (2 * deposit.credited.minor * amount.minor + whole) // (2 * whole)
