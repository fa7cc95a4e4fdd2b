"""Plans whose buys were not carried out: what was meant for them is planned anew, once.

A row remembers such a plan until the new one is made, so that neither a crash nor a weekend loses
it; the sweep asks for it. It is written by the fact that ends the order, and is over by the fact
that makes the new plan.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.investing.admission import PLANNED_AGAIN
from shared.investing.model import Order, Side
from shared.investing.ports import RefusalReason
from shared.kernel.clock import to_text
from shared.kernel.ids import ulid_of
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Put, Row, Update
from shared.platform.work import Write

PLANNED_AFTER = timedelta(minutes=10)
"""A pause of one symbol, and what makes a broker slow, is mostly over by then."""
BROKERS_AFTER = timedelta(hours=1)
"""What the broker or the exchange ended by itself has a reason that lasts longer, and asking again
and again must not become a storm: a few times in a session, and no more."""
SMALLEST_MINOR = 100
"""Cents. Less than the smallest order buys nothing: an order that left so little is done."""
_SOON = {each.value for each in PLANNED_AGAIN} | {RefusalReason.EXPIRED.value}
_LATER = {RefusalReason.CANCELED_BY_BROKER.value, RefusalReason.HALTED.value}


class LapseRow(Row):
    """A plan that lapsed; ``pending`` and ``due`` are there until it is planned anew."""

    KIND: ClassVar[str] = "lapse"

    plan_id = UnicodeAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def lapsed(before: Order, after: Order, now: datetime) -> list[Write]:
    """What is written with the end of an order: a row, when a buy ended without having bought
    what it was for, and not because a person wanted that or the broker refused it. A halt is no
    refusal: it passes. When orders of one plan end for several reasons the last one says when."""
    if before.final or not after.final or after.side is not Side.BUY or after.ending is None:
        return []
    reason = after.ending.reason
    if _bought(after) or reason not in _SOON | _LATER:
        return []
    waits = PLANNED_AFTER if reason in _SOON else BROKERS_AFTER
    row = LapseRow(
        pk=keys.user(after.user_id),
        sk=_sort_key(after.plan_id),
        plan_id=after.plan_id,
        pending=pending_bucket(after.plan_id),
        due=to_text(now + waits),
    )
    return [Put("lapse", row)]


def _bought(order: Order) -> bool:
    """Whether it has all its shares, or nothing worth an order is left of its money."""
    whole = bool(order.nanos) and order.filled_nanos >= order.nanos
    return whole or order.released_minor < SMALLEST_MINOR


def over(user_id: str, plan_id: str) -> Write:
    """The write, named ``lapse``, after which nothing is awaited of a lapsed plan any more."""
    actions = (LapseRow.pending.remove(), LapseRow.due.remove())
    known = LapseRow.pk.exists()
    return Update("lapse", LapseRow, keys.user(user_id), _sort_key(plan_id), actions, known)


def _sort_key(plan_id: str) -> str:
    return f"LAPSE#{ulid_of(plan_id)}"
