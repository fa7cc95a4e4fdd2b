"""Sending orders to a broker that refuses, dies, forgets to answer, and never sells twice."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.executing import Executor, Progress
from shared.investing.model import OrderStatus
from shared.investing.ports import (
    Accepted,
    BrokerOrder,
    NoAnswer,
    NotSent,
    RefusalReason,
    Refused,
    Ticket,
)
from shared.investing.roads import StoredRoads
from shared.kernel.errors import NotFound


class Crash(RuntimeError):
    """The process died."""


@dataclass
class FakeBroker:
    """Orders by our id, each placed once. ``script`` says by symbol what happens to a sending:
    the effect may outlive the answer."""

    script: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)
    silent: bool = False
    looked_up: int = 0

    def submit(self, ticket: Ticket):
        steps = self.script.get(ticket.symbol, [])
        step = steps.pop(0) if steps else "ok"
        if step == "not_sent":
            return NotSent()
        if step == "poor":
            return Refused(RefusalReason.INSUFFICIENT_BUYING_POWER)
        if step == "mismatch":
            raise OrderMismatch(field="symbol or amount")
        if step == "no_effect":
            return NoAnswer()
        if ticket.client_order_id not in self.orders:
            self.placed.append(ticket.symbol)
            self.orders[ticket.client_order_id] = BrokerOrder(
                f"b-{ticket.symbol}",
                ticket.client_order_id,
                ticket.symbol,
                ticket.amount,
                ended=False,
                filled_nanos=0,
            )
        if step == "crash":
            raise Crash
        if step == "no_answer":
            return NoAnswer()
        return Accepted(f"b-{ticket.symbol}")

    def find(self, account_id: str, client_order_id: str):
        self.looked_up += 1
        if self.silent:
            raise BrokerUnavailable()
        return self.orders.get(client_order_id)


class Polls:
    def __init__(self):
        self.wished, self.since = 0, []

    def soon(self):
        self.wished += 1

    def again_since(self, at):
        self.since.append(at)


@pytest.fixture
def broker():
    return FakeBroker()


@pytest.fixture
def polls():
    return Polls()


@pytest.fixture
def executor(world, broker, polls):
    roads = StoredRoads(world.database, world.clock)
    return Executor(world.plans, broker, world.booker, polls, world.facts, world.clock, roads)


ALL = ["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]


def statuses(world, user_id, plan):
    return {symbol: one.status for symbol, one in world.orders(user_id, plan).items()}


def test_all_orders_are_sent_once_and_their_events_wished_for(
    world, executor, broker, polls
) -> None:
    user_id, plan = world.invested()
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    assert broker.placed == ALL
    assert set(statuses(world, user_id, plan).values()) == {OrderStatus.SUBMITTED}
    assert {one.broker_order_id for one in world.orders(user_id, plan).values()} == {
        f"b-{symbol}" for symbol in ALL
    }
    assert (polls.wished, polls.since) == (1, [])


def test_a_plan_that_does_not_exist_sends_nothing(world, executor, broker) -> None:
    user_id, plan = world.invested()
    with pytest.raises(NotFound):
        executor.run(user_id, f"{plan[:-1]}Z")
    assert broker.placed == []


def test_a_crash_after_a_sending_doubles_nothing(world, executor, broker) -> None:
    user_id, plan = world.invested()
    broker.script = {"QUAL": ["crash"]}
    with pytest.raises(Crash):
        executor.run(user_id, plan)
    assert statuses(world, user_id, plan)["QUAL"] is OrderStatus.PLANNED
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    assert broker.placed == ALL


def test_a_refusal_of_the_repetition_does_not_reject_the_order_that_lives(
    world, executor, broker
) -> None:
    """The first sending took the buying power that its own repetition then lacks."""
    user_id, plan = world.invested()
    broker.script = {"QUAL": ["crash", "poor"]}
    with pytest.raises(Crash):
        executor.run(user_id, plan)
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    order = world.orders(user_id, plan)["QUAL"]
    assert (order.status, order.broker_order_id) == (OrderStatus.SUBMITTED, "b-QUAL")
    assert (world.wallet(user_id).held, world.wallet(user_id).open_orders) == (9_975, 6)
    assert "investing.order_rejected.v1" not in world.events()


def test_a_refusal_is_final_only_when_the_broker_has_no_such_order(world, executor, broker) -> None:
    user_id, plan = world.invested()
    broker.script, broker.silent = {"QUAL": ["poor", "poor"]}, True
    assert executor.run(user_id, plan) == Progress(unsent=1, open=6)
    assert statuses(world, user_id, plan)["QUAL"] is OrderStatus.PLANNED
    assert world.wallet(user_id).held == 9_975
    broker.silent = False
    assert executor.run(user_id, plan) == Progress(unsent=0, open=5)
    refused = world.orders(user_id, plan)["QUAL"]
    assert (refused.status, refused.ending.reason) == (
        OrderStatus.REJECTED,
        "INSUFFICIENT_BUYING_POWER",
    )
    assert world.wallet(user_id).held == 9_975 - refused.notional_minor


@pytest.mark.parametrize("step", ["no_answer", "no_effect"])
def test_an_unknown_outcome_is_looked_up_before_it_is_sent_again(
    world, executor, broker, polls, step
) -> None:
    user_id, plan = world.invested()
    broker.script = {"SIZE": [step]}
    assert executor.run(user_id, plan) == Progress(unsent=1, open=6)
    assert statuses(world, user_id, plan)["SIZE"] is OrderStatus.UNKNOWN
    broker.silent = True
    assert executor.run(user_id, plan) == Progress(unsent=1, open=6)
    broker.silent = False
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)
    assert sorted(broker.placed) == ALL
    assert polls.wished == 2


def test_what_was_not_sent_stays_planned_and_goes_out_later(world, executor, broker) -> None:
    user_id, plan = world.invested()
    broker.script = {symbol: ["not_sent"] for symbol in ALL}
    assert executor.run(user_id, plan) == Progress(unsent=6, open=6)
    assert set(statuses(world, user_id, plan).values()) == {OrderStatus.PLANNED}
    assert executor.run(user_id, plan) == Progress(unsent=0, open=6)


def test_an_order_that_needs_a_person_does_not_hold_up_the_others(
    world, executor, broker, polls
) -> None:
    user_id, plan = world.invested()
    broker.script = {"AAAB": ["mismatch"] * 2}
    with pytest.raises(OrderMismatch):
        executor.run(user_id, plan)
    assert broker.placed == ALL[1:]
    assert polls.wished == 1
    assert statuses(world, user_id, plan)["AAAB"] is OrderStatus.PLANNED
    with pytest.raises(OrderMismatch):
        executor.run(user_id, plan)
    assert len(broker.placed) == 5


def test_an_event_that_is_faster_than_the_answer_wins(world, executor, broker, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["VLUE"]
    submit = broker.submit

    def filled_at_once(ticket):
        answer = submit(ticket)
        if ticket.symbol == "VLUE":
            event = make_fill(order, "x1", "0.1", "94.5", world.clock.now(), total="0.1")
            world.booker.apply(event)
        return answer

    broker.submit = filled_at_once
    executor.run(user_id, plan)
    after = world.orders(user_id, plan)["VLUE"]
    assert (after.status, after.charged_minor) == (OrderStatus.FILLED, 945)


def test_an_order_that_ended_unheard_is_asked_for_from_its_plan_on(
    world, executor, broker, polls
) -> None:
    user_id, plan = world.invested()
    planned_at = world.clock.now()
    broker.script = {"QUAL": ["no_answer"]}
    executor.run(user_id, plan)
    world.clock.advance(timedelta(hours=2))
    executor.run(user_id, plan)
    broker.orders = {
        name: BrokerOrder(one.broker_order_id, name, one.symbol, one.notional, True, 1)
        for name, one in broker.orders.items()
        if one.symbol == "QUAL"
    }
    world.clock.advance(timedelta(minutes=1))
    executor.run(user_id, plan)
    # When it was found is not when it was sent: what happened in between counts too.
    assert polls.since == [planned_at]
