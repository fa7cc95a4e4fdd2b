"""sweep_portfolios and follow_rebalances: which messages they take, and what they leave."""

from datetime import date

import pytest

from functions.sweep_portfolios.telling import Messages
from shared.cases.model import CaseStatus
from shared.cases.store import CaseStore
from shared.investing.events import OrdersCompletedV1, PlanCreatedV1
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, MemoryQueue
from tests.functions.investing_workers import ENVIRONMENT, IDS, NOW, PLAN, URL, USER, event_of

RUN, GOAL = IDS.new(Kind.RUN), IDS.new(Kind.GOAL)


@pytest.fixture
def worker(investing_worker, monkeypatch):
    """The handler module of a worker, with the queues of rebalancing."""
    for name in ("rebalances", "portfolio-sweep", "planning"):
        monkeypatch.setenv(f"{name.upper().replace('-', '_')}_QUEUE", f"{URL}{name}")
    assert "CORE_TABLE" in ENVIRONMENT
    return investing_worker


class Asked:
    """Takes every call and keeps it."""

    def __init__(self) -> None:
        self.calls = []

    def __getattr__(self, name):
        return lambda *values: self.calls.append((name, *values))


def test_a_tick_and_a_segment_are_what_the_sweep_takes(worker, monkeypatch) -> None:
    handler, asked = worker("sweep_portfolios"), Asked()
    monkeypatch.setattr(handler, "sweep", asked)
    handler.handle(CheckMessage("portfolio_sweep", {}))
    handler.handle(CheckMessage("sweep_segment", {"day": "2026-03-02", "number": "7"}))
    assert asked.calls == [("tick",), ("walk", date(2026, 3, 2), 7)]
    with pytest.raises(TypeError):
        handler.handle(CheckMessage("sweep", {}))


def test_runs_follow_plans_of_rebalances_and_the_end_of_orders(worker, monkeypatch) -> None:
    handler, asked = worker("follow_rebalances"), Asked()
    monkeypatch.setattr(handler, "follower", asked)
    made = {"user_id": USER, "plan_id": PLAN, "deposit_id": "", "order_count": 1}
    handler.handle(event_of(PlanCreatedV1(**made, notional_minor=1, cause="REBALANCE")))
    handler.handle(event_of(PlanCreatedV1(**made, notional_minor=1, cause="DEPOSIT")))
    handler.handle(event_of(OrdersCompletedV1(user_id=USER, plan_id=PLAN)))
    handler.handle(CheckMessage("rebalance", {"user_id": USER, "run_id": RUN}))
    handler.handle(CheckMessage("rebalance", {"user_id": USER, "goal_id": ""}))
    looks = [("look", USER, PLAN), ("look", USER, PLAN)]
    assert asked.calls == [*looks, ("resume", USER, RUN), ("go_on", USER, "")]
    with pytest.raises(TypeError):
        handler.handle(CheckMessage("planning", {}))


def test_what_a_sweep_tells_goes_to_planning_to_runs_and_to_staff() -> None:
    database, clock = MemoryDatabase(), FixedClock(NOW)
    planning, rebalances, own = MemoryQueue(), MemoryQueue(), MemoryQueue()
    cases = CaseStore(database)
    told = Messages(planning, rebalances, own, cases, Facts(database, clock, IDS), clock.now)
    told.rebalance(USER, "", RUN)
    told.rebalance(USER, GOAL, RUN)
    told.go_on(USER, GOAL)
    told.segment(date(2026, 3, 2), 7)
    for _ in range(2):
        told.unreadable(USER)
    subject = {"user_id": USER, "cause": "REBALANCE", "cause_id": RUN}
    assert planning.sent == [
        (CheckMessage("planning", subject), 0),
        (CheckMessage("planning", subject | {"goal_id": GOAL}), 0),
    ]
    run = {"user_id": USER, "goal_id": GOAL}
    assert rebalances.sent == [(CheckMessage("rebalance", run), 0)]
    segment = {"day": "2026-03-02", "number": "7"}
    assert own.sent == [(CheckMessage("sweep_segment", segment), 0)]
    (case,) = cases.listed(CaseStatus.OPEN)
    assert (case.kind.value, case.user_id) == ("HOLDINGS_UNREADABLE", USER)
