"""What is restricted after it was planned does not go to the broker any more."""

from datetime import timedelta

import pytest

from shared.investing.admission import LAPSES_AFTER, Go, Lapse, Wait, at_rest, to_send
from shared.investing.inputs import Cause
from shared.investing.model import CancelReason, Order, Side
from shared.investing.ports import Road
from shared.investing.restricting import Restricting
from shared.investing.roads import StoredRoads
from shared.market_data.model import Restriction
from shared.market_data.restrictions import RestrictionStore
from shared.market_data.universe import SYMBOLS
from tests.investing.rules.situation import NOW

FROZEN = Road(paused=frozenset({"QUAL"}), frozen=frozenset({"QUAL"}))


def order(side: Side) -> Order:
    return Order("o", "u", "p", "a", "QUAL", notional_minor=100, side=side, created_at=NOW)


@pytest.mark.parametrize("cause", [Cause.WITHDRAWAL, Cause.FEE])
def test_what_may_not_be_traded_is_not_even_sold_for_cash(cause: Cause) -> None:
    later = NOW + 9 * LAPSES_AFTER
    assert to_send(order(Side.SELL), cause, FROZEN, NOW) == Wait("RESTRICTED")
    paused = Lapse(CancelReason.SYMBOL_PAUSED)
    assert to_send(order(Side.SELL), cause, FROZEN, later) == paused
    assert to_send(order(Side.SELL), cause, Road(paused=FROZEN.paused), later) == Go()


@pytest.mark.parametrize("side", list(Side))
def test_orders_of_ours_wait_for_a_while_and_are_then_planned_anew(side: Side) -> None:
    assert to_send(order(side), Cause.REBALANCE, FROZEN, NOW) == Wait("RESTRICTED")
    late = NOW + LAPSES_AFTER
    paused = Lapse(CancelReason.SYMBOL_PAUSED)
    assert to_send(order(side), Cause.REBALANCE, FROZEN, late) == paused
    assert at_rest(order(side), Cause.REBALANCE, FROZEN) == paused
    assert at_rest(order(Side.SELL), Cause.WITHDRAWAL, FROZEN) == Go()


@pytest.mark.parametrize("restriction", list(Restriction))
def test_the_way_to_the_broker_knows_the_list(world, restriction: Restriction) -> None:
    world.open_market()
    book = RestrictionStore(world.database)
    restricting = Restricting(book, world.facts, world.clock, SYMBOLS)
    restricting.restrict("QUAL", restriction, lambda before, after: [])
    world.clock.advance(timedelta(seconds=1))
    world.database.forget()
    road = StoredRoads(world.database, world.clock).look("usr_t1_x", "a", ["QUAL", "SIZE"])
    assert world.database.reads == 1
    assert road.paused == {"QUAL"}
    assert road.frozen == ({"QUAL"} if restriction is Restriction.NO_TRADES else set())
