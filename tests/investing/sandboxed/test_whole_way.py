"""From a funded deposit to shares, against the sandbox's broker and market over real HTTP."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.investing.brokers.alpaca_events import trade_event
from shared.investing.brokers.alpaca_streams import AlpacaStreams
from shared.investing.cursors import CursorStore
from shared.investing.errors import GapInStream
from shared.investing.executing import Executor, Progress
from shared.investing.model import OrderStatus
from shared.investing.plan import plan_id
from shared.investing.polling import Poller, Topic
from shared.kernel.clock import SystemClock
from shared.kernel.money import Currency
from shared.market_data.providers.alpaca import AlpacaExchange, AlpacaPrices, AlpacaWire
from shared.market_data.providers.frankfurter import Frankfurter
from shared.market_data.service import refresh
from shared.market_data.store import asset_key, clock_key, fx_key, quote_key
from shared.market_data.universe import SYMBOLS
from shared.strategies.rows import keep_in_force

KEYS = ("sandbox-key", "sandbox-secret")


class Polls:
    def __init__(self):
        self.wished, self.since = 0, []

    def soon(self):
        self.wished += 1

    def again_since(self, at):
        self.since.append(at)


class SecondLater:
    """A window ends a second before now, and these tests do not wait for it."""

    def now(self):
        return datetime.now(UTC) + timedelta(seconds=1)


class MinuteLater:
    def __init__(self):
        self.at = datetime.now(UTC) + timedelta(minutes=1)

    def now(self):
        return self.at


@pytest.fixture
def wire(sandbox_url):
    made = AlpacaWire(f"{sandbox_url}/alpaca", *KEYS)
    yield made
    made._session.close()


@pytest.fixture
def refreshed(new_world, sandbox_url, vendors, wire):
    """A world whose market was read from the sandbox; its time is the system's."""
    world = new_world()
    world.clock = world.booker._clock = SystemClock()
    data = AlpacaWire(f"{sandbox_url}/alpaca-data", *KEYS)
    rates = Frankfurter(f"{sandbox_url}/fx", world.clock)
    result = refresh(
        AlpacaExchange(wire, world.clock),
        AlpacaPrices(data, world.clock),
        rates,
        world.market,
        SYMBOLS,
    )
    data._session.close()
    rates._session.close()
    assert result.failed == ()
    keep_in_force(world.database, datetime.now(UTC).date())
    return world


@pytest.fixture
def planned(refreshed, account):
    world = refreshed
    user_id = world.person(score=4, broker_account_id=account)
    deposit_id = world.deposit(user_id, 10_000)
    world.planner().invest(user_id, deposit_id)
    return world, user_id, plan_id(deposit_id)


@pytest.fixture
def executor(planned, broker):
    world = planned[0]
    return Executor(world.plans, broker, world.booker, Polls(), world.facts, world.clock)


def poller(world, wire, forwarded):
    cursors = CursorStore(world.database)
    return Poller(
        AlpacaStreams(wire),
        cursors,
        lambda topic, text: forwarded.append((topic, text)),
        world.clock,
    )


def book(world, forwarded):
    for topic, text in forwarded:
        if topic is Topic.TRADES:
            world.booker.apply(trade_event(json.loads(text)))


def test_the_market_is_read_exactly(refreshed) -> None:
    keys = [clock_key(), fx_key(Currency.USD, Currency.KES)]
    for symbol in SYMBOLS:
        keys += [quote_key(symbol), asset_key(symbol)]
    view = refreshed.market.read(keys)
    assert view.clock.open_at(datetime.now(UTC))
    assert view.quotes.keys() == view.assets.keys() == set(SYMBOLS)
    business_now = view.clock.now(datetime.now(UTC))
    assert not any(one.stale(timedelta(seconds=60), business_now) for one in view.quotes.values())
    assert {one.source for one in view.quotes.values()} == {"alpaca:quote"}
    assert all(one.buyable for one in view.assets.values())
    assert 80 < view.rates[Currency.USD, Currency.KES].rate < 200


def test_a_deposit_becomes_shares(planned, executor, wire, vendors, account, eventually) -> None:
    world, user_id, plan = planned
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    assert executor._polls.wished == 1

    def all_filled():
        forwarded = []
        poller(world, wire, forwarded).poll()
        book(world, forwarded)
        return all(one.final for one in world.orders(user_id, plan).values())

    eventually(all_filled)
    orders = world.orders(user_id, plan)
    assert {one.status for one in orders.values()} == {OrderStatus.FILLED}
    wallet = world.wallet(user_id)
    assert (wallet.held, wallet.open_orders) == (0, 0)
    assert wallet.posted + sum(one.charged_minor for one in orders.values()) == 10_000
    at_broker = vendors.get(f"/alpaca/v1/trading/accounts/{account}/positions").json()
    ours = world.positions.state(user_id).positions
    assert {one["symbol"]: one["qty"] for one in at_broker} == {
        symbol: str(one.quantity).rstrip("0") for symbol, one in ours.items()
    }
    assert world.events()[-1] == "investing.orders_completed.v1"
    assert executor.run(user_id, plan) == Progress(unsent=0, open=0)


def test_a_crash_after_any_submission_doubles_nothing(
    planned, executor, vendors, account, monkeypatch
) -> None:
    world, user_id, plan = planned

    class Crash(Exception):
        pass

    for survived in range(6):
        sent = []
        submit = executor._broker.submit

        def dying(ticket, submit=submit, sent=sent, survived=survived):
            sent.append(submit(ticket))
            if len(sent) == survived + 1:
                raise Crash
            return sent[-1]

        with monkeypatch.context() as patch:
            patch.setattr(executor._broker, "submit", dying)
            # As after a crash: what was sent is not recorded from here on.
            patch.setattr(executor, "_kept", lambda order: order)
            with pytest.raises(Crash):
                executor.run(user_id, plan)
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    path = f"/alpaca/v1/trading/accounts/{account}/orders"
    at_broker = vendors.get(path, params={"status": "all"}).json()
    assert len(at_broker) == 6
    assert {one["client_order_id"] for one in at_broker} == {
        one.client_order_id for one in world.orders(user_id, plan).values()
    }


def test_unknown_outcomes_are_looked_up_before_anything_is_sent_again(
    planned, executor, vendors, account, fault
) -> None:
    world, user_id, plan = planned
    fault("orders.create", "timeout_after_effect", times=2, status=504)
    fault("orders.create", "error", times=1, status=503)
    assert executor.run(user_id, plan) == Progress(unsent=3, open=6)
    statuses = [one.status for one in world.orders(user_id, plan).values()]
    assert statuses.count(OrderStatus.UNKNOWN) == 3
    assert statuses.count(OrderStatus.SUBMITTED) == 3
    assert executor.run(user_id, plan).unsent == 0
    path = f"/alpaca/v1/trading/accounts/{account}/orders"
    assert len(vendors.get(path, params={"status": "all"}).json()) == 6


def test_a_refused_order_gives_its_money_back_and_the_others_go_on(
    planned, executor, vendors
) -> None:
    world, user_id, plan = planned
    vendors.post("/_control/alpaca", json={"halted": ["SIZE"]}).raise_for_status()
    progress = executor.run(user_id, plan)
    vendors.post("/_control/alpaca", json={"halted": []}).raise_for_status()
    assert progress.unsent == 0
    orders = world.orders(user_id, plan)
    assert [one.symbol for one in orders.values() if one.final] == ["SIZE"]
    assert orders["SIZE"].status is OrderStatus.REJECTED
    assert orders["SIZE"].ending.reason == "HALTED"
    assert orders["SIZE"].released_minor == orders["SIZE"].notional_minor
    held = sum(one.notional_minor for one in orders.values() if not one.final)
    assert world.wallet(user_id).held == held


def test_a_gap_in_the_stream_is_read_again_and_never_skipped(
    planned, executor, wire, fault, eventually
) -> None:
    world, user_id, plan = planned
    executor.run(user_id, plan)
    since = datetime.now(UTC) - timedelta(minutes=5)
    streams = AlpacaStreams(wire)
    eventually(lambda: len(list(streams.read(Topic.TRADES, since, datetime.now(UTC)))) >= 6)
    fault("events", "dropped", times=1)
    with pytest.raises(GapInStream):
        list(streams.read(Topic.TRADES, since, datetime.now(UTC)))
    fault("events", "server_error", times=1)
    forwarded = []
    # The end of a window lies a second back.
    world.clock = type(
        "Later", (), {"now": lambda self: datetime.now(UTC) + timedelta(seconds=1)}
    )()
    assert poller(world, wire, forwarded).poll()
    assert sum(topic is Topic.TRADES for topic, _ in forwarded) >= 6
    assert CursorStore(world.database).read_until(Topic.TRADES) is not None


def test_a_gap_that_stays_leaves_the_cursor_where_it_was(
    planned, executor, wire, fault, eventually
) -> None:
    world, user_id, plan = planned
    executor.run(user_id, plan)
    streams = AlpacaStreams(wire)
    since = datetime.now(UTC) - timedelta(minutes=5)
    eventually(lambda: len(list(streams.read(Topic.TRADES, since, datetime.now(UTC)))) >= 6)
    world.clock = type(
        "Later", (), {"now": lambda self: datetime.now(UTC) + timedelta(seconds=1)}
    )()
    fault("events", "dropped", times=20)
    with pytest.raises(GapInStream):
        poller(world, wire, []).poll()
    cursors = CursorStore(world.database)
    assert cursors.read_until(Topic.TRADES) is None


def test_an_ended_order_whose_events_were_lost_is_polled_for_again(
    planned, executor, eventually, vendors, account
) -> None:
    world, user_id, plan = planned
    executor.run(user_id, plan)
    path = f"/alpaca/v1/trading/accounts/{account}/orders"
    eventually(
        lambda: all(
            one["status"] == "filled" for one in vendors.get(path, params={"status": "all"}).json()
        )
    )
    assert executor.run(user_id, plan).open == 6
    assert executor._polls.since == []
    executor._clock = MinuteLater()
    before = world.orders(user_id, plan)
    assert executor.run(user_id, plan).open == 6
    assert executor._polls.since == [min(one.created_at for one in before.values())]
    # Looked at just now: the sweep's other checks of this plan ask the broker nothing.
    assert executor.run(user_id, plan).open == 6
    assert len(executor._polls.since) == 1
