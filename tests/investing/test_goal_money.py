"""Money of several goals in one account: each is planned, bought and sold for by itself."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest

from shared.investing.inputs import Inputs
from shared.investing.model import Side
from shared.investing.plan import Cause, PlanOutcome, Rules, plan_id
from shared.investing.planning import decide
from shared.investing.reading import Ask, ask_from
from shared.investing.worths import worth_of_goals
from shared.kernel.ids import Kind, derived
from shared.kernel.money import Money, Price, Quantity
from shared.ledger.purses import Purse
from shared.market_data.model import Asset, Quote
from shared.market_data.universe import SYMBOLS, UNIVERSE
from shared.portfolio.model import BASE
from shared.strategies.exclusions import Exclusions
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, Terms
from shared.strategies.model import Style, equity_of

PRICES = {
    "AAAB": "101.25",
    "MTUM": "152.3311",
    "QUAL": "118.07",
    "SIZE": "133.9",
    "USMV": "71.004",
    "VLUE": "94.5",
}


def a_goal(world: Any, user_id: str, **terms: Any) -> Goal:
    goal = Goal(user_id, world.ids.new(Kind.GOAL), Terms(**terms), b"sealed", version=1)
    world.facts.commit([SavingStore(world.database).save(None, goal)])
    return goal


def archive(world: Any, goal: Goal) -> None:
    world.facts.commit([SavingStore(world.database).save(goal, goal.archived())])


def invest(world: Any, user_id: str, deposit_id: str) -> Any:
    """The plan of a deposit, in two reads and one write."""
    world.database.forget()
    result = world.planner().invest(user_id, deposit_id)
    assert (world.database.reads, world.database.writes) == (2, 1)
    return result.plan


def plan(world: Any, user_id: str, cause: Cause, name: str, **ask: Any) -> Any:
    cause_id = derived(Kind.CASE, user_id, name)
    rules = Rules(cooldown_days=0)
    result = world.planner(rules).plan(user_id, Ask(cause, cause_id, **ask))
    assert result.plan is not None
    again = decide(Inputs.read(result.plan.inputs.canonical()))
    assert again.canonical() == result.plan.decision.canonical()
    return result.plan


def fill(world: Any, make_fill: Any, made: Any, **prices: str) -> None:
    """All orders of a plan, each by one execution at the prices of its plan, or these."""
    now = world.clock.now()
    for order in world.plans.orders(made.user_id, made.order_ids):
        price = Decimal((PRICES | prices)[order.symbol])
        shares = Decimal(order.nanos) / 10**9
        if order.side is Side.BUY:
            shares = (Decimal(order.notional_minor) / 100 / price).quantize(
                Decimal("1e-9"), ROUND_DOWN
            )
        event = make_fill(order, f"x{order.order_id[-4:]}", str(shares), str(price), now)
        last = replace(event.execution, nanos=int(shares * 10**9))
        done = make_fill(order, "-", "0", "1", now, total=str(shares)).ending
        world.booker.apply(replace(event, side=order.side, execution=last, ending=done))


def by_tag(world: Any, user_id: str) -> Mapping[str, Mapping[str, int]]:
    """Nano-shares by goal and symbol."""
    found: dict[str, dict[str, int]] = {}
    for position in world.positions.state(user_id).positions.values():
        for lot in position.lots:
            of_goal = found.setdefault(lot.tag, {})
            of_goal[position.symbol] = of_goal.get(position.symbol, 0) + lot.nanos
    return found


def orders_of(made: Any) -> Mapping[str, int]:
    return {one.symbol: one.notional_minor for one in made.decision.orders}


def quotes(world: Any) -> Mapping[str, Quote]:
    now = world.clock.now()
    return {
        symbol: Quote(symbol, Price(Decimal(price), BASE), now, "test", now)
        for symbol, price in PRICES.items()
    }


def saver(world: Any, make_fill: Any, **terms: Any) -> tuple[str, Goal]:
    """A person with 1,000 dollars invested for the general goal and 500 for another one."""
    world.open_market()
    user_id = world.person(score=4)
    goal = a_goal(world, user_id, **terms)
    fill(world, make_fill, invest(world, user_id, world.deposit(user_id, 100_000)))
    deposit_id = world.deposit(user_id, 50_000, goal_id=goal.goal_id)
    fill(world, make_fill, invest(world, user_id, deposit_id))
    return user_id, goal


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


def test_a_withdrawal_from_a_goal_takes_its_cash_and_its_lots_and_no_others(
    world: Any, make_fill: Any
) -> None:
    user_id, goal = saver(world, make_fill)
    before, wallet = by_tag(world, user_id), world.wallet(user_id)
    had = wallet.purses[goal.tag].minor
    made = plan(world, user_id, Cause.WITHDRAWAL, "w", amount_minor=20_000, goal_id=goal.goal_id)
    assert made.inputs.available_minor == had
    assert world.wallet(user_id).purses == {}
    fill(world, make_fill, made)
    after = by_tag(world, user_id)
    assert after[""] == before[""]
    assert sum(after[goal.tag].values()) < sum(before[goal.tag].values())
    # What was raised is the person's, to be paid out, and not the goal's to be invested again.
    assert world.wallet(user_id).purses == {}
    assert world.wallet(user_id).available >= 20_000


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
