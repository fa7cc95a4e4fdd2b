"""Rows of runs and of sweeps."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.kernel.ids import Kind, cell_of
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import InstantAttribute, Item, Key, Row, Table
from shared.rebalancing.model import Run, RunStatus
from shared.rebalancing.ports import Segment

LOOKED_AGAIN = {RunStatus.TRADING: timedelta(minutes=30), RunStatus.SETTLING: timedelta(hours=1)}
"""So long after it was last looked at the sweep of unfinished things looks at a run."""
KEPT = timedelta(days=30)
"""How long the rows of a day's sweep are there."""


class RunRow(Row):
    """See Run."""

    KIND: ClassVar[str] = "rebalance_run"

    goal_id = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    why = UnicodeAttribute()
    cause_id = UnicodeAttribute()
    plan_ids = UnicodeAttribute()
    began_on = UnicodeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    next_on = UnicodeAttribute(null=True)
    ended_on = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    version = NumberAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class SweepRow(Row):
    """A segment of a day's sweep; ``BEGUN`` for when the whole began."""

    KIND: ClassVar[str] = "portfolio_sweep"

    cursor = UnicodeAttribute(null=True)
    done = BooleanAttribute(default=False)
    looked_at = NumberAttribute(default=0)
    asked = NumberAttribute(default=0)
    touched_at = InstantAttribute()
    expires_at = NumberAttribute()


def run_key(user_id: str, run_id: str) -> Key:
    """Where a run lies."""
    return Key(Table.CORE, keys.user(user_id), keys.run(run_id))


def run_from(item: Item) -> Run:
    """A run out of an item that somebody else read."""
    row = item.to(RunRow)
    user_id = keys.owner_of(row.pk)
    return Run(
        run_id=f"{Kind.RUN.value}_{cell_of(user_id)}_{row.sk.removeprefix(keys.RUNS)}",
        user_id=user_id,
        goal_id=row.goal_id or "",
        status=RunStatus(row.status),
        why=row.why,
        cause_id=row.cause_id,
        plan_ids=tuple(row.plan_ids.split()),
        began_on=date.fromisoformat(row.began_on),
        created_at=row.created_at,
        updated_at=row.updated_at,
        next_on=_day(row.next_on),
        ended_on=_day(row.ended_on),
        reason=row.reason,
        version=int(row.version),
    )


def run_row(run: Run) -> RunRow:
    """As it is written."""
    return RunRow(
        pk=keys.user(run.user_id),
        sk=keys.run(run.run_id),
        goal_id=run.goal_id or None,
        status=run.status.value,
        why=run.why,
        cause_id=run.cause_id,
        plan_ids=" ".join(run.plan_ids),
        began_on=run.began_on.isoformat(),
        created_at=run.created_at,
        updated_at=run.updated_at,
        next_on=_text(run.next_on),
        ended_on=_text(run.ended_on),
        reason=run.reason,
        version=run.version + 1,
        **_awaited(run),
    )


def sweep_key(day: date, place: str) -> Key:
    """Where a row of a day's sweep lies."""
    return Key(Table.CORE, f"SWEEP#{day.isoformat()}", place)


def place_of(number: int) -> str:
    """Sort key of a segment."""
    return f"SEGMENT#{number:02}"


def segment_from(item: Item) -> Segment:
    """A segment out of an item that somebody else read."""
    row = item.to(SweepRow)
    return Segment(
        number=int(row.sk.rpartition("#")[2]),
        cursor=row.cursor,
        done=bool(row.done),
        looked_at=int(row.looked_at),
        asked=int(row.asked),
        touched_at=row.touched_at,
    )


def sweep_row(day: date, place: str, at: datetime, **values: Any) -> SweepRow:
    """A row of a day's sweep, touched now."""
    key = sweep_key(day, place)
    expires = int((at + KEPT).timestamp())
    return SweepRow(pk=key.pk, sk=key.sk, touched_at=at, expires_at=expires, **values)


def _awaited(run: Run) -> dict[str, Any]:
    if run.final:
        return {}
    return {
        "pending": pending_bucket(run.run_id),
        "due": to_text(run.updated_at + LOOKED_AGAIN[run.status]),
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
