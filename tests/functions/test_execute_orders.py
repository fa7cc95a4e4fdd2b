"""execute_orders: plans become orders at the broker, and each is followed to its end."""

import pytest

from shared.investing.errors import (
    BrokerUnavailable,
)
from shared.investing.events import PlanCreatedV1
from shared.investing.executing import Progress
from shared.kernel.clock import to_text
from shared.platform.queues import (
    CheckMessage,
    Checks,
    MemoryQueue,
)
from tests.functions.investing_workers import DEPOSIT, NOW, PLAN, SECRETS, USER, event_of


@pytest.fixture
def execute(investing_worker, monkeypatch):
    handler = investing_worker("execute_orders")
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
