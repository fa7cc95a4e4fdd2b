"""Which way an order goes, where it stands, and why it is canceled. Pure."""

from enum import StrEnum

from shared.kernel.states import Transitions


class Side(StrEnum):
    """Which way the shares go."""

    BUY = "BUY"
    SELL = "SELL"


class OrderStatus(StrEnum):
    """Where an order stands. It ends only when all fills that the broker counts are booked."""

    PLANNED = "PLANNED"
    """Money is reserved; nothing was sent yet."""
    UNKNOWN = "UNKNOWN"
    """It was sent and no answer came: looked up before anything else is done."""
    SUBMITTED = "SUBMITTED"
    """The broker has it."""
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    """Some shares were traded, or the broker has ended it and a fill is still on its way."""
    PENDING_CANCEL = "PENDING_CANCEL"
    """Somebody wants it canceled; how it ends the broker's events tell."""
    FILLED = "FILLED"
    """All was traded."""
    REJECTED = "REJECTED"
    """The broker did not take it; the reservation is released."""
    CANCELED = "CANCELED"
    """Ended before all was traded; what was traded stays, the rest is released."""
    EXPIRED = "EXPIRED"
    """The session ended before all was traded; as CANCELED."""
    REPLACED = "REPLACED"
    """The broker put another order in its place and does not tell which; as CANCELED. Where it
    tells, this order goes on as that one."""


_ENDS = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.REJECTED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REPLACED,
    }
)
_MOVING = frozenset({OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_CANCEL}) | _ENDS
TRANSITIONS: Transitions[OrderStatus] = {
    OrderStatus.PLANNED: frozenset({OrderStatus.UNKNOWN, OrderStatus.SUBMITTED}) | _MOVING,
    OrderStatus.UNKNOWN: frozenset({OrderStatus.SUBMITTED}) | _MOVING,
    OrderStatus.SUBMITTED: _MOVING,
    OrderStatus.PARTIALLY_FILLED: frozenset({OrderStatus.PENDING_CANCEL}) | _ENDS,
    OrderStatus.PENDING_CANCEL: _ENDS,
    **dict.fromkeys(_ENDS, frozenset()),
}


class CancelReason(StrEnum):
    """Why an order is to be canceled, as its ending then says."""

    CANCELED = "CANCELED"
    """Somebody of staff wants it."""
    PRICES_STALE = "PRICES_STALE"
    """It was not sent while the prices that it was planned with were young enough."""
    SYMBOL_PAUSED = "SYMBOL_PAUSED"
    """Buying of its asset was stopped meanwhile."""
    TRADING_HOLD = "TRADING_HOLD"
    """Automatic trading of the person was stopped meanwhile."""
    CORPORATE_ACTION = "CORPORATE_ACTION"
    """What a share stands for changes, by a split for example."""
