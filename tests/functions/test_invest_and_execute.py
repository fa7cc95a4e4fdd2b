"""The workers of investing: messages become use cases, and what is left for later is left."""

import importlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.investing.brokers.alpaca_events import execution_key
from shared.investing.errors import (
    BrokerEventMalformed,
    BrokerEventUnsupported,
    BrokerUnavailable,
)
from shared.investing.events import PlanCreatedV1
from shared.investing.executing import Progress
from shared.investing.plan import Rule
from shared.investing.polling import Topic
from shared.investing.service import Planned, Waiting
from shared.kernel.clock import FixedClock, to_text
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore, clock_key
from shared.payments.events import DepositFundedV1
from shared.payments.model import Deposit, DepositStatus, Gateway
from shared.payments.rows import deposit_key
from shared.payments.store import DepositStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import (
    CheckMessage,
    Checks,
    EventMessage,
    MemoryQueue,
    WebhookMessage,
    encode,
)
from shared.platform.secrets import MemorySecrets

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT, PLAN = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT), IDS.new(Kind.PLAN)
URL = "http://127.0.0.1:9/1/"
ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "MARKET_TABLE": "market",
    "BROKER_SECRET": "broker",
    "BROKER_BASE_URL": "http://127.0.0.1:9/alpaca",
    "MARKET_DATA_BASE_URL": "http://127.0.0.1:9/data",
    "FX_BASE_URL": "http://127.0.0.1:9/fx",
    "PLANNING_QUEUE": f"{URL}planning",
    "MARKET_QUEUE": f"{URL}market",
    "EXECUTION_QUEUE": f"{URL}execution",
    "BROKER_POLL_QUEUE": f"{URL}broker-poll",
    "BROKER_EVENTS_QUEUE": f"{URL}broker-events",
    "BROKER_ACCOUNTS_QUEUE": f"{URL}broker-accounts",
    "FUNDING_QUEUE": f"{URL}funding",
    "RECALLS_QUEUE": f"{URL}recalls",
    "PRICE_MAX_AGE_SECONDS": "120",
}
SECRETS = MemorySecrets({"broker": {"key": "k", "secret": "s"}})


@pytest.fixture
def module(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return lambda name: importlib.import_module(f"functions.{name}.handler")


def event_of(event):
    sealed = Envelope.seal(event, id=IDS.new(Kind.EVENT), at=NOW, correlation_id="c")
    return EventMessage(sealed)


def batch(message):
    """One record in the shape of SQS."""
    body = encode(message)
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
    }
    return {"Records": [record]}


# invest_deposit


@pytest.fixture
def invest(module, monkeypatch):
    handler = module("invest_deposit")
    planning, market = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "checks", Checks(planning))
    monkeypatch.setattr(handler, "market", market)

    class Planner:
        result, asked = Planned(None), []

        def invest(self, user_id, deposit_id):
            self.asked.append((user_id, deposit_id))
            return self.result

    planner = Planner()
    planner.asked = []
    monkeypatch.setattr(handler, "planner", planner)
    return handler, planner, planning, market


FUNDED = DepositFundedV1(user_id=USER, deposit_id=DEPOSIT, currency="USD", amount_minor=10_000)


def test_a_funded_deposit_is_planned(invest) -> None:
    handler, planner, planning, market = invest
    handler.handle(event_of(FUNDED))
    assert planner.asked == [(USER, DEPOSIT)]
    assert (planning.sent, market.sent) == ([], [])


def test_waiting_for_the_market_leaves_a_check_and_a_wish_for_newer_data(invest) -> None:
    handler, planner, planning, market = invest
    planner.result = Waiting((Rule.PRICE_FRESH,))
    subject = {"user_id": USER, "deposit_id": DEPOSIT, "chain": "yes"}
    handler.handle(event_of(FUNDED))
    handler.handler(batch(CheckMessage("planning", subject, 3)), None)
    assert planning.sent == [
        (CheckMessage("planning", subject, 0), 2),
        (CheckMessage("planning", subject, 4), 300),
    ]
    assert market.sent == [(CheckMessage("market", {}), 0)] * 2


def test_the_looks_of_a_deposit_end_and_those_of_the_sweep_start_no_others(invest) -> None:
    handler, planner, planning, market = invest
    planner.result = Waiting((Rule.MARKET_OPEN,))
    handler.handle(event_of(FUNDED))
    delays = []
    while len(planning.sent) > len(delays):
        message, delay = planning.sent[-1]
        delays.append(delay)
        handler.handle(message)
    assert delays == [2, 5, 15, 60, 300]
    handler.handle(CheckMessage("planning", {"user_id": USER, "deposit_id": DEPOSIT}))
    assert len(planning.sent) == 5
    assert len(market.sent) == len(planner.asked) == 7


def test_waiting_for_something_else_asks_the_market_nothing(invest) -> None:
    handler, planner, planning, market = invest
    planner.result = Waiting((Rule.NO_ORDERS_IN_FLIGHT,))
    handler.handle(event_of(FUNDED))
    assert len(planning.sent) == 1
    assert market.sent == []


def test_planning_reads_the_deposits_of_payments(invest) -> None:
    handler = invest[0]
    database, clock = MemoryDatabase(), FixedClock(NOW)
    deposit = Deposit(
        user_id=USER,
        deposit_id=DEPOSIT,
        gateway=Gateway.MPESA,
        amount=Money(1_300_000, Currency.KES),
        credited=Money(10_000, Currency.USD),
        status=DepositStatus.SETTLED,
        lapses_at=NOW,
        settled_at=NOW,
    )
    store = DepositStore(database)
    facts = Facts(database, clock, SequentialIds("t1", clock))
    facts.commit([store.create(deposit)])
    key = deposit_key(USER, DEPOSIT)
    settled = handler.funded(database.get_many([key])[key])
    assert (settled.funded, settled.credited_minor) == (False, 10_000)
    after = replace(deposit, status=DepositStatus.FUNDED, version=deposit.version + 1)
    facts.commit([store.save(deposit, after)])
    assert handler.funded(database.get_many([key])[key]).funded


def test_a_foreign_message_goes_to_the_dead_letters(invest) -> None:
    with pytest.raises(TypeError):
        invest[0].handle(CheckMessage("poll", {}))


# execute_orders


@pytest.fixture
def execute(module, monkeypatch):
    handler = module("execute_orders")
    later, polls = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "later", Checks(later))
    monkeypatch.setattr(handler, "polls", Checks(polls))
    monkeypatch.setattr(handler, "secrets", SECRETS)
    runs = []

    class Executor:
        progress = Progress(unsent=0, open=6)

        def __init__(self, plans, broker, booker, polls, facts, clock):
            self.polls = polls

        def run(self, user_id, plan_id):
            runs.append((user_id, plan_id))
            self.polls.soon()
            self.polls.again_since(NOW)
            return self.progress

    monkeypatch.setattr(handler, "Executor", Executor)
    return handler, Executor, runs, later, polls


def created(orders=6):
    return event_of(
        PlanCreatedV1(
            user_id=USER, plan_id=PLAN, deposit_id=DEPOSIT, order_count=orders, notional_minor=1
        )
    )


def test_open_orders_are_looked_at_later_and_their_events_polled_for(execute) -> None:
    handler, _, runs, later, polls = execute
    subject = {"user_id": USER, "plan_id": PLAN, "chain": "yes"}
    handler.handle(created())
    delays = []
    while len(later.sent) > len(delays):
        message, delay = later.sent[-1]
        delays.append(delay)
        handler.handle(message)
    assert delays == [2, 5, 15, 60, 300]
    assert later.sent[1] == (CheckMessage("execution", subject, 1), 5)
    assert runs == [(USER, PLAN)] * 6
    assert polls.sent[:2] == [
        (CheckMessage("poll", {"chain": "yes"}, 0), 2),
        (CheckMessage("poll", {"since": to_text(NOW)}, 0), 2),
    ]


def test_the_sweep_looks_once_and_starts_no_chain(execute) -> None:
    handler, _, runs, later, _ = execute
    handler.handle(CheckMessage("execution", {"user_id": USER, "plan_id": PLAN}))
    assert (runs, later.sent) == ([(USER, PLAN)], [])


def test_unsent_orders_without_a_next_look_are_delivered_again(execute, monkeypatch) -> None:
    handler, executor, _, _, _ = execute
    monkeypatch.setattr(executor, "progress", Progress(unsent=2, open=6))
    with pytest.raises(BrokerUnavailable):
        handler.handle(CheckMessage("execution", {"user_id": USER, "plan_id": PLAN}))


def test_a_plan_without_orders_asks_the_broker_nothing(execute) -> None:
    handler, _, runs, later, polls = execute
    handler.handle(created(orders=0))
    assert (runs, later.sent, polls.sent) == ([], [], [])


def test_a_finished_plan_is_left_alone(execute, monkeypatch) -> None:
    handler, executor, _, later, _ = execute
    monkeypatch.setattr(executor, "progress", Progress(unsent=0, open=0))
    handler.handle(created())
    assert later.sent == []


def test_orders_that_are_unsent_when_the_chain_ends_are_delivered_again(
    execute, monkeypatch
) -> None:
    handler, executor, _, later, _ = execute
    monkeypatch.setattr(executor, "progress", Progress(unsent=1, open=6))
    subject = {"user_id": USER, "plan_id": PLAN, "chain": "yes"}
    with pytest.raises(BrokerUnavailable):
        handler.handle(CheckMessage("execution", subject, handler.CHAIN_LENGTH - 1))
    assert later.sent == []


# apply_broker_event


@pytest.fixture
def apply(module, monkeypatch):
    handler = module("apply_broker_event")
    accounts, funding, recalls = MemoryQueue(), MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "accounts", accounts)
    monkeypatch.setattr(handler, "of_journals", (funding, recalls))
    booked = []

    class Booker:
        def apply(self, event):
            booked.append(event)

    monkeypatch.setattr(handler, "booker", Booker())
    return handler, booked, accounts, (funding, recalls)


def pushed(kind, data):
    return WebhookMessage("broker", json.dumps({"type": kind, "data": data}).encode(), NOW)


TRADE = {
    "account_id": "a",
    "at": "2026-03-02T15:04:05Z",
    "event": "partial_fill",
    "event_id": "e",
    "execution_id": "x",
    "price": "10.5",
    "qty": "0.5",
    "order": {"id": "o", "client_order_id": "c", "symbol": "QUAL", "side": "buy"},
}


def test_a_trade_is_booked(apply) -> None:
    handler, booked, accounts, of_journals = apply
    assert handler.handler(batch(pushed("trade_updates", TRADE)), None) == {"batchItemFailures": []}
    assert [one.execution.key for one in booked] == [execution_key("x")]
    assert [queue.sent for queue in (accounts, *of_journals)] == [[], [], []]


def test_journals_and_accounts_are_passed_on_as_they_came(apply) -> None:
    handler, booked, accounts, of_journals = apply
    journal = pushed("journal_status", {"journal_id": "j"})
    account = pushed("account_status", {"account_id": "a"})
    handler.handle(journal)
    handler.handle(account)
    assert [queue.sent for queue in of_journals] == [[(journal, 0)], [(journal, 0)]]
    assert accounts.sent == [(account, 0)]
    assert booked == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (pushed("weather", {}), BrokerEventMalformed),
        (pushed("trade_updates", []), BrokerEventMalformed),
        (pushed("trade_updates", {}), BrokerEventMalformed),
        (pushed("trade_updates", TRADE | {"event": "trade_bust"}), BrokerEventUnsupported),
        (WebhookMessage("broker", b"{", NOW), BrokerEventMalformed),
        (WebhookMessage("stripe", b"{}", NOW), TypeError),
        (CheckMessage("poll", {}), TypeError),
    ],
)
def test_what_cannot_be_booked_is_not_swallowed(apply, message, error) -> None:
    handler, booked, accounts, of_journals = apply
    with pytest.raises(error):
        handler.handle(message)
    assert booked == []
    assert [queue.sent for queue in (accounts, *of_journals)] == [[], [], []]


# poll_broker_events


@pytest.fixture
def poll(module, monkeypatch):
    handler = module("poll_broker_events")
    events, again = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "events", events)
    monkeypatch.setattr(handler, "checks", Checks(again))

    class Poller:
        caught_up, seen, rest = True, [], None

        def poll(self):
            self.seen.append("poll")
            return self.caught_up

        def repeat(self, since):
            self.seen.append(since)
            return self.rest

    poller = Poller()
    poller.seen = []
    monkeypatch.setattr(handler, "poller", lambda: poller)
    return handler, poller, events, again


def test_events_are_forwarded_in_the_form_of_a_push(poll) -> None:
    handler, _, events, _ = poll
    handler.forward(Topic.TRADES, '{"price":"0.10"}')
    ((message, delay),) = events.sent
    assert (message.vendor, delay) == ("broker", 0)
    assert json.loads(message.body) == {"type": "trade_updates", "data": {"price": "0.10"}}


def test_the_schedules_tick_starts_no_chain(poll) -> None:
    handler, poller, _, again = poll
    handler.handle(CheckMessage("poll", {}))
    assert (poller.seen, again.sent) == (["poll"], [])


def test_the_chain_after_orders_ends(poll) -> None:
    handler, poller, _, again = poll
    message = CheckMessage("poll", {"chain": "yes"})
    delays = [2]
    while True:
        handler.handle(message)
        if len(again.sent) < len(delays):
            break
        message, delay = again.sent[-1]
        delays.append(delay)
    assert delays == [2, 5, 15, 60]
    assert poller.seen == ["poll"] * 4


def test_a_window_that_is_behind_is_followed_by_the_next(poll) -> None:
    handler, poller, _, again = poll
    poller.caught_up = False
    handler.handle(CheckMessage("poll", {}))
    assert again.sent == [(CheckMessage("poll", {}, 0), 2)]


def test_a_look_back_is_one_window(poll) -> None:
    handler, poller, _, again = poll
    handler.handle(CheckMessage("poll", {"since": to_text(NOW)}))
    assert (poller.seen, again.sent) == ([NOW], [])


def test_a_look_back_over_more_than_one_window_goes_on(poll) -> None:
    handler, poller, _, again = poll
    poller.rest = NOW + timedelta(hours=6)
    handler.handle(CheckMessage("poll", {"since": to_text(NOW)}))
    assert again.sent == [(CheckMessage("poll", {"since": to_text(poller.rest)}), 2)]


# refresh_market


@pytest.fixture
def refresh(module, monkeypatch):
    handler = module("refresh_market")
    database, clock = MemoryDatabase(), FixedClock(NOW)
    platform = replace(handler.platform, database=database, clock=clock)
    monkeypatch.setattr(handler, "platform", platform)
    monkeypatch.setattr(handler, "store", MarketStore(database))
    monkeypatch.setattr(handler, "secrets", SECRETS)
    asked = []

    class Wire:
        def __init__(self, base_url, key, secret):
            self.base_url = base_url

        def get(self, path, **parameters):
            asked.append(path)
            if path == "/v1/clock":
                hours = [to_text(NOW + timedelta(hours=count)) for count in (20, 5)]
                return {
                    "timestamp": to_text(NOW),
                    "is_open": True,
                    "next_open": hours[0],
                    "next_close": hours[1],
                }
            raise SourceUnavailable(source="test")

    monkeypatch.setattr(handler, "wire_of", Wire)
    return handler, clock, asked


def test_a_refresh_keeps_what_it_gets_and_does_not_fail_for_the_rest(refresh) -> None:
    handler, _, asked = refresh
    handler.handle(CheckMessage("market", {}))
    view = handler.store.read([clock_key()])
    assert isinstance(view.clock, MarketClock)
    assert asked == ["/v1/clock", "/v1/assets", "/v2/stocks/quotes/latest"]


def test_many_wishes_at_once_are_one_refresh(refresh) -> None:
    handler, clock, asked = refresh
    handler.handle(CheckMessage("market", {}))
    count = len(asked)
    handler.handle(CheckMessage("market", {}))
    assert len(asked) == count
    clock.advance(timedelta(seconds=2))
    handler.handle(CheckMessage("market", {}))
    assert len(asked) == 2 * count


def test_refresh_takes_only_its_own_check(refresh) -> None:
    with pytest.raises(TypeError):
        refresh[0].handle(CheckMessage("sweep", {}))
