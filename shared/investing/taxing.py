"""What a booking tells the report about gains: each sale as it stands, in the same fact. Pure."""

from shared.investing.model import Order, Side
from shared.investing.movements import Moves
from shared.investing.ports import Booking, TradeEvent
from shared.platform.work import Write
from shared.portfolio.lots import cost_of
from shared.taxes.disposals import Disposal, DisposalKind
from shared.taxes.rows import adjusted, key_of, sold


def taxed(booking: Booking, moves: Moves, event: TradeEvent) -> list[Write]:
    """A sale's line anew, and a line for what else changed the gains so far: shares that are made
    up for, or stand in for others. All lines together are what positions have realised."""
    before, after = booking.order, moves.order
    told: list[Write] = []
    known = 0
    if after.side is Side.SELL:
        line = _line(before, after)
        if line is not None:
            told += sold(line, before.traded_on)
        known = _gained(after) - _gained(before)
    more = moves.position.realised_minor - booking.position.realised_minor - known
    if more:
        told.append(adjusted(_correction(after, event, more)))
    return told


def _line(before: Order, after: Order) -> Disposal | None:
    """None when nothing of it was ever sold."""
    day = after.traded_on or before.traded_on
    if day is None:
        return None
    return Disposal(
        user_id=after.user_id,
        key=key_of(after.order_id),
        day=day,
        kind=DisposalKind.SALE,
        symbol=after.symbol,
        nanos=after.filled_nanos,
        proceeds_minor=after.charged_minor,
        closed=after.closed,
    )


def _gained(order: Order) -> int:
    return order.charged_minor - cost_of(order.closed)


def _correction(order: Order, event: TradeEvent, minor: int) -> Disposal:
    """Its name is the event's: each moves something once."""
    back = "" if event.taken_back is None else event.taken_back.key
    more = "" if event.execution is None else event.execution.key
    return Disposal(
        user_id=order.user_id,
        key=key_of(order.order_id, f"{back}-{more}"),
        day=event.at.date(),
        kind=DisposalKind.CORRECTED,
        symbol=order.symbol,
        adjusted_minor=minor,
    )
