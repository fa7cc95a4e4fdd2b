"""Money that leaves: from the request to the payee's account, or back. Pure.

One payout is one movement out, whatever asked for it. The money of a withdrawal or a refund is
held in the wallet from the request on, comes back from the broker, and leaves the books only
when the gateway says that it was paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.ids import created_at
from shared.kernel.money import Money
from shared.kernel.states import Transitions, advance
from shared.payments.quoting import FxQuote
from shared.payouts.reasons import PayoutReason


class Purpose(StrEnum):
    """Why money leaves."""

    WITHDRAWAL = "WITHDRAWAL"
    """A person takes out their own money."""
    REFUND = "REFUND"
    """A deposit, or a part of it, goes back to where it came from."""
    SURPLUS = "SURPLUS"
    """A second payment for a deposit that was already paid goes back. It never was in a wallet."""


class Rail(StrEnum):
    """How it leaves."""

    MPESA_B2C = "MPESA_B2C"
    MPESA_REVERSAL = "MPESA_REVERSAL"
    STRIPE_REFUND = "STRIPE_REFUND"
    STRIPE_PAYOUT = "STRIPE_PAYOUT"
    """To a bank account."""
    ADYEN_REFUND = "ADYEN_REFUND"


GATEWAY_OF: Mapping[Rail, str] = {
    Rail.MPESA_B2C: "MPESA",
    Rail.MPESA_REVERSAL: "MPESA",
    Rail.STRIPE_REFUND: "STRIPE",
    Rail.STRIPE_PAYOUT: "STRIPE",
    Rail.ADYEN_REFUND: "ADYEN",
}
"""Out of whose clearing account it goes."""


class PayoutStatus(StrEnum):
    """Where a payout stands."""

    IN_REVIEW = "IN_REVIEW"
    """A second person has to agree. The money is held."""
    COOLING = "COOLING"
    """It waits, until ``not_before``, because its destination is new. The money is held."""
    READY = "READY"
    """Nothing stands in its way; the money is held, and still at the broker."""
    RECALLING = "RECALLING"
    """The broker is being asked to move the cash to the firm's account."""
    RECALLED = "RECALLED"
    """The firm has the cash; the gateway has not been asked yet."""
    SENDING = "SENDING"
    """The gateway was asked, or was about to be, and its answer is missing: it may have paid."""
    SENT = "SENT"
    """The gateway has taken it and works on it."""
    PAID = "PAID"
    """The payee has the money."""
    RETURNED = "RETURNED"
    """It was paid and came back: the person has the money again."""
    FAILED = "FAILED"
    """It could not be paid: the hold is released."""
    CANCELLED = "CANCELLED"
    """Taken back in time by the person: the hold is released."""
    REJECTED = "REJECTED"
    """The second person did not agree: the hold is released."""


_S = PayoutStatus
TRANSITIONS: Transitions[PayoutStatus] = {
    _S.IN_REVIEW: frozenset({_S.COOLING, _S.READY, _S.CANCELLED, _S.REJECTED}),
    _S.COOLING: frozenset({_S.READY, _S.CANCELLED, _S.REJECTED}),
    _S.READY: frozenset({_S.RECALLING, _S.RECALLED, _S.CANCELLED, _S.FAILED}),
    # Back to READY: the broker did not carry it out, and a new instruction needs a new key.
    _S.RECALLING: frozenset({_S.RECALLED, _S.READY}),
    _S.RECALLED: frozenset({_S.SENDING, _S.CANCELLED}),
    # Back to RECALLED: the gateway certainly never saw it.
    _S.SENDING: frozenset({_S.RECALLED, _S.SENT, _S.PAID, _S.FAILED}),
    _S.SENT: frozenset({_S.PAID, _S.FAILED}),
    _S.PAID: frozenset({_S.RETURNED}),
    # A failure that the gateway takes back: it was paid after all.
    _S.FAILED: frozenset({_S.PAID}),
    _S.RETURNED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REJECTED: frozenset(),
}
"""All legal moves. FAILED to PAID takes the money out again, as far as it is still there."""

CANCELLABLE = frozenset({_S.IN_REVIEW, _S.COOLING, _S.READY, _S.RECALLED})
"""Until the gateway is asked, and not while the broker is. After RECALLED the cash goes back to
the person's broker account."""
HOLDING = frozenset(
    {_S.IN_REVIEW, _S.COOLING, _S.READY, _S.RECALLING, _S.RECALLED, _S.SENDING, _S.SENT}
)
"""The money is held in the wallet."""
AWAITED = frozenset({_S.COOLING, _S.READY, _S.RECALLING, _S.RECALLED, _S.SENDING, _S.SENT})
"""Something is to happen by itself."""

SWEPT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PayoutMove:
    """A state that was entered, and when."""

    status: PayoutStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Payout:
    """One movement out. ``debited`` is what the USD wallet loses (zero for a surplus),
    ``amount`` what the payee gets."""

    user_id: str
    payout_id: str
    purpose: Purpose
    rail: Rail
    debited: Money
    amount: Money
    status: PayoutStatus
    version: int = 1
    moves: tuple[PayoutMove, ...] = ()
    quote: FxQuote | None = None
    """Dollars into ``amount``'s currency, when they differ: of a withdrawal the rate when it was
    asked for, of a refund the one of its deposit."""
    account_id: str | None = None
    """The payout account of a withdrawal."""
    shown_as: str | None = None
    """Where it goes, masked, such as ``2547*****678`` or ``**** 4242``."""
    deposit_id: str | None = None
    """The deposit that a refund or a surplus belongs to."""
    source: str | None = None
    """The gateway's payment that goes back: PaymentIntent, pspReference, M-Pesa receipt."""
    not_before: datetime | None = None
    reference: str | None = None
    """The gateway's name of it: refund, payout or ConversationID."""
    receipt: str | None = None
    """M-Pesa's receipt number."""
    fee_minor: int | None = None
    """What the gateway charged for it, in ``amount``'s currency."""
    reason: PayoutReason | None = None
    review: bool = False
    """Something does not add up: nothing automatic happens any more."""
    attempt: int = 0
    """Of sending: another key is used after a certain refusal only."""
    recalls: int = 0
    """Instructions to the broker that were refused."""
    journal_id: str | None = None
    broker_account_id: str | None = None
    recalled_at: datetime | None = None
    paid_at: datetime | None = None
    asked_by: str | None = None
    """The member of staff who asked for it, when it was not the person."""
    trace: str = ""

    @property
    def created_at(self) -> datetime:
        """When it was asked for."""
        return created_at(self.payout_id)

    @property
    def gateway(self) -> str:
        """Whose clearing account it leaves, such as ``STRIPE``."""
        return GATEWAY_OF[self.rail]

    @property
    def key(self) -> str:
        """Idempotency key at the gateway (Stripe, Adyen) or OriginatorConversationID (M-Pesa)."""
        return self.payout_id if self.attempt == 0 else f"{self.payout_id}.{self.attempt}"

    @property
    def journal_key(self) -> str:
        """Idempotency key of the broker's journal."""
        return f"{self.payout_id}.{self.recalls}"

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.review or self.status not in AWAITED:
            return None
        entered = self.moves[-1].at if self.moves else self.created_at
        if self.status is PayoutStatus.COOLING and self.not_before is not None:
            return self.not_before
        return entered + SWEPT_AFTER

    def moved(self, target: PayoutStatus, at: datetime, **changes: Any) -> "Payout":
        """In another state, if that is legal; IllegalTransition otherwise."""
        status = advance(TRANSITIONS, self.status, target)
        moves = (*self.moves, PayoutMove(status, at))[-24:]
        return replace(self, status=status, version=self.version + 1, moves=moves, **changes)

    def noted(self, **changes: Any) -> "Payout":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)
