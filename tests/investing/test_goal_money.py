"""Money of several goals in one account: each is planned, bought and sold for by itself."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.investing.model import Side
from shared.investing.plan import Cause, plan_id
from shared.investing.reading import ask_from
from shared.investing.worths import worth_of_goals
from shared.kernel.money import Money
from shared.ledger.purses import Purse
from shared.portfolio.model import BASE
from shared.strategies.exclusions import Exclusions
from shared.strategies.goal_store import SavingStore
from shared.strategies.model import Style, equity_of
from tests.investing.conftest import PRICES
from tests.investing.goal_money import (
    a_goal,
    archive,
    by_tag,
    fill,
    invest,
    orders_of,
    plan,
    quotes,
    saver,
)


def test_a_deposit_for_a_goal_buys_by_the_goals_weights_with_its_own_money_only(
    world: Any,
) -> None:
    world.open_market()
    user_id = world.person(score=4)
    until = world.clock.now().date() + timedelta(days=400)
    goal = a_goal(world, user_id, until=until, style=Style.INCOME)
    excluded = Exclusions(user_id)
    after = excluded.changed(frozenset({"MTUM"}))
    world.facts.commit([SavingStore(world.database).exclude(excluded, after)])
    world.deposit(user_id, 70_000)
    made = invest(world, user_id, world.deposit(user_id, 20_000, goal_id=goal.goal_id))
    assert (made.goal_id, made.inputs.target.id) == (goal.goal_id, "income-4")
    assert equity_of(made.inputs.target.weights) == 2000
    assert "MTUM" not in orders_of(made)
    assert made.inputs.available_minor == 20_000
    assert sum(orders_of(made).values()) == 19_950
    assert made.decision.left_minor == 50
    wallet = world.wallet(user_id)
    assert (wallet.available, wallet.purses) == (70_050, {goal.tag: Purse(50)})
    orders = world.plans.orders(user_id, made.order_ids)
    assert {(one.goal_id, one.purse, one.closes) for one in orders} == {
        (goal.goal_id, goal.tag, (goal.tag,))
    }


def test_a_general_plan_leaves_what_waits_for_a_goal_and_both_spend_their_own(
    world: Any, make_fill: Any
) -> None:
    world.open_market()
    user_id = world.person(score=4)
    goal = a_goal(world, user_id, score=1)
    named = world.deposit(user_id, 20_000, goal_id=goal.goal_id)
    general = world.deposit(user_id, 10_000)
    first = invest(world, user_id, general)
    assert sum(orders_of(first).values()) == 9_975
    assert first.goal_id == ""
    fill(world, make_fill, first)
    second = invest(world, user_id, named)
    assert sum(orders_of(second).values()) == 19_950
    assert second.inputs.target.id == "factor-1"
    assert second.inputs.held == {}
    assert set(second.inputs.beside) == set(orders_of(first))
    fill(world, make_fill, second)
    shares = by_tag(world, user_id)
    assert set(shares) == {"", goal.tag}
    assert shares[""] == second.inputs.beside


def test_what_a_goals_orders_did_not_spend_is_the_goals_and_is_spent_by_its_next_plan(
    world: Any, make_fill: Any
) -> None:
    world.open_market()
    user_id = world.person(score=4)
    goal = a_goal(world, user_id)
    made = invest(world, user_id, world.deposit(user_id, 20_000, goal_id=goal.goal_id))
    orders = world.plans.orders(user_id, made.order_ids)
    # Half of one order is filled, and the rest of it expires.
    now, order = world.clock.now(), orders[0]
    half = make_fill(order, "half", "0.1", PRICES[order.symbol], now, total="0.1")
    world.booker.apply(half)
    for one in orders[1:]:
        price = Decimal(PRICES[one.symbol])
        shares = str((Decimal(one.notional_minor) / 100 / price).quantize(Decimal("1e-9")))
        world.booker.apply(make_fill(one, one.symbol, shares, str(price), now, total=shares))
    wallet, spent = world.wallet(user_id), Decimal(PRICES[order.symbol]) / 10
    unspent = 20_000 - sum(one.charged_minor for one in world.plans.orders(user_id, made.order_ids))
    assert unspent > order.notional_minor - int(spent * 100) - 1
    assert (wallet.available, wallet.purses) == (unspent, {goal.tag: Purse(unspent)})
    again = invest(world, user_id, world.deposit(user_id, 1_000, goal_id=goal.goal_id))
    assert again.inputs.available_minor == unspent + 1_000
    assert sum(orders_of(again).values()) > unspent


def test_a_rebalance_of_a_goal_sells_its_own_lots_and_its_second_plan_buys_with_what_they_bring(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill, style=Style.INCOME)
    before = by_tag(world, user_id)
    world.clock.advance(timedelta(days=1))
    world.open_market(AAAB="150")
    run = plan(world, user_id, Cause.REBALANCE, "run-1", goal_id=goal.goal_id)
    sells = [one for one in run.decision.orders if one.side is Side.SELL]
    assert [one.symbol for one in sells] == ["AAAB"]
    assert sells[0].nanos < before[goal.tag]["AAAB"] < before[goal.tag]["AAAB"] + before[""]["AAAB"]
    fill(world, make_fill, run, AAAB="150")
    after = by_tag(world, user_id)
    assert after[""] == before[""]
    assert after[goal.tag]["AAAB"] == before[goal.tag]["AAAB"] - sells[0].nanos
    (brought,) = [
        one.charged_minor
        for one in world.plans.orders(user_id, run.order_ids)
        if one.side is Side.SELL
    ]
    purse = world.wallet(user_id).purses[goal.tag]
    today = world.clock.now().date()
    assert purse.unsettled(today) == brought
    assert purse.unsettled(today + timedelta(days=4)) == 0
    # A general deposit in between does not touch it, and neither does a general rebalance.
    general = invest(world, user_id, world.deposit(user_id, 10_000))
    assert sum(orders_of(general).values()) <= 10_250
    fill(world, make_fill, general, AAAB="150")
    assert world.wallet(user_id).purses[goal.tag] == purse
    world.clock.advance(timedelta(days=4))
    world.open_market(AAAB="150")
    second = plan(world, user_id, Cause.REBALANCE, "run-2", goal_id=goal.goal_id, continues=True)
    assert {one.side for one in second.decision.orders} == {Side.BUY}
    assert sum(orders_of(second).values()) > brought * 9 // 10


def test_the_general_goal_takes_over_lots_and_cash_of_one_that_is_given_up(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    purse = world.wallet(user_id).purses[goal.tag].minor
    late = world.deposit(user_id, 5_000, goal_id=goal.goal_id)
    archive(world, goal)
    made = invest(world, user_id, late)
    assert (made.goal_id, made.inputs.beside) == ("", {})
    assert made.inputs.available_minor == world.wallet(user_id).posted
    assert made.inputs.available_minor >= purse + 5_000
    assert made.inputs.goal.closes == ("", goal.tag)
    assert world.wallet(user_id).purses == {}
    fill(world, make_fill, made)
    all_of_it = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=140_000)
    fill(world, make_fill, all_of_it)
    assert world.wallet(user_id).available >= 140_000


def test_worths_of_goals_are_exact_cents_that_sum_to_the_whole(world: Any, make_fill: Any) -> None:
    user_id, goal = saver(world, make_fill)
    world.deposit(user_id, 777, goal_id=goal.goal_id)
    world.deposit(user_id, 1_234, funded=False)
    state, known = world.positions.state(user_id), quotes(world)
    worths = worth_of_goals(state, known)
    whole = state.wallet(BASE).posted + sum(
        known[one.symbol].price.value_of(one.quantity).minor for one in state.positions.values()
    )
    assert sum(one.minor for one in worths.values()) == whole
    assert 50_000 + 777 - 20 <= worths[goal.goal_id].minor <= 50_000 + 777 + 20
    without = {name: one for name, one in known.items() if name != "QUAL"}
    assert worth_of_goals(state, without) == {}
    archive(world, goal)
    later = worth_of_goals(world.positions.state(user_id), known)
    assert later[goal.goal_id] == Money(0, BASE)
    assert sum(one.minor for one in later.values()) == whole


def test_a_message_names_the_goal_of_a_cause() -> None:
    subject = {"cause": "REBALANCE", "cause_id": "x", "goal_id": "gol_t1_x"}
    assert ask_from(subject).goal_id == "gol_t1_x"
    assert ask_from({"cause": "REBALANCE", "cause_id": "x"}).goal_id == ""


def test_a_plan_without_goals_is_stored_as_it_always_was(world: Any) -> None:
    user_id, made = world.invested()
    text = world.plans.plan(user_id, made).inputs.canonical()
    assert '"goal"' not in text
    assert '"tag"' not in text
    assert '"untargeted"' not in text


@pytest.mark.parametrize("foreign", ["gol_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_an_ask_for_a_goal_that_is_not_there_is_for_the_general_one(
    world: Any, make_fill: Any, foreign: str
) -> None:
    user_id, _ = saver(world, make_fill)
    made = plan(world, user_id, Cause.REBALANCE, "r", goal_id=foreign)
    assert made.goal_id == ""
    assert plan_id(made.cause_id) == made.plan_id
