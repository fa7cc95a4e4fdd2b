"""A run of rebalancing: a plan that sells, its settlement, and a plan that buys. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.investing.model import Order, Side
from shared.investing.plan import Outcome, Plan, PlanOutcome
from shared.kernel.ids import Kind, dated
from shared.kernel.states import Transitions, advance, is_final
from shared.market_data.calendar import settlement_day

NOT_DUE = frozenset({"WITHIN_BANDS", "COOLDOWN"})
"""Steps of a plan that found nothing to be done: no run begins with it."""
_DUE = ("BAND", "CALENDAR", "CONTINUES")
NOT_CONTINUED = "NOT_CONTINUED"
"""Why a run ends whose second plan waited for too long."""


class RunStatus(StrEnum):
    """Where a run stands."""

    TRADING = "TRADING"
    """Orders of its newest plan are open."""
    SETTLING = "SETTLING"
    """What was sold settles; then a plan buys with it."""
    COMPLETED = "COMPLETED"
    """The portfolio was brought to its target, or nothing was left to be traded."""
    STOPPED = "STOPPED"
    """It ended before that; ``reason`` says why."""


TRANSITIONS: Transitions[RunStatus] = {
    RunStatus.TRADING: frozenset({RunStatus.SETTLING, RunStatus.COMPLETED, RunStatus.STOPPED}),
    RunStatus.SETTLING: frozenset({RunStatus.TRADING, RunStatus.COMPLETED, RunStatus.STOPPED}),
    RunStatus.COMPLETED: frozenset(),
    RunStatus.STOPPED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run for one goal of a person. Days are business days."""

    run_id: str
    user_id: str
    goal_id: str
    """Empty for the general goal."""
    status: RunStatus
    why: str
    """What made it due: ``BAND`` or ``CALENDAR``; ``REFUSED`` where a rule came before that."""
    cause_id: str
    """Of the plan that it waits for, or whose orders are open."""
    plan_ids: tuple[str, ...]
    began_on: date
    created_at: datetime
    updated_at: datetime
    next_on: date | None = None
    """When it goes on."""
    ended_on: date | None = None
    reason: str | None = None
    """Why it stopped: a rule, or how the order ended."""
    version: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing more happens to it."""
        return is_final(TRANSITIONS, self.status)

    def moved(self, step: "Step", at: datetime) -> "Run":
        """After what was seen of its newest plan; IllegalTransition where that cannot be."""
        status = advance(TRANSITIONS, self.status, step.status)
        settling, following = status is RunStatus.SETTLING, str(len(self.plan_ids) + 1)
        return replace(
            self,
            status=status,
            cause_id=dated(Kind.RUN, self.run_id, at, following) if settling else self.cause_id,
            next_on=step.on if settling else None,
            ended_on=step.on if is_final(TRANSITIONS, status) else None,
            reason=step.reason,
            updated_at=at,
        )

    def planned(self, plan_id: str, at: datetime) -> "Run":
        """With another plan, whose orders are open or about to be."""
        if plan_id in self.plan_ids:
            return self
        return replace(
            self,
            status=RunStatus.TRADING,
            plan_ids=(*self.plan_ids, plan_id),
            next_on=None,
            updated_at=at,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a plan's orders."""

    status: RunStatus
    on: date
    """The day of it, or the day on which what was sold has settled."""
    reason: str | None = None


def run_id_of(user_id: str, goal_id: str, began: datetime, day: date) -> str:
    """The one run of a person's goal on a business day, in a sweep that began at ``began``."""
    return dated(Kind.RUN, user_id, began, goal_id, day.isoformat())


def continuation(run: Run) -> dict[str, str]:
    """The subject of the message that asks for a run's second plan."""
    subject = {
        "user_id": run.user_id,
        "cause": "REBALANCE",
        "cause_id": run.cause_id,
        "continues": "yes",
    }
    return subject | ({"goal_id": run.goal_id} if run.goal_id else {})


def due_by(plan: Plan) -> str | None:
    """What made a plan's rebalance due; None when it found that nothing is."""
    steps = [step.step for step in plan.decision.trace]
    if NOT_DUE.intersection(steps):
        return None
    refused = "REFUSED" if plan.decision.outcome is PlanOutcome.REFUSED else None
    return next((step for step in steps if step in _DUE), refused)


def goal_of(plan: Plan) -> str:
    """For which goal it was made; empty for the general one."""
    return "" if plan.inputs.goal is None else plan.inputs.goal.id


def begun(plan: Plan, day: date, at: datetime) -> Run:
    """The run that a plan begins."""
    return Run(
        run_id=plan.cause_id,
        user_id=plan.user_id,
        goal_id=goal_of(plan),
        status=RunStatus.TRADING,
        why=due_by(plan) or "",
        cause_id=plan.cause_id,
        plan_ids=(plan.plan_id,),
        began_on=day,
        created_at=at,
        updated_at=at,
    )


def step_of(plan: Plan, orders: Sequence[Order], day: date) -> Step | None:
    """What follows from a plan and its orders as they are; None while one of them is open.

    ``day`` is the plan's. Sales that were filled are followed by a plan that buys, whatever became
    of the others; without any, the first order that ended without a fill says why nothing follows.
    """
    if plan.decision.outcome is PlanOutcome.REFUSED:
        failed = (one.rule.value for one in plan.decision.checks if one.outcome is Outcome.FAIL)
        return Step(RunStatus.STOPPED, day, next(failed, None))
    if len(orders) < len(plan.order_ids) or not all(order.final for order in orders):
        return None
    if plan.inputs.continues and not orders and plan.inputs.unsettled_minor > 0:
        # The planner's day was still one on which what was sold has not settled: a run that ended
        # here would leave its money lying.
        return Step(RunStatus.SETTLING, settlement_day(day))
    ended = max((order.traded_on or day for order in orders), default=day)
    sold = [each for each in orders if each.side is Side.SELL and each.filled_nanos]
    if sold and not plan.inputs.continues:
        days = [settlement_day(each.traded_on or day) for each in sold]
        return Step(RunStatus.SETTLING, max(days))
    unfilled = [each for each in orders if not each.filled_nanos]
    sales = [each for each in unfilled if each.side is Side.SELL]
    if sales or (unfilled and len(unfilled) == len(orders)):
        return Step(RunStatus.STOPPED, ended, _reason(sales or unfilled))
    return Step(RunStatus.COMPLETED, ended)


def _reason(orders: Sequence[Order]) -> str:
    first = min(orders, key=lambda order: order.symbol)
    told = first.ending.reason if first.ending is not None else None
    return told or first.status.value
