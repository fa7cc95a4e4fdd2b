"""Runs follow what becomes of their plans: a look at a plan writes down how far its run has come.

A look may be repeated and come in any order: it is about what is stored, not about what was told.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from shared.investing.plan import Plan, plan_id
from shared.investing.rebalanced import Mark, MarkStatus, marked
from shared.kernel.clock import Clock
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race
from shared.rebalancing.model import (
    NOT_CONTINUED,
    Run,
    RunStatus,
    Step,
    begun,
    due_by,
    step_of,
)
from shared.rebalancing.ports import Desk, Runs

TRIES = 8
RESTS = timedelta(days=7)
"""After a run that was stopped nobody asks for another one before this."""
PATIENCE = timedelta(days=10)
"""So long after it might have gone on, a run is given up."""


class Continuations(Protocol):
    """Asks for the second plan of a run."""

    def ask(self, run: Run) -> None:
        """At least once; what was planned before is planned no second time."""


class Follower:
    """Keeps runs and marks in step with plans and orders."""

    def __init__(
        self,
        runs: Runs,
        facts: UnitOfWork,
        clock: Clock,
        today: Callable[[], date | None],
        plans: Continuations,
        pause: Callable[[int], None],
    ) -> None:
        self._runs = runs
        self._facts = facts
        self._clock = clock
        self._today = today
        self._plans = plans
        self._pause = pause

    def look(self, user_id: str, plan_id: str) -> Run | None:
        """The run of a plan as it stands now; None when the plan belongs to none.

        Raises TemporarilyUnavailable when other writers kept interfering.
        """
        return retry_lost_race(lambda: self._look(user_id, plan_id), tries=TRIES, pause=self._pause)

    def go_on(self, user_id: str, goal_id: str) -> Run | None:
        """As ``resume``, of the run that is under way for a goal; None when none is."""
        mark = self._runs.mark(user_id, goal_id)
        if mark.status is MarkStatus.IDLE:
            return None
        return self.resume(user_id, mark.run_id)

    def resume(self, user_id: str, run_id: str) -> Run | None:
        """Whatever a run waits for is looked at, or asked for again; None when there is no such
        run."""
        found = self._runs.get(user_id, run_id)
        if found is None or found[0].final:
            return None if found is None else found[0]
        run, _ = found
        waits_for = run.plan_ids[-1] if run.status is RunStatus.TRADING else plan_id(run.cause_id)
        seen = self.look(user_id, waits_for)
        if seen is not None and seen.version != run.version:
            return seen
        return self._waited(*found)

    def _look(self, user_id: str, plan_id: str) -> Run | None:
        desk = self._runs.desk(user_id, plan_id)
        if desk is None:
            return None
        now, before = self._clock.now(), desk.run
        day = _day_of(desk.plan)
        run = before if before is not None else self._new(desk, day, now)
        if run is None or run.final:
            return run
        if before is not None and plan_id in run.plan_ids[:-1]:
            # News of the first plan while the second one is under way.
            return run
        if plan_id not in run.plan_ids:
            run = run.planned(plan_id, now)
        step = step_of(desk.plan, desk.orders, day)
        if step is not None and run.status is RunStatus.TRADING:
            run = run.moved(step, now)
        if run == before:
            return run
        return self._saved(before, run, desk.mark)

    def _new(self, desk: Desk, day: date, now: datetime) -> Run | None:
        if desk.plan.inputs.continues or due_by(desk.plan) is None:
            return None
        return begun(desk.plan, day, now)

    def _waited(self, run: Run, mark: Mark) -> Run:
        """Still the same: ask for what should have come, and look again later."""
        today, now = self._today(), self._clock.now()
        after = replace(run, updated_at=now)
        if run.next_on is not None and today is not None and run.next_on <= today:
            if today > run.next_on + PATIENCE:
                step = Step(RunStatus.STOPPED, today, NOT_CONTINUED)
                return self._saved(run, run.moved(step, now), mark)
            self._plans.ask(run)
        try:
            return self._saved(run, after, mark)
        except LostRace:
            # Somebody else has moved it on.
            return run

    def _saved(self, before: Run | None, after: Run, mark: Mark) -> Run:
        writes = [self._runs.save(before, after)]
        marked_as = mark_after(mark, after)
        if marked_as != mark:
            writes.append(marked(mark, marked_as))
        try:
            self._facts.commit(writes)
        except ConditionFailed as failed:
            raise LostRace from failed
        return replace(after, version=after.version + 1)


def mark_after(mark: Mark, run: Run) -> Mark:
    """What the person's state says once a run stands like this. A run that another one has
    overtaken changes nothing but the last day on which one was completed."""
    days = [mark.completed_on, run.ended_on if run.status is RunStatus.COMPLETED else None]
    last = max((day for day in days if day is not None), default=None)
    others = mark.status is not MarkStatus.IDLE and mark.run_id != run.run_id
    if others:
        return replace(mark, completed_on=last)
    match run.status:
        case RunStatus.TRADING:
            status, until = MarkStatus.TRADING, None
        case RunStatus.SETTLING:
            status, until = MarkStatus.SETTLING, run.next_on
        case RunStatus.STOPPED:
            status, until = MarkStatus.IDLE, (run.ended_on or run.began_on) + RESTS
        case RunStatus.COMPLETED:
            status, until = MarkStatus.IDLE, None
    return replace(mark, status=status, run_id=run.run_id, until=until, completed_on=last)


def _day_of(plan: Plan) -> date:
    return (plan.inputs.business_now or plan.created_at).date()
