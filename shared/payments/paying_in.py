"""Who may pay in, and for which goal: asked of deposits, and of all that makes deposits later."""

from shared.kernel.errors import NotFound
from shared.payments.errors import BrokerAccountRefused, IdentityNotApproved, RiskProfileMissing
from shared.payments.ports import Purposes, Standing
from shared.strategies.errors import GoalArchived
from shared.strategies.goals import GoalStatus


def check_may_pay_in(standing: Standing) -> None:
    """Raises IdentityNotApproved, RiskProfileMissing or BrokerAccountRefused."""
    if not standing.identity_approved:
        raise IdentityNotApproved()
    if not standing.risk_assessed:
        raise RiskProfileMissing()
    if standing.broker_refused:
        raise BrokerAccountRefused()


def saved_for(goals: Purposes, user_id: str, goal_id: str | None) -> str:
    """The goal as it is recorded: empty for the general one, which is meant without any, too.
    NotFound when it is none of the person's, GoalArchived when it was given up."""
    if goal_id is None:
        return ""
    goal = goals.get(user_id, goal_id)
    if goal is None:
        raise NotFound(what="The goal")
    if goal.status is GoalStatus.ARCHIVED:
        raise GoalArchived()
    return "" if goal.general else goal.goal_id
