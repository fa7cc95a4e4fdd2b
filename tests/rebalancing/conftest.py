"""Plans and orders of rebalances, and people whom a sweep finds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.investing.inputs import AssetUsed, Cause, Inputs, LotUsed, PriceUsed, Target
from shared.investing.model import Ending, Execution, Order, OrderStatus
from shared.investing.plan import Decision, Plan, hash_of, plan_id
from shared.investing.planning import judge
from shared.investing.service import orders_of
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.market_data.model import AssetType
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.rebalancing.model import run_id_of

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
TARGETS = {"AAAB": 4_000, "MTUM": 2_500, "QUAL": 2_500, "USMV": 1_000}
DRIFTED = {"AAAB": 450, "MTUM": 150, "QUAL": 300, "USMV": 100}
"""Shares at ten dollars: five hundred too much of two, a thousand too little of another."""


def rebalance_inputs(cause_id: str, **changes: object) -> Inputs:
    """The worked example: 4,500 / 1,500 / 3,000 / 1,000 dollars against 40 / 25 / 25 / 10 %."""
    bond, fund = AssetType.BOND, AssetType.ETF
    known = Inputs(
        cause=Cause.REBALANCE,
        cause_id=cause_id,
        person_active=True,
        identity_approved=True,
        score=3,
        account_active=True,
        available_minor=0,
        open_orders=0,
        held={name: shares * 10**9 for name, shares in DRIFTED.items()},
        lots={
            name: (
                LotUsed(
                    acquired=date(2025, 1, 2),
                    reference="00001",
                    nanos=shares * 10**9,
                    cost_minor=shares * 900,
                ),
            )
            for name, shares in DRIFTED.items()
        },
        target=Target(id="m", version=1, score=3, weights=TARGETS),
        prices={
            name: PriceUsed(price=Decimal(10), as_of=NOON, source="test:quote") for name in TARGETS
        },
        assets={
            name: AssetUsed(type=bond if name == "AAAB" else fund, buyable=True) for name in TARGETS
        },
        breakers={},
        market_open=True,
        business_now=NOON,
    )
    return known.model_copy(update=changes)


def plan_of(user: str, cause_id: str, at: datetime, decision: Decision, inputs: Inputs) -> Plan:
    """As the planner writes it."""
    return Plan(
        plan_id=plan_id(cause_id),
        user_id=user,
        cause=Cause.REBALANCE,
        cause_id=cause_id,
        created_at=at,
        inputs=inputs,
        inputs_hash=hash_of(inputs.canonical()),
        decision=decision,
    )


class Books:
    """Writes plans and lets their orders end."""

    def __init__(self, database: Database, facts: Facts, clock: FixedClock, user: str) -> None:
        self.store = InvestingStore(database)
        self._facts = facts
        self._clock = clock
        self.user = user
        self.run_id = run_id_of(user, "", NOON, MONDAY)

    def plan(self, cause_id: str | None = None, **changes: object) -> Plan:
        """One that is there now, with its orders."""
        cause = cause_id or self.run_id
        inputs = rebalance_inputs(cause, **changes)
        plan = plan_of(self.user, cause, self._clock.now(), judge(inputs).decision, inputs)
        self._facts.commit(self.store.add(plan, orders_of(plan, "acc")))
        return plan

    def end(self, plan: Plan, *symbols: str, filled: bool = True, day: date = MONDAY) -> None:
        """Those orders end: filled at ten dollars, or rejected."""
        for order in self.store.orders(self.user, plan.order_ids):
            if order.symbol in symbols:
                self._facts.commit([self.store.save(self._ended(order, filled, day))])

    def _ended(self, order: Order, filled: bool, day: date) -> Order:
        at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        if not filled:
            return order.ended(Ending(OrderStatus.REJECTED, 0, "HALTED"), at)
        nanos = order.nanos or order.notional_minor * 10**6
        one = Execution(f"x{order.symbol}", nanos, Decimal(10), at)
        return (
            replace(order, broker_order_id="b")
            .executed(one, at)
            .ended(Ending(OrderStatus.FILLED, nanos), at)
        )


@pytest.fixture
def books(
    database: Database, facts: Facts, clock: FixedClock, ids: SequentialIds
) -> Callable[[], Books]:
    """Of somebody new."""
    return lambda: Books(database, facts, clock, ids.new(Kind.USER))
