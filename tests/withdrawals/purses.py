"""A bank account that is known for long, and goals with money of their own."""

from datetime import timedelta
from typing import Any

from shared.kernel.ids import Kind
from shared.ledger.purses import PurseMove
from shared.platform.tables import as_changes
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal
from tests.withdrawals.conftest import AMERICAN, World


def bank_of(world: World) -> Any:
    account = world.bank(AMERICAN)
    world.clock.advance(timedelta(days=30))
    world.rate()
    return account


def a_goal(world: World) -> Goal:
    goal = Goal(world.user_id, world.ids.new(Kind.GOAL), sealed=b"sealed", version=1)
    world.database.transact(as_changes([SavingStore(world.database).save(None, goal)]))
    return goal


def purse_of(world: World, goal: Goal, minor: int) -> None:
    """So much of the free cash is the goal's."""
    write = world.ledger.reserve(world.wallet(), 0, orders=0, purses=[PurseMove(goal.tag, minor)])
    world.database.transact(as_changes([write]))
