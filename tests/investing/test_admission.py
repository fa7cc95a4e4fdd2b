"""What becomes of orders when the world changes between a plan and the broker."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shared.breakers.names import GLOBAL, at_broker, breaker_of
from shared.investing.admission import LAPSES_AFTER, Go, Lapse, Wait, at_rest, to_send
from shared.investing.executing import NEVER_SENT_AFTER, Executor, Progress
from shared.investing.inputs import Cause
from shared.investing.model import CancelReason, OrderStatus, Side
from shared.investing.ports import Accepted, BrokerOrder, NoAnswer, Road
from shared.investing.roads import StoredRoads
from shared.market_data.model import Breaker, BreakerState, MarketClock
from shared.platform import keys
from shared.platform.tables import Put, Row

ALL = ["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]


class HoldRow(Row):
    KIND = "trading_hold"


@dataclass
class Exchange:
    """Takes everything; ``lost`` are symbols whose sending leaves no trace and no answer."""

    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    canceled: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def submit(self, ticket):
        if ticket.symbol in self.lost:
            return NoAnswer()
        found = BrokerOrder(
            f"b-{ticket.symbol}", ticket.client_order_id, ticket.symbol, ticket.amount, False, 0
        )
        self.orders[ticket.client_order_id] = found
        return Accepted(found.broker_order_id)

    def find(self, account_id, client_order_id):
        return self.orders.get(client_order_id)

    def cancel(self, account_id, broker_order_id):
        self.canceled.append(broker_order_id)
        return True


class Polls:
    def soon(self):
        """Nothing to ask in these tests."""

    def again_since(self, at):
        """Nothing to ask in these tests."""


@pytest.fixture
def exchange():
    return Exchange()


@pytest.fixture
def run(world, exchange):
    roads = StoredRoads(world.database, world.clock)
    executor = Executor(
        world.plans, exchange, world.booker, Polls(), world.facts, world.clock, roads
    )
    return executor.run


def stop(world, name, state=BreakerState.OPEN):
    world.market.set_breaker(Breaker(name, state, "TEST", world.clock.now()))


def hold(world, user_id):
    world.facts.commit([Put("hold", HoldRow(pk=keys.user(user_id), sk=keys.TRADING_HOLD))])


def sent(exchange):
    return sorted(one.symbol for one in exchange.orders.values())


def statuses(world, user_id, plan):
    return {symbol: one.status for symbol, one in world.orders(user_id, plan).items()}


@pytest.mark.parametrize("name", [*GLOBAL, at_broker("alpaca")])
def test_behind_an_open_breaker_orders_wait_and_go_when_it_is_closed(
    world, run, exchange, name
) -> None:
    user_id, plan = world.invested()
    stop(world, name)
    assert run(user_id, plan) == Progress(unsent=6, open=6, held_back=6)
    assert (sent(exchange), world.wallet(user_id).held) == ([], 9_975)
    stop(world, name, BreakerState.HALF_OPEN)
    assert run(user_id, plan) == Progress(unsent=0, open=6)
    assert sent(exchange) == ALL


def test_what_stands_in_the_place_of_an_order_is_what_is_canceled(world, run, exchange) -> None:
    user_id, plan = world.invested()
    run(user_id, plan)
    hold(world, user_id)
    for name, found in exchange.orders.items():
        if found.symbol == "QUAL":
            exchange.orders[name] = replace(found, successor="by-hand")
    run(user_id, plan)
    run(user_id, plan)
    assert sorted(set(exchange.canceled)) == sorted(
        ["by-hand", *(f"b-{symbol}" for symbol in ALL if symbol != "QUAL")]
    )


def test_the_other_brokers_breaker_stops_nobody_here(world, run, exchange) -> None:
    user_id, plan = world.invested()
    stop(world, at_broker("ibkr"))
    assert run(user_id, plan) == Progress(unsent=0, open=6)


def test_one_paused_symbol_waits_alone(world, run, exchange) -> None:
    user_id, plan = world.invested()
    stop(world, breaker_of("QUAL"))
    assert run(user_id, plan) == Progress(unsent=1, open=6, held_back=1)
    assert sent(exchange) == [symbol for symbol in ALL if symbol != "QUAL"]


def test_nothing_goes_out_after_the_bell_nor_while_the_clock_is_not_known(
    world, run, exchange
) -> None:
    user_id, plan = world.invested()
    now = world.clock.now()
    hour = timedelta(hours=1)
    world.market.keep_clock(MarketClock(now, False, now + hour, now + 8 * hour, now))
    assert run(user_id, plan).held_back == 6
    world.market.keep_clock(MarketClock(now, True, now + hour, now + hour, now - 2 * hour))
    assert run(user_id, plan).held_back == 6
    assert sent(exchange) == []


def test_a_person_whose_trading_is_stopped_sends_nothing_and_what_rests_comes_back(
    world, run, exchange
) -> None:
    user_id, plan = world.invested()
    stop(world, breaker_of("QUAL"))
    run(user_id, plan)
    hold(world, user_id)
    assert run(user_id, plan) == Progress(unsent=1, open=6, held_back=1)
    orders = world.orders(user_id, plan)
    assert orders["QUAL"].status is OrderStatus.PLANNED
    rest = [one for symbol, one in orders.items() if symbol != "QUAL"]
    assert {one.status for one in rest} == {OrderStatus.PENDING_CANCEL}
    assert {one.cancel_reason for one in rest} == {CancelReason.TRADING_HOLD}
    run(user_id, plan)
    assert len(exchange.canceled) == 5


def test_a_symbol_that_is_paused_takes_its_resting_buy_back(world, run, exchange, make_end) -> None:
    user_id, plan = world.invested()
    run(user_id, plan)
    stop(world, breaker_of("MTUM"))
    run(user_id, plan)
    run(user_id, plan)
    assert exchange.canceled == ["b-MTUM"]
    order = world.orders(user_id, plan)["MTUM"]
    after = world.booker.apply(make_end(order, OrderStatus.CANCELED, world.clock.now()))
    assert (after.status, after.ending.reason) == (OrderStatus.CANCELED, "SYMBOL_PAUSED")
    assert world.wallet(user_id).held == 9_975 - order.notional_minor


def test_an_order_whose_prices_are_stale_is_never_sent_and_gives_its_money_back(
    world, run, exchange
) -> None:
    user_id, plan = world.invested()
    stop(world, "overload")
    run(user_id, plan)
    stop(world, "overload", BreakerState.CLOSED)
    world.clock.advance(LAPSES_AFTER)
    run(user_id, plan)
    assert set(statuses(world, user_id, plan).values()) == {OrderStatus.PENDING_CANCEL}
    # A run that had read it before may still be sending it.
    assert run(user_id, plan).open == 6
    assert world.wallet(user_id).held == 9_975
    world.clock.advance(NEVER_SENT_AFTER)
    assert run(user_id, plan) == Progress(unsent=0, open=0)
    orders = world.orders(user_id, plan).values()
    assert {(one.status, one.ending.reason) for one in orders} == {
        (OrderStatus.CANCELED, "PRICES_STALE")
    }
    wallet = world.wallet(user_id)
    assert (wallet.held, wallet.open_orders, wallet.posted) == (0, 0, 10_000)
    assert (sent(exchange), exchange.canceled) == ([], [])


def test_a_stale_order_that_reached_the_broker_after_all_is_canceled_there(
    world, run, exchange
) -> None:
    user_id, plan = world.invested()
    exchange.lost = {"QUAL"}
    run(user_id, plan)
    late = world.orders(user_id, plan)["QUAL"]
    assert late.status is OrderStatus.UNKNOWN
    world.clock.advance(LAPSES_AFTER)
    run(user_id, plan)
    exchange.orders[late.client_order_id] = BrokerOrder(
        "b-QUAL", late.client_order_id, "QUAL", None, False, 0
    )
    world.clock.advance(NEVER_SENT_AFTER)
    run(user_id, plan)
    assert exchange.canceled == ["b-QUAL"]
    assert statuses(world, user_id, plan)["QUAL"] is OrderStatus.PENDING_CANCEL


@pytest.mark.parametrize("cause", [Cause.WITHDRAWAL, Cause.FEE])
def test_what_raises_cash_always_goes(world, cause) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    blocked = Road(frozenset(GLOBAL), frozenset(ALL), market_open=False, held=True)
    later = world.clock.now() + timedelta(days=1)
    assert to_send(order, cause, blocked, later) == Go()
    assert at_rest(order, cause, blocked) == Go()


@pytest.mark.parametrize("cause", [Cause.WITHDRAWAL, Cause.FEE, Cause.REBALANCE])
def test_what_may_not_be_traded_at_all_does_not_wait_for_ever(world, cause) -> None:
    """Something else can be sold for a withdrawal, once no order is open any more."""
    user_id, plan = world.invested()
    sale = replace(world.orders(user_id, plan)["QUAL"], side=Side.SELL, nanos=1)
    frozen = Road(frozen=frozenset({"QUAL"}))
    lapses = sale.created_at + LAPSES_AFTER
    assert to_send(sale, cause, frozen, lapses - timedelta(microseconds=1)) == Wait("RESTRICTED")
    assert to_send(sale, cause, frozen, lapses) == Lapse(CancelReason.SYMBOL_PAUSED)


def test_what_is_wrong_with_everybody_does_not_take_back_what_rests(world) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    stopped = Road(frozenset(GLOBAL), market_open=False)
    assert to_send(order, Cause.DEPOSIT, stopped, now) == Wait("BREAKER:broker")
    assert at_rest(order, Cause.DEPOSIT, stopped) == Go()


def test_a_paused_symbol_is_sold_all_the_same(world) -> None:
    user_id, plan = world.invested()
    sale = replace(world.orders(user_id, plan)["QUAL"], side=Side.SELL, nanos=1)
    paused = Road(paused=frozenset({"QUAL"}))
    assert to_send(sale, Cause.REBALANCE, paused, world.clock.now()) == Go()
    assert at_rest(sale, Cause.REBALANCE, paused) == Go()


def test_the_last_moment_before_an_order_lapses(world) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    lapses = order.created_at + LAPSES_AFTER
    assert to_send(order, Cause.REBALANCE, Road(), lapses - timedelta(microseconds=1)) == Go()
    stale = Lapse(CancelReason.PRICES_STALE)
    assert to_send(order, Cause.REBALANCE, Road(), lapses) == stale


def test_looking_along_the_way_is_one_request(world) -> None:
    user_id, _ = world.invested()
    world.database.forget()
    StoredRoads(world.database, world.clock).look(user_id, "U1234567", ALL)
    assert (world.database.reads, world.database.writes) == (1, 0)
