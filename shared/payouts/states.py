"""Where a payout may stand and where it may go from there. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.states import Transitions


class PayoutStatus(StrEnum):
    """Where a payout stands."""

    IN_REVIEW = "IN_REVIEW"
    """A second person has to agree. The money is held."""
    RAISING = "RAISING"
    """Cash does not cover it: assets are being sold, or what they brought settles. What cash there
    was is held."""
    COOLING = "COOLING"
    """It waits, until ``not_before``, because its destination is new. The money is held."""
    READY = "READY"
    """Nothing stands in its way; the money is held, and where it was before."""
    RECALLING = "RECALLING"
    """The broker is being asked to move the cash to the firm's account."""
    RECALLED = "RECALLED"
    """The firm has the cash; the gateway has not been asked yet."""
    AWAITING_CONSENT = "AWAITING_CONSENT"
    """The firm has the cash, and at the rate of now so much less would arrive that the person has
    to agree. The money is held."""
    SENDING = "SENDING"
    """The gateway was asked, or was about to be, and its answer is missing: it may have paid."""
    SENT = "SENT"
    """The gateway has taken it and works on it."""
    PAID = "PAID"
    """The payee has the money."""
    RETURNING = "RETURNING"
    """It was not paid, or came back, and the broker is being asked to move the cash to the
    person's account again. The money is held until it is there; then it is its ``ending``."""
    RETURNED = "RETURNED"
    """It was paid and came back: the person has the money again."""
    FAILED = "FAILED"
    """It could not be paid: the hold is released."""
    CANCELLED = "CANCELLED"
    """Taken back in time by the person: the hold is released."""
    REJECTED = "REJECTED"
    """The second person did not agree: the hold is released."""


@dataclass(frozen=True, slots=True)
class PayoutMove:
    """A state that was entered, and when."""

    status: PayoutStatus
    at: datetime


_S = PayoutStatus
TRANSITIONS: Transitions[PayoutStatus] = {
    _S.IN_REVIEW: frozenset({_S.RAISING, _S.COOLING, _S.READY, _S.CANCELLED, _S.REJECTED}),
    _S.RAISING: frozenset({_S.COOLING, _S.READY, _S.CANCELLED, _S.FAILED}),
    _S.COOLING: frozenset({_S.READY, _S.CANCELLED, _S.REJECTED}),
    # Straight to RECALLED: the cash never left the firm. To FAILED: nor is there anywhere to go.
    _S.READY: frozenset({_S.RECALLING, _S.RECALLED, _S.CANCELLED, _S.REJECTED, _S.FAILED}),
    # Back to READY: the broker did not carry it out, and a new instruction needs a new key.
    _S.RECALLING: frozenset({_S.RECALLED, _S.READY}),
    # Straight to PAID: it had been paid although the gateway, or we, said that it was not.
    _S.RECALLED: frozenset(
        {_S.SENDING, _S.PAID, _S.CANCELLED, _S.RETURNING, _S.AWAITING_CONSENT},
    ),
    _S.AWAITING_CONSENT: frozenset({_S.RECALLED, _S.RETURNING}),
    # Back to RECALLED: the gateway certainly never saw it.
    _S.SENDING: frozenset(
        {_S.RECALLED, _S.SENT, _S.PAID, _S.FAILED, _S.RETURNED, _S.RETURNING},
    ),
    _S.SENT: frozenset({_S.PAID, _S.FAILED, _S.RETURNED, _S.RETURNING}),
    _S.PAID: frozenset({_S.RETURNED, _S.RETURNING}),
    # To RECALLING: meanwhile the gateway said that it was paid after all.
    _S.RETURNING: frozenset({_S.FAILED, _S.CANCELLED, _S.RETURNED, _S.RECALLING}),
    # Paid after all: the money leaves again if it is still there (RECALLING, or PAID when it is
    # with the firm), else the person owes it (PAID).
    _S.FAILED: frozenset({_S.PAID, _S.RECALLING}),
    _S.CANCELLED: frozenset({_S.PAID, _S.RECALLING}),
    _S.RETURNED: frozenset(),
    _S.REJECTED: frozenset(),
}
"""All legal moves; every other one is impossible."""

CANCELLABLE = frozenset(
    {_S.IN_REVIEW, _S.RAISING, _S.COOLING, _S.READY, _S.RECALLED, _S.AWAITING_CONSENT},
)
"""Until the gateway is asked, and not while the broker is. After RECALLED the cash goes back to
the person's broker account first: RETURNING."""
HOLDING = frozenset(
    {
        _S.IN_REVIEW,
        _S.RAISING,
        _S.COOLING,
        _S.READY,
        _S.RECALLING,
        _S.RECALLED,
        _S.AWAITING_CONSENT,
        _S.SENDING,
        _S.SENT,
        _S.RETURNING,
    }
)
"""The money is held in the wallet: all of it, but for what is still ``lacks_minor``."""
AT_BROKER = frozenset({_S.COOLING, _S.READY, _S.RECALLING, _S.RETURNING})
"""The broker's part is next, where the cash is at the broker."""
AT_GATEWAY = frozenset({_S.RECALLED, _S.AWAITING_CONSENT, _S.SENDING, _S.SENT})
"""The gateway's part is next."""
AWAITED = AT_BROKER | AT_GATEWAY | {_S.RAISING}
"""Something is to happen by itself."""
NOT_PAID = frozenset({_S.FAILED, _S.CANCELLED, _S.REJECTED, _S.RETURNED})
"""Nothing left: the person has, or got back, the money."""
