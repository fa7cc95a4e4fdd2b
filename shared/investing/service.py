"""Investing a funded deposit: one plan per deposit, committed with its orders and reservation."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.investing.events import PlanCreatedV1
from shared.investing.model import Order
from shared.investing.plan import Decision, Plan, Rule, Wait, hash_of, plan_id
from shared.investing.planning import decide
from shared.investing.ports import Plans, Situation, Situations
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.platform.correlation import continue_trace, correlation_id
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race

TRIES = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """The deposit has its plan, now or since an earlier delivery."""

    plan: Plan | None
    """None when the plan was there before."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing was written; ask again when these rules may have changed."""

    rules: tuple[Rule, ...]

    @property
    def for_market(self) -> bool:
        """Whether newer market data could help."""
        fresh = {Rule.MARKET_OPEN, Rule.PRICE_FRESH, Rule.MODEL_PUBLISHED}
        return bool(fresh.intersection(self.rules))


class Planner:
    """Turns funded deposits into plans."""

    def __init__(
        self,
        situations: Situations,
        plans: Plans,
        ledger: Ledger,
        facts: UnitOfWork,
        clock: Clock,
        pause: Callable[[int], None],
    ) -> None:
        self._situations = situations
        self._plans = plans
        self._ledger = ledger
        self._facts = facts
        self._clock = clock
        self._pause = pause

    def invest(self, user_id: str, deposit_id: str) -> Planned | Waiting:
        """Plan a deposit: two reads and one write. A repeated call changes nothing.

        Raises TemporarilyUnavailable when other writers kept taking the money first.
        """
        return retry_lost_race(
            lambda: self._attempt(user_id, deposit_id), tries=TRIES, pause=self._pause
        )

    def _attempt(self, user_id: str, deposit_id: str) -> Planned | Waiting:
        situation = self._situations.load(user_id, deposit_id)
        continue_trace(situation.trace)
        if situation.planned:
            return Planned(None)
        decision = decide(situation.inputs)
        if isinstance(decision, Wait):
            return Waiting(decision.rules)
        return self._commit(user_id, deposit_id, situation, decision)

    def _commit(
        self, user_id: str, deposit_id: str, situation: Situation, decision: Decision
    ) -> Planned:
        plan = self._plan(user_id, deposit_id, situation, decision)
        orders = orders_of(plan, situation.account_id or "", correlation_id())
        reserved = decision.notional_minor
        writes = [
            *self._plans.add(plan, orders),
            self._situations.planned(user_id, deposit_id),
            # Also when nothing is bought: a plan is final, so its reading must still hold.
            self._ledger.reserve(situation.wallet, reserved, orders=len(orders)),
        ]
        created = PlanCreatedV1(
            user_id=user_id,
            plan_id=plan.plan_id,
            deposit_id=deposit_id,
            order_count=len(orders),
            notional_minor=decision.notional_minor,
        )
        try:
            self._facts.commit(writes, created)
        except ConditionFailed as failed:
            if "plan" in failed.found:
                return Planned(None)
            # The wallet moved between the read and the write.
            raise LostRace from failed
        return Planned(plan)

    def _plan(
        self, user_id: str, deposit_id: str, situation: Situation, decision: Decision
    ) -> Plan:
        return Plan(
            plan_id=plan_id(deposit_id),
            user_id=user_id,
            deposit_id=deposit_id,
            created_at=self._clock.now(),
            inputs=situation.inputs,
            inputs_hash=hash_of(situation.inputs.canonical()),
            decision=decision,
        )


def orders_of(plan: Plan, account_id: str, trace: str = "") -> list[Order]:
    """The orders of a plan, by symbol; their events are told under ``trace``."""
    return [
        Order(
            order_id=plan.order_id(symbol),
            user_id=plan.user_id,
            plan_id=plan.plan_id,
            account_id=account_id,
            symbol=symbol,
            notional_minor=amount,
            created_at=plan.created_at,
            updated_at=plan.created_at,
            trace=trace,
        )
        for symbol, amount in sorted(plan.decision.orders.items())
    ]
