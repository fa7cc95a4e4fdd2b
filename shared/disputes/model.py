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
    # The payer's bank may take the money a second time, and may think again.
    _S.WON: frozenset({_S.LOST}),
    _S.LOST: frozenset({_S.WON}),
    # Who only asked may still take the money.
    _S.CLOSED: frozenset({_S.OPEN, _S.UNDER_REVIEW, _S.WON, _S.LOST}),
}
"""All legal moves. None goes back but between the two decisions, for which it must be proved that
the news are newer than what is known; so that news out of order change nothing."""

LIVE = frozenset({_S.OPEN, _S.UNDER_REVIEW})
"""Money is set aside, and nothing is paid out to the person."""
ASKED = frozenset({Gateway.STRIPE})
"""Gateways that say how a dispute stands when they are asked; the others tell by messages that
prove themselves."""
UNDECIDED = LIVE | {_S.WARNING}
DECIDED = frozenset({_S.WON, _S.LOST})
CLAIMED = LIVE | {_S.LOST}
"""The bank has the money, or is to have it."""

LOOKED_AT_EVERY = timedelta(hours=24)
"""How often the gateway is asked about a dispute from which nothing is heard."""
REMINDED_BEFORE = timedelta(hours=48)
"""So long before evidence is due somebody is told once more."""
LOOKED_AT_EARLIEST = timedelta(minutes=5)
"""No sooner than this."""


@dataclass(frozen=True, slots=True)
class DisputeMove:
    """A state that was entered, and when."""

    status: DisputeStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute of one payment. What the wallet was credited for ``amount`` is, in US cents,
    the person's to answer for (``worth_minor``) but for what went back to the payer already
    (``answered_minor``). Of the person's part ``reserved_minor`` were there to be set aside, and
    ``shortfall_minor`` were not."""

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
    kept_minor: int = 0
    """Of ``reserved_minor``: held for the deposit before, and never forwarded."""
    answered_minor: int = 0
    """What a refund, or another dispute, has taken back of the same money: the firm's to answer
    for, by telling the bank."""
    step: int = 0
    """How far the messages of a gateway have come that cannot be asked."""
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
        """What the person answers for."""
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
    def claimed(self) -> bool:
        """Whether the bank has the money, or is to have it."""
        return self.status in CLAIMED

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
