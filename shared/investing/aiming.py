"""What a person's money is to be invested in: out of their goals, for planning and previews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.investing.inputs import Target
from shared.platform.tables import Item
from shared.portfolio.model import State
from shared.strategies.errors import NothingLeft
from shared.strategies.goal_store import Saving, saving_from
from shared.strategies.goals import Goal, GoalStatus
from shared.strategies.model import Strategy
from shared.strategies.targets import target_of

NOTHING_LEFT = "NOTHING_LEFT"
"""Why there is no target: what the person excludes leaves none."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The target of a goal on a day; without one ``missing`` may say why."""

    target: Target | None
    missing: str = ""


def saving_of(state: State[Item]) -> Saving:
    """A person's goals and exclusions out of their state."""
    return saving_from(state.user_id, state.saving)


def goal_of(saving: Saving, goal_id: str) -> Goal:
    """The goal for which is planned: the general one for no id, and for one that is archived or
    not there any more, since nothing is saved for it."""
    found = saving.goal(goal_id or None)
    active = found is not None and found.status is GoalStatus.ACTIVE
    return found if found is not None and active else saving.goals[0]


def strategy_ids(saving: Saving, score: int) -> frozenset[str]:
    """The strategies from which the person's goals may start."""
    return frozenset(goal.wish(score).strategy_id for goal in saving.goals)


def aim_of(
    saving: Saving,
    goal: Goal,
    score: int | None,
    strategies: Mapping[str, Strategy],
    today: date,
) -> Aim:
    """What the goal's money aims for today, out of the strategies in force."""
    if score is None:
        return Aim(None)
    try:
        found = target_of(goal.wish(score, saving.exclusions.symbols), strategies, today)
    except NothingLeft:
        return Aim(None, NOTHING_LEFT)
    if found is None:
        return Aim(None)
    return Aim(
        Target(id=found.id, version=found.version, score=found.score, weights=dict(found.weights))
    )
