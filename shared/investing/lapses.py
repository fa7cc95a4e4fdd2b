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
_REASONS = {each.value for each in PLANNED_AGAIN} | {RefusalReason.EXPIRED.value}


class LapseRow(Row):
    """A plan that lapsed; ``pending`` and ``due`` are there until it is planned anew."""

    KIND: ClassVar[str] = "lapse"

    plan_id = UnicodeAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def lapsed(before: Order, after: Order, now: datetime) -> list[Write]:
    """What is written with the end of an order: a row, when a buy ended without having bought
    what it was for, and not because a person wanted that or the broker refused it."""
    if before.final or not after.final or after.side is not Side.BUY or after.ending is None:
        return []
    if after.ending.reason not in _REASONS:
        return []
    row = LapseRow(
        pk=keys.user(after.user_id),
        sk=_sort_key(after.plan_id),
        plan_id=after.plan_id,
        pending=pending_bucket(after.plan_id),
        due=to_text(now + PLANNED_AFTER),
    )
    return [Put("lapse", row)]


def over(user_id: str, plan_id: str) -> Write:
    """The write, named ``lapse``, after which nothing is awaited of a lapsed plan any more."""
    actions = (LapseRow.pending.remove(), LapseRow.due.remove())
    known = LapseRow.pk.exists()
    return Update("lapse", LapseRow, keys.user(user_id), _sort_key(plan_id), actions, known)


def _sort_key(plan_id: str) -> str:
    return f"LAPSE#{ulid_of(plan_id)}"
