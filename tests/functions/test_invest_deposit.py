"""invest_deposit: funded money becomes plans, and what has to wait is looked at again."""

from dataclasses import replace

import pytest

from shared.investing.inputs import Cause
from shared.investing.plan import Rule
from shared.investing.reading import Ask
from shared.investing.service import Planned, Waiting
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.events import DepositFundedV1
from shared.payments.model import Deposit, DepositStatus, Gateway
from shared.payments.rows import deposit_key
from shared.payments.store import DepositStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import (
    CheckMessage,
    Checks,
    MemoryQueue,
)
from tests.functions.investing_workers import DEPOSIT, NOW, USER, batch, event_of


@pytest.fixture
def invest(investing_worker, monkeypatch):
    handler = investing_worker("invest_deposit")
    planning, market = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "checks", Checks(planning))
    monkeypatch.setattr(handler, "market", market)

    class Planner:
        result, asked = Planned(None), []

        def invest(self, user_id, deposit_id):
            self.asked.append((user_id, deposit_id))
            return self.result

        def plan(self, user_id, ask):
            self.asked.append((user_id, ask))
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


def test_other_causes_are_planned_and_looked_at_again(invest) -> None:
    handler, planner, planning, _ = invest
    planner.result = Waiting((Rule.MARKET_OPEN,))
    subject = {
        "user_id": USER,
        "cause": "WITHDRAWAL",
        "cause_id": "pay_1",
        "amount_minor": "500",
    }
    handler.handle(CheckMessage("planning", subject))
    assert planner.asked == [(USER, Ask(Cause.WITHDRAWAL, "pay_1", 500))]
    assert planning.sent == [(CheckMessage("planning", subject, 1), 5)]
    planner.result = Planned(None)
    handler.handle(
        CheckMessage("planning", subject | {"cause": "REBALANCE", "continues": "yes"}, 1)
    )
    assert planner.asked[1] == (USER, Ask(Cause.REBALANCE, "pay_1", 500, continues=True))
    assert len(planning.sent) == 1


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
