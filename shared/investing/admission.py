"""Whether an order may still go to the broker when it is about to be sent. Pure.

A plan was judged when it was made. Between that and the sending, and while an order rests at the
broker, the world may have changed: so what can change is looked at again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.investing.inputs import RAISING, Cause
from shared.investing.model import CancelReason, Order, Side
from shared.investing.ports import Road

LAPSES_AFTER = timedelta(minutes=15)
"""An order that was not sent so long after its plan was made is not sent any more: the plan rests
on prices that were two minutes old at most. What it was made for is planned anew."""
RESTRICTED = "RESTRICTED"
"""Why an order of an asset waits that may not be traded."""
PLANNED_AGAIN = frozenset(
    {
        CancelReason.PRICES_STALE,
        CancelReason.SYMBOL_PAUSED,
        CancelReason.TRADING_HOLD,
        CancelReason.CORPORATE_ACTION,
    }
)
"""Reasons after which the money waits for a new plan. What staff cancel is not bought again."""


@dataclass(frozen=True, slots=True)
class Go:
    """It may be sent, or stay at the broker."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now; nothing is lost."""

    obstacle: str


@dataclass(frozen=True, slots=True)
class Lapse:
    """Not any more: it is to be canceled."""

    why: CancelReason


type Verdict = Go | Wait | Lapse


def to_send(order: Order, cause: Cause, road: Road, now: datetime) -> Verdict:
    """What becomes of an order that the broker does not have.

    What raises cash for a withdrawal or a fee goes: people get their money back on the worst of
    days, and the broker keeps an order of the night until the bell. Only what may not be traded
    at all, by the restricted list, waits; not for ever, since something else can be sold instead.
    """
    if order.symbol in road.frozen:
        return Lapse(CancelReason.SYMBOL_PAUSED) if _old(order, now) else Wait(RESTRICTED)
    if cause in RAISING:
        return Go()
    if _old(order, now):
        return Lapse(CancelReason.PRICES_STALE)
    obstacle = _obstacle(order, road)
    return Go() if obstacle is None else Wait(obstacle)


def at_rest(order: Order, cause: Cause, road: Road) -> Verdict:
    """What becomes of an order that the broker has and that has not ended.

    What stops everybody's orders stops new ones alone; what is wrong with this person or this
    asset also takes back what rests there.
    """
    if cause in RAISING:
        return Go()
    if order.symbol in road.frozen:
        return Lapse(CancelReason.SYMBOL_PAUSED)
    if road.held:
        return Lapse(CancelReason.TRADING_HOLD)
    if order.side is Side.BUY and order.symbol in road.paused:
        return Lapse(CancelReason.SYMBOL_PAUSED)
    return Go()


def _old(order: Order, now: datetime) -> bool:
    begun = order.created_at or order.submitted_at
    return begun is not None and now - begun >= LAPSES_AFTER


def _obstacle(order: Order, road: Road) -> str | None:
    if road.stopped:
        return f"BREAKER:{min(road.stopped)}"
    if road.held:
        return CancelReason.TRADING_HOLD.value
    if order.side is Side.BUY and order.symbol in road.paused:
        return CancelReason.SYMBOL_PAUSED.value
    return None if road.market_open else "MARKET_CLOSED"
