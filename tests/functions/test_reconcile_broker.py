"""reconcile_broker: ticks, segments and single accounts, and nothing else."""

import importlib
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from moto import mock_aws

from shared.kernel.clock import FixedClock
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import CheckMessage
from tests.functions.investing_workers import batch

DAY = date(2026, 3, 2)
NAMES = ("core", "journal", "outbox", "market")
ENVIRONMENT = {
    "CELL": "t1",
    **{f"{name.upper()}_TABLE": name for name in NAMES},
    "BROKER_RECONCILIATION_QUEUE": "http://127.0.0.1:9/1/broker-reconciliation",
    "BROKER_SECRET": "broker",
    "BROKER_BASE_URL": "http://127.0.0.1:9/alpaca",
    "IBKR_SECRET": "ibkr",
    "IBKR_BASE_URL": "http://127.0.0.1:9/ibkr",
    "REPORTS_BUCKET": "reports",
    "REPORTS_KEY": "arn:aws:kms:us-east-1:000000000000:key/1",
}


class Sweep:
    """Stands for the use case, and remembers what was asked of it."""

    def __init__(self):
        self.asked = []

    def tick(self):
        self.asked.append("tick")

    def look(self):
        self.asked.append("firm")

    def walk(self, day, number):
        self.asked.append((day, number))

    def account(self, day, user_id, attempt):
        self.asked.append((day, user_id, attempt))


@pytest.fixture
def worker(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        handler = importlib.import_module("functions.reconcile_broker.handler")
        sweep = Sweep()
        monkeypatch.setattr(handler, "sweep", lambda: sweep)
        monkeypatch.setattr(handler, "firm", lambda: sweep)
        yield handler, sweep


def test_each_message_has_its_part_of_the_work(worker) -> None:
    handler, sweep = worker
    told = {"day": "2026-03-02", "user_id": "usr_t1_1"}
    for message in (
        CheckMessage("broker_reconciliation", {}),
        CheckMessage("broker_segment", {"day": "2026-03-02", "segment": "7"}),
        CheckMessage("broker_account", told),
        CheckMessage("broker_account", {**told, "chain": "yes"}, 2),
    ):
        assert handler.handler(batch(message), None) == {"batchItemFailures": []}
    once, chained = (DAY, "usr_t1_1", None), (DAY, "usr_t1_1", 2)
    assert sweep.asked == ["tick", "firm", (DAY, 7), once, chained]


def test_a_message_of_others_is_left_for_people(worker) -> None:
    handler, sweep = worker
    answer = handler.handler(batch(CheckMessage("market", {})), None)
    assert len(answer["batchItemFailures"]) == 1
    assert sweep.asked == []


def test_the_markets_time_is_unknown_while_its_clock_is_old() -> None:
    building = importlib.import_module("functions.reconcile_broker.building")
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    clock, database = FixedClock(at), MemoryDatabase()
    market_now = building.market_clock(SimpleNamespace(clock=clock, database=database))
    assert market_now() is None
    behind = at - timedelta(days=7)
    MarketStore(database).keep_clock(MarketClock(behind, True, behind, at, at))
    assert market_now() == behind
    clock.advance(timedelta(days=1))
    assert market_now() is None


def test_both_use_cases_are_put_together_without_asking_anybody(monkeypatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        module = importlib.import_module("functions.reconcile_broker.handler")
        assert module.sweep().looking.custody is not None
        assert module.firm().owner == "house_t1"
