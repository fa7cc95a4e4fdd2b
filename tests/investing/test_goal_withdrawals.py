"""Cash for a withdrawal is raised from the goal that it names, or from the general one first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from shared.investing.plan import Cause, PlanOutcome
from shared.investing.worths import worth_of_goals
from shared.kernel.money import Price, Quantity
from shared.market_data.model import Asset
from shared.market_data.universe import SYMBOLS, UNIVERSE
from shared.portfolio.model import BASE
from tests.investing.conftest import PRICES
from tests.investing.goal_money import a_goal, by_tag, fill, invest, plan, quotes, saver


def test_a_withdrawal_from_a_goal_takes_its_cash_and_its_lots_and_no_others(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    before, wallet = by_tag(world, user_id), world.wallet(user_id)
    had = wallet.purses[goal.tag].minor
    made = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=20_000, goal_id=goal.goal_id)
    assert made.inputs.available_minor == had
    assert world.wallet(user_id).purses[goal.tag].minor == had
    fill(world, make_fill, made)
    after = by_tag(world, user_id)
    assert after[""] == before[""]
    assert sum(after[goal.tag].values()) < sum(before[goal.tag].values())
    # What was raised waits in the goal's purse until it has settled and is held: another goal's
    # withdrawal cannot have it.
    brought = made.decision.proceeds_minor
    assert world.wallet(user_id).purses[goal.tag].minor == had + brought >= 20_000


def test_a_withdrawal_that_names_no_goal_sells_the_general_lots_while_they_suffice(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    before = by_tag(world, user_id)
    fill(world, make_fill, plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=60_000))
    after = by_tag(world, user_id)
    assert after[goal.tag] == before[goal.tag]
    assert sum(after[""].values()) < sum(before[""].values())


def test_a_withdrawal_of_more_than_the_general_goal_has_sells_of_all_the_general_lots_first(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    made = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=120_000)
    assert made.decision.outcome is PlanOutcome.PLANNED
    fill(world, make_fill, made)
    after = by_tag(world, user_id)
    assert set(after) == {goal.tag}
    assert world.wallet(user_id).available >= 120_000


def test_general_lots_that_cannot_be_sold_do_not_count_for_a_withdrawal(
    world: Any, make_fill: Any
) -> None:
    user_id, _ = saver(world, make_fill)
    stopped = Asset("QUAL", "", UNIVERSE["QUAL"].type, "id-QUAL", False, True, world.clock.now())
    world.market.keep_assets([stopped])
    made = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=98_000)
    assert made.decision.outcome is PlanOutcome.PLANNED
    assert "QUAL" not in {one.symbol for one in made.decision.orders}
    assert made.decision.proceeds_minor + made.inputs.available_minor >= 98_000


def test_general_crumbs_that_no_order_takes_do_not_count_for_a_withdrawal(
    world: Any, make_fill: Any
) -> None:
    world.open_market()
    user_id = world.person(score=4)
    goal = a_goal(world, user_id)
    fill(world, make_fill, invest(world, user_id, world.deposit(user_id, 1_060)))
    named = world.deposit(user_id, 50_000, goal_id=goal.goal_id)
    fill(world, make_fill, invest(world, user_id, named))
    world.clock.advance(timedelta(minutes=1))
    world.open_market(SIZE="121")
    worths = {
        name: Price(Decimal((PRICES | {"SIZE": "121"})[name]), BASE).value_of(Quantity(nanos)).minor
        for name, nanos in by_tag(world, user_id)[""].items()
    }
    whole = sum(worths.values())
    assert 20 < worths["SIZE"] < 100
    need = whole - 12
    assert whole - worths["SIZE"] < need < need + -(-need * 25 // 10_000) <= whole
    cash = world.wallet(user_id).available
    made = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=cash + need)
    assert made.decision.outcome is PlanOutcome.PLANNED
    assert made.decision.proceeds_minor >= need


def test_selling_all_that_a_goal_has_of_a_symbol_does_not_close_the_position(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    worth = worth_of_goals(world.positions.state(user_id), quotes(world))[goal.goal_id].minor
    made = plan(
        world, user_id, Cause.WITHDRAWAL, "w", amount_minor=worth - 10, goal_id=goal.goal_id
    )
    assert {one.exit for one in made.decision.orders} == {False}
    fill(world, make_fill, made)
    assert set(by_tag(world, user_id)[""]) == set(SYMBOLS)
    everything = world.positions.state(user_id).positions
    assert all(one.owed_nanos == 0 for one in everything.values())


def test_crumbs_of_a_symbol_that_another_goal_holds_are_not_sold_and_it_is_told(
    world: Any, make_fill: Any
) -> None:
    """An order of less than the minimum is only taken where it closes the position."""
    world.open_market()
    user_id = world.person(score=4)
    goal = a_goal(world, user_id)
    fill(world, make_fill, invest(world, user_id, world.deposit(user_id, 100_000)))
    named = world.deposit(user_id, 1_100, goal_id=goal.goal_id)
    made = invest(world, user_id, named)
    fill(world, make_fill, made)
    world.open_market(SIZE="10")
    small = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=900, goal_id=goal.goal_id)
    assert small.decision.outcome is PlanOutcome.PLANNED
    assert "SIZE" not in {one.symbol for one in small.decision.orders}
    left = {one.symbol: one.reason for one in small.decision.left_out}
    assert left["SIZE"] == "BELOW_MIN"
