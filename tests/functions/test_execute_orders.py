"""execute_orders: plans become orders at the broker, and each is followed to its end."""

import pytest

from shared.investing.errors import (
    BrokerUnavailable,
)
from shared.investing.events import OrderCancelRequestedV1, PlanCreatedV1
from shared.investing.executing import Progress
from shared.kernel.clock import FixedClock, to_text
from shared.platform.circuits import StoredCircuits
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import (
    CheckMessage,
    Checks,
    MemoryQueue,
)
from tests.functions.investing_workers import DEPOSIT, NOW, PLAN, SECRETS, USER, event_of

ALPACA_ACCOUNT, IBKR_ACCOUNT = "11111111-1111-4111-8111-111111111111", "U1234567"


class Broker:
    down = False

    def __init__(self, base_url, key, secret):
        self.base_url = base_url

    def find(self, account_id, client_order_id):
        if self.down:
            raise BrokerUnavailable()


@pytest.fixture
def execute(investing_worker, monkeypatch):
    handler = investing_worker("execute_orders")
    later, polls = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "later", Checks(later))
    monkeypatch.setattr(handler, "polls", Checks(polls))
    monkeypatch.setattr(handler, "secrets", SECRETS)
    monkeypatch.setattr(handler, "circuits", StoredCircuits(MemoryDatabase(), FixedClock(NOW)))
    monkeypatch.setattr(handler, "sessions", Checks(looks := MemoryQueue()))
    monkeypatch.setattr(handler, "broker_of", Broker)
    monkeypatch.setattr(handler, "ibkr", lambda: Broker("ibkr", "", ""))
    polls.of_ibkr = looks
    runs = []

    class Executor:
        progress = Progress(unsent=0, open=6)
        account = ALPACA_ACCOUNT

        def __init__(self, plans, broker, booker, polls, facts, clock):
            self.broker, self.polls = broker, polls

        def run(self, user_id, plan_id):
            runs.append((user_id, plan_id))
            try:
                self.broker.find(self.account, "order")
            except BrokerUnavailable:
                return self.progress
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


def test_orders_of_the_other_broker_are_looked_at_in_its_own_way(execute, monkeypatch) -> None:
    handler, executor, _, _, polls = execute
    monkeypatch.setattr(executor, "account", IBKR_ACCOUNT)
    handler.handle(created())
    assert polls.sent == []
    assert polls.of_ibkr.sent[0] == (CheckMessage("fills", {}, 0), 2)


def test_behind_an_open_breaker_orders_wait_for_the_sweep_and_not_in_dead_letters(
    execute, monkeypatch
) -> None:
    handler, executor, runs, later, _ = execute
    monkeypatch.setattr(executor, "progress", Progress(unsent=2, open=6))
    monkeypatch.setattr(Broker, "down", True)
    look = CheckMessage("execution", {"user_id": USER, "plan_id": PLAN})
    for _ in range(5):
        with pytest.raises(BrokerUnavailable):
            handler.handle(look)
    handler.handle(look)
    assert (len(runs), later.sent) == (6, [])


def test_a_wish_to_cancel_brings_its_plan_to_the_broker_at_once(execute) -> None:
    handler, _, runs, later, _ = execute
    wish = OrderCancelRequestedV1(user_id=USER, plan_id=PLAN, order_id=PLAN)
    handler.handle(event_of(wish))
    assert runs == [(USER, PLAN)]
    assert [delay for _, delay in later.sent] == [2]


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
