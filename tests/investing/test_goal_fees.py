"""A fee of somebody all of whose shares belong to goals with names."""

from typing import Any

import pytest

from shared.investing.model import Side
from shared.investing.plan import Cause, Outcome, PlanOutcome, Rule
from tests.investing.goal_money import a_goal, by_tag, fill, invest, plan


@pytest.fixture
def named(world: Any, make_fill: Any) -> Any:
    """Two goals of 500.00 and 300.00, all of it invested but the buffer, and no general money."""
    world.open_market()
    user_id = world.person(score=4)
    goals = [a_goal(world, user_id) for _ in range(2)]
    for goal, cents in zip(goals, (50_000, 30_000), strict=True):
        deposit_id = world.deposit(user_id, cents, goal_id=goal.goal_id)
        fill(world, make_fill, invest(world, user_id, deposit_id))
    assert set(by_tag(world, user_id)) == {goal.tag for goal in goals}
    return user_id, goals


def test_a_fee_that_the_cash_of_goals_pays_sells_nothing(world: Any, named: Any) -> None:
    user_id, _ = named
    free = world.wallet(user_id).available
    made = plan(world, user_id, Cause.FEE, "fee", amount_minor=free)
    assert made.decision.outcome is PlanOutcome.ON_TARGET
    assert (made.inputs.available_minor, made.decision.orders) == (free, ())


def test_a_fee_above_their_cash_sells_shares_of_goals_and_no_more_than_it_needs(
    world: Any, make_fill: Any, named: Any
) -> None:
    user_id, goals = named
    before, free = by_tag(world, user_id), world.wallet(user_id).available
    fee = free + 2_000
    made = plan(world, user_id, Cause.FEE, "fee", amount_minor=fee)
    assert made.decision.outcome is PlanOutcome.PLANNED
    assert {one.side for one in made.decision.orders} == {Side.SELL}
    # All goals' lots may be closed, and the general one, which has none.
    assert made.inputs.goal is None
    assert made.inputs.held == {
        symbol: sum(before[goal.tag][symbol] for goal in goals) for symbol in before[goals[0].tag]
    }
    cushion = -(-2_000 * made.inputs.rules.cushion_bp // 10_000)
    assert 2_000 + cushion <= made.decision.proceeds_minor <= 2_000 + cushion + 6
    fill(world, make_fill, made)
    after = by_tag(world, user_id)
    sold = {
        symbol: made.inputs.held[symbol] - sum(after[tag].get(symbol, 0) for tag in after)
        for symbol in made.inputs.held
    }
    assert sold == dict.fromkeys(sold, 0) | {one.symbol: one.nanos for one in made.decision.orders}
    wallet = world.wallet(user_id)
    assert wallet.available >= fee
    # What was raised waits in the general purse, from which the fee is taken.
    assert wallet.available - sum(purse.minor for purse in wallet.purses.values()) >= 2_000
    assert set(after) == {goal.tag for goal in goals}


def test_a_fee_of_more_than_there_is_says_what_is_missing(world: Any, named: Any) -> None:
    user_id, _ = named
    made = plan(world, user_id, Cause.FEE, "fee", amount_minor=90_000)
    assert (made.decision.outcome, made.decision.orders) == (PlanOutcome.REFUSED, ())
    (failed,) = (one for one in made.decision.checks if one.outcome is Outcome.FAIL)
    assert failed.rule is Rule.COVERED
    # 800.00 less what buys were rounded by.
    assert 10_000 <= int(failed.values["missing_minor"]) <= 10_010
