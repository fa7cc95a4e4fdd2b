"""Runs that bring a portfolio to its target, as parts of what is shown of a person."""

import re
from datetime import date

import strawberry

from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Cursor, GoalId, PlanId
from shared.rebalancing.model import Run, RunStatus
from shared.rebalancing.store import RunStore
from shared.strategies.goals import general_goal_id

strawberry.enum(
    RunStatus, name="RebalanceStatus", description="How far a run of rebalancing has come."
)
_RUN = re.compile(r"run_[a-z][a-z0-9]{0,7}_[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


@object_type(description="A run that brings a goal of yours to its target: sales, then buys.")
class Rebalance:
    """See the description."""

    goal_id: GoalId = field(INHERITED, "Of which goal.")
    status: RunStatus = field(INHERITED, "How far it is.")
    why: str = field(
        INHERITED, "What made it due: BAND, CALENDAR, or REFUSED where a rule forbade it at once."
    )
    reason: str | None = field(
        INHERITED, "Why it stopped: the rule that forbids it, or how its orders ended."
    )
    plan_ids: list[PlanId] = field(
        INHERITED, "Its plans, the first one first; each says which orders it has, and why."
    )
    began_on: date = field(INHERITED, "The trading day on which it began.")
    next_on: date | None = field(
        INHERITED, "When what was sold has settled, and the next plan buys with it."
    )
    ended_on: date | None = field(INHERITED, "The trading day on which it ended.")


@object_type(description="Runs of rebalancing, as parts of what is shown of a person.")
class RebalanceFields:
    """See the description."""

    @field(SIGNED_IN, "Runs that brought your goals to their targets, newest first.")
    def rebalances(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Rebalance]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _RUN)
        context = info.context
        context.count_read()
        page = RunStore(context.app.database).of_person(context.user_id, size, place)
        return connection_of([(run.run_id, _view(run)) for run in page.runs], page.after)


def _view(run: Run) -> Rebalance:
    return Rebalance(
        goal_id=GoalId(run.goal_id or general_goal_id(run.user_id)),
        status=run.status,
        why=run.why,
        reason=run.reason,
        plan_ids=[PlanId(one) for one in run.plan_ids],
        began_on=run.began_on,
        next_on=run.next_on,
        ended_on=run.ended_on,
    )
