"""Where a deposit may stand and where it may go from there, by method. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.states import Transitions
from shared.payments.methods import Method


class DepositStatus(StrEnum):
    """Where a deposit stands."""

    CREATED = "CREATED"
    """Recorded; the gateway does not know of it, or was asked in a way that may be repeated."""
    UNKNOWN = "UNKNOWN"
    """The gateway was asked, or was about to be, in a way that must not be repeated, and its
    answer is missing: the payer may or may not see a request."""
    ACTION_REQUIRED = "ACTION_REQUIRED"
    """The gateway waits for the payer: a page to visit, a prompt on the phone, a transfer to
    make."""
    PENDING = "PENDING"
    """The payer has done their part; the gateway or a bank works on it."""
    SETTLED = "SETTLED"
    """The gateway has the money and the wallet is credited, all of it still held."""
    FUNDING = "FUNDING"
    """The broker is being asked to move the firm's cash to the person's account."""
    FUNDED = "FUNDED"
    """The cash is in the person's broker account and free to be invested. It is looked after
    until it has its plan."""
    FAILED = "FAILED"
    """The gateway said no. A later proof of payment by the gateway still settles it."""
    CANCELLED = "CANCELLED"
    """The payer gave it up. A payment that was under way all the same still settles it."""
    EXPIRED = "EXPIRED"
    """Nobody paid in time as far as we know. A late payment still settles it."""
    REFUNDED = "REFUNDED"
    """All of it went back to the payer."""
    DISPUTED = "DISPUTED"
    """The payer's bank takes the money back, or has done so."""


@dataclass(frozen=True, slots=True)
class Move:
    """A state that was entered, and when."""

    status: DepositStatus
    at: datetime


_S = DepositStatus
_ENDED_UNPAID = frozenset({_S.FAILED, _S.CANCELLED, _S.EXPIRED})

_CREDITED_MOVES: dict[DepositStatus, frozenset[DepositStatus]] = {
    _S.FAILED: frozenset({_S.SETTLED}),
    _S.EXPIRED: frozenset({_S.SETTLED}),
    _S.SETTLED: frozenset({_S.FUNDING, _S.REFUNDED}),
    _S.FUNDING: frozenset({_S.FUNDED, _S.SETTLED}),
    _S.FUNDED: frozenset({_S.REFUNDED}),
    _S.REFUNDED: frozenset({_S.SETTLED, _S.FUNDED}),
}
"""What happens to money that came, whichever way it came. A refund that comes back to us makes
of REFUNDED what it was before."""

_DISPUTED_MOVES: dict[DepositStatus, frozenset[DepositStatus]] = {
    **_CREDITED_MOVES,
    _S.SETTLED: _CREDITED_MOVES[_S.SETTLED] | {_S.DISPUTED},
    _S.FUNDED: _CREDITED_MOVES[_S.FUNDED] | {_S.DISPUTED},
    _S.REFUNDED: _CREDITED_MOVES[_S.REFUNDED] | {_S.DISPUTED},
    _S.DISPUTED: frozenset({_S.SETTLED, _S.FUNDED, _S.REFUNDED}),
}
"""The same where the payer's bank may take money back. Of a dispute that was won it becomes what
it was before. During FUNDING a dispute waits for the broker's word, which takes seconds."""

TRANSITIONS: Mapping[Method, Transitions[DepositStatus]] = {
    Method.CARD: {
        **_DISPUTED_MOVES,
        _S.CREATED: frozenset({_S.ACTION_REQUIRED, _S.SETTLED}) | _ENDED_UNPAID,
        _S.UNKNOWN: frozenset(),
        _S.ACTION_REQUIRED: frozenset({_S.PENDING, _S.SETTLED}) | _ENDED_UNPAID,
        _S.PENDING: frozenset({_S.SETTLED}) | _ENDED_UNPAID,
        _S.CANCELLED: frozenset({_S.SETTLED}),
    },
    Method.BANK_DEBIT: {
        **_DISPUTED_MOVES,
        _S.CREATED: frozenset({_S.ACTION_REQUIRED, _S.PENDING, _S.SETTLED}) | _ENDED_UNPAID,
        _S.UNKNOWN: frozenset(),
        _S.ACTION_REQUIRED: frozenset({_S.PENDING, _S.SETTLED}) | _ENDED_UNPAID,
        # A debit that the bank works on cannot be called back.
        _S.PENDING: frozenset({_S.SETTLED, _S.FAILED, _S.EXPIRED}),
        _S.CANCELLED: frozenset({_S.PENDING, _S.SETTLED}),
        _S.EXPIRED: frozenset({_S.PENDING, _S.SETTLED}),
    },
    Method.BANK_TRANSFER: {
        **_CREDITED_MOVES,
        _S.CREATED: frozenset({_S.ACTION_REQUIRED, _S.PENDING, _S.SETTLED}) | _ENDED_UNPAID,
        _S.UNKNOWN: frozenset(),
        _S.ACTION_REQUIRED: frozenset({_S.PENDING, _S.SETTLED}) | _ENDED_UNPAID,
        _S.PENDING: frozenset({_S.SETTLED, _S.FAILED, _S.EXPIRED}),
        _S.CANCELLED: frozenset({_S.PENDING, _S.SETTLED}),
        _S.EXPIRED: frozenset({_S.PENDING, _S.SETTLED}),
        _S.DISPUTED: frozenset(),
    },
    Method.MPESA: {
        **_CREDITED_MOVES,
        _S.CREATED: frozenset({_S.UNKNOWN, _S.ACTION_REQUIRED, _S.SETTLED}) | _ENDED_UNPAID,
        _S.UNKNOWN: frozenset({_S.CREATED, _S.ACTION_REQUIRED, _S.SETTLED, _S.FAILED, _S.EXPIRED}),
        # A prompt cannot be called back: it is declined on the phone, or lapses.
        _S.ACTION_REQUIRED: frozenset({_S.SETTLED, _S.FAILED, _S.EXPIRED}),
        # Rows of an earlier version say PENDING for ACTION_REQUIRED.
        _S.PENDING: frozenset({_S.SETTLED, _S.FAILED, _S.EXPIRED}),
        _S.CANCELLED: frozenset({_S.SETTLED}),
        _S.DISPUTED: frozenset(),
    },
    Method.PAYBILL: {
        **_CREDITED_MOVES,
        _S.CREATED: frozenset(),
        # Told of by an unsigned message: M-Pesa itself is asked before anything counts.
        _S.UNKNOWN: frozenset({_S.SETTLED, _S.FAILED, _S.EXPIRED}),
        _S.ACTION_REQUIRED: frozenset(),
        _S.PENDING: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.DISPUTED: frozenset(),
    },
}
"""All legal moves; every other one is impossible."""

OPEN = frozenset({_S.CREATED, _S.UNKNOWN, _S.ACTION_REQUIRED, _S.PENDING})
"""The gateway's word is still awaited."""
AT_GATEWAY = frozenset({_S.SETTLED, _S.FUNDING})
"""The money is on its way to the broker."""
CREDITED = frozenset({_S.SETTLED, _S.FUNDING, _S.FUNDED, _S.REFUNDED, _S.DISPUTED})
"""The wallet has, or had, the money."""
