"""A person who saves for several goals: their plans, fills, lots and worths."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from shared.investing.inputs import Inputs
from shared.investing.model import Side
from shared.investing.plan import Cause, Rules
from shared.investing.planning import decide
from shared.investing.reading import Ask
from shared.kernel.ids import Kind, derived
from shared.kernel.money import Price
from shared.market_data.model import Quote
from shared.portfolio.model import BASE
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, Terms
from tests.investing.conftest import PRICES


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
