"""invest_deposit: funded money becomes plans, and what has to wait is looked at again."""

from dataclasses import replace

import pytest

from functions.invest_deposit.building import funded
from shared.breakers.pulses import Pulses
from shared.investing.events import OrdersCompletedV1
from shared.investing.inputs import Cause
from shared.investing.plan import Rule
from shared.investing.reading import Ask
from shared.investing.service import Planned, Waiting
from shared.kernel.clock import FixedClock, to_text
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.events import DepositFundedV1
from shared.payments.model import Deposit, DepositStatus, Gateway
from shared.payments.rows import DepositRow, deposit_key
from shared.payments.store import DepositStore
from shared.payments.unplanned import unplanned
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import (
    CheckMessage,
    Checks,
    MemoryQueue,
)
from shared.platform.tables import Update
from shared.platform.worker import Tally
from tests.functions.investing_workers import DEPOSIT, IDS, NOW, PLAN, USER, batch, event_of


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


def test_what_waited_for_orders_is_planned_when_the_last_one_ends(invest, monkeypatch) -> None:
    handler, planner, planning, _ = invest
    monkeypatch.setattr(handler, "unplanned", lambda database, user: (DEPOSIT,))
    planner.result = Waiting((Rule.NO_ORDERS_IN_FLIGHT,))
    handler.handle(event_of(OrdersCompletedV1(user_id=USER, plan_id=PLAN)))
    assert planner.asked == [(USER, DEPOSIT)]
    # The deposit's own looks go on as they were.
    assert planning.sent == []


def test_of_the_newest_rows_those_deposits_are_found_that_wait_for_their_plan() -> None:
    database = MemoryDatabase()
    waiting, done = IDS.new(Kind.DEPOSIT), IDS.new(Kind.DEPOSIT)
    for deposit_id, check in ((waiting, "planning"), (done, None)):
        key = deposit_key(USER, deposit_id)
        database.write(Update("d", DepositRow, key.pk, key.sk, _checked(check)))
    assert unplanned(database, USER) == (waiting,)


def _checked(check):
    return (DepositRow.check.set(check) if check else DepositRow.check.remove(),)


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


def test_planning_reads_the_deposits_of_payments() -> None:
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
    settled = funded(database.get_many([key])[key])
    assert (settled.funded, settled.credited_minor) == (False, 10_000)
    after = replace(deposit, status=DepositStatus.FUNDED, version=deposit.version + 1)
    facts.commit([store.save(deposit, after)])
    assert funded(database.get_many([key])[key]).funded


def test_a_foreign_message_goes_to_the_dead_letters(invest) -> None:
    with pytest.raises(TypeError):
        invest[0].handle(CheckMessage("poll", {}))


def test_what_lapsed_is_planned_again_when_the_sweep_asks_and_starts_no_chain(
    invest, monkeypatch
) -> None:
    handler, _, planning, market = invest
    asked = []

    class Replanning:
        def replan(self, user_id, plan_id):
            asked.append((user_id, plan_id))
            return Waiting((Rule.MARKET_OPEN,))

    monkeypatch.setattr(handler, "replanning", Replanning())
    handler.handle(CheckMessage("planning", {"user_id": USER, "again": PLAN}))
    assert asked == [(USER, PLAN)]
    assert (planning.sent, market.sent) == ([], [(CheckMessage("market", {}), 0)])


def test_a_pulse_tells_what_this_process_has_done_since_its_last_one(invest, monkeypatch) -> None:
    handler, *_ = invest
    stored = Pulses(MemoryDatabase())
    monkeypatch.setattr(handler, "pulses", stored)
    monkeypatch.setattr(handler, "TALLY", Tally(3, 1))
    for _ in range(2):
        pulse = CheckMessage("pulse", {"queue": "planning", "sent_at": to_text(NOW)})
        handler.handle(pulse)
        assert stored.read(["planning"])["planning"].taken_at == NOW
    assert Tally() == handler.TALLY
