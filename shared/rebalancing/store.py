"""Reads and writes of runs and sweeps."""

from datetime import date, datetime

from shared.investing.inputs import Cause
from shared.investing.rebalanced import Mark, mark_from, mark_key, marks_of
from shared.investing.store import order_from, order_key, plan_from, plan_key
from shared.kernel.clock import Clock
from shared.platform import keys
from shared.platform.tables import Database, Put, Table
from shared.platform.work import ConditionFailed, Write
from shared.rebalancing.model import Run, goal_of
from shared.rebalancing.ports import Desk, RunPage, Segment
from shared.rebalancing.rows import (
    RunRow,
    SweepRow,
    place_of,
    run_from,
    run_key,
    run_row,
    segment_from,
    sweep_key,
    sweep_row,
)

_BEGUN = "BEGUN"


class RunStore:
    """See Runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def desk(self, user_id: str, plan_id: str) -> Desk | None:
        """See Runs."""
        key = plan_key(user_id, plan_id)
        found = self._database.get_many([key])
        plan = plan_from(found[key]) if key in found else None
        if plan is None or plan.cause is not Cause.REBALANCE:
            return None
        marks = self._marks(user_id)
        # The second plan of a run has a cause of its own, which the run knows. It may be for
        # another goal than the run's, which was given up meanwhile.
        names = {plan.cause_id, *(mark.run_id for mark in marks.values() if mark.run_id)}
        runs = [run_key(user_id, one) for one in sorted(names)]
        orders = [order_key(user_id, one) for one in plan.order_ids]
        found = self._database.get_many([*runs, *orders])
        known = [run_from(found[one]) for one in runs if one in found]
        first = [one for one in known if one.run_id == plan.cause_id]
        # One that waits again has a newer cause, and knows the plans before by their names.
        of_it = (r for r in known if r.cause_id == plan.cause_id or plan_id in r.plan_ids)
        run = next(iter((*first, *of_it)), None)
        goal_id = goal_of(plan) if run is None else run.goal_id
        mark = marks.get(goal_id, Mark(user_id, goal_id))
        return Desk(plan, [order_from(found[one]) for one in orders if one in found], run, mark)

    def _marks(self, user_id: str) -> dict[str, Mark]:
        first, last = keys.REBALANCED, f"{keys.REBALANCED}~"
        return marks_of(self._database.query(Table.CORE, keys.user(user_id), first, last).items)

    def mark(self, user_id: str, goal_id: str) -> Mark:
        """See Runs."""
        key = mark_key(user_id, goal_id)
        found = self._database.get_many([key])
        return mark_from(found[key]) if key in found else Mark(user_id, goal_id)

    def get(self, user_id: str, run_id: str) -> tuple[Run, Mark] | None:
        """See Runs."""
        key = run_key(user_id, run_id)
        found = self._database.get_many([key])
        if key not in found:
            return None
        run = run_from(found[key])
        return run, self.mark(user_id, run.goal_id)

    def of_person(self, user_id: str, limit: int, after: str | None = None) -> RunPage:
        """See Runs."""
        page = self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.RUNS,
            f"{keys.RUNS}~",
            newest_first=True,
            limit=limit,
            after=None if after is None else keys.run(after),
        )
        runs = tuple(run_from(item) for item in page.items)
        return RunPage(runs, runs[-1].run_id if page.after is not None and runs else None)

    def save(self, before: Run | None, after: Run) -> Write:
        """See Runs."""
        if before is None:
            return Put.new("run", run_row(after))
        return Put("run", run_row(after), RunRow.version == before.version)


class SweepStore:
    """See Sweeps."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, day: date, at: datetime) -> datetime:
        """See Sweeps."""
        key = sweep_key(day, _BEGUN)
        known = self._database.get(SweepRow, key.pk, key.sk)
        if known is None:
            try:
                self._database.write(Put.new("sweep", sweep_row(day, _BEGUN, at)))
            except ConditionFailed:
                # Another one began it a moment before: its time is the one that counts.
                known = self._database.get(SweepRow, key.pk, key.sk)
        return at if known is None else known.touched_at

    def segments(self, day: date) -> dict[int, Segment]:
        """See Sweeps."""
        page = self._database.query(Table.CORE, sweep_key(day, "").pk, "SEGMENT#", "SEGMENT#~")
        return {one.number: one for one in map(segment_from, page.items)}

    def segment(self, day: date, number: int) -> Segment:
        """See Sweeps."""
        key = sweep_key(day, place_of(number))
        found = self._database.get_many([key])
        return segment_from(found[key]) if key in found else Segment(number)

    def keep(self, day: date, segment: Segment) -> None:
        """See Sweeps."""
        row = sweep_row(
            day,
            place_of(segment.number),
            self._clock.now(),
            cursor=segment.cursor,
            done=segment.done,
            looked_at=segment.looked_at,
            asked=segment.asked,
        )
        self._database.write(Put("segment", row))
