"""Planning what a deposit or another cause asks: one plan each, committed with its orders."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.investing.events import PlanCreatedV1
from shared.investing.gains import rates_of
from shared.investing.model import Order
from shared.investing.parts import purse_moves, purse_of
from shared.investing.plan import Cause, Decision, Plan, Rule, Wait, hash_of, plan_id
from shared.investing.planning import decide
from shared.investing.ports import Plans, Situation, Situations
from shared.investing.reading import Ask
from shared.investing.trading_days import traded
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.platform.correlation import continue_trace, correlation_id
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race

TRIES = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """The cause has its plan, now or since an earlier delivery."""

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
    """Turns funded deposits, and all else that moves a portfolio, into plans."""

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
        """Plan a deposit. See ``plan``."""
        return self.plan(user_id, Ask(Cause.DEPOSIT, deposit_id))

    def plan(self, user_id: str, ask: Ask) -> Planned | Waiting:
        """Plan what is asked: two reads and one write. A repeated call changes nothing.

        Raises TemporarilyUnavailable when other writers kept taking the money first.
        """
        return retry_lost_race(lambda: self._attempt(user_id, ask), tries=TRIES, pause=self._pause)

    def _attempt(self, user_id: str, ask: Ask) -> Planned | Waiting:
        situation = self._situations.load(user_id, ask)
        continue_trace(situation.trace)
        if situation.planned:
            return Planned(None)
        decision = decide(situation.inputs)
        if isinstance(decision, Wait):
            return Waiting(decision.rules)
        return self._commit(user_id, ask, situation, decision)

    def _commit(self, user_id: str, ask: Ask, situation: Situation, decision: Decision) -> Planned:
        plan = self._made(user_id, ask, situation, decision)
        orders = orders_of(plan, situation.account_id or "", correlation_id())
        writes = [
            *self._plans.add(plan, orders),
            *self._situations.planned(user_id, ask),
            *traded(user_id, situation.inputs, decision),
            # Also when nothing is bought: a plan is final, so its reading must still hold.
            self._ledger.reserve(
                situation.wallet,
                decision.notional_minor,
                orders=len(orders),
                on=(situation.inputs.business_now or self._clock.now()).date(),
                purses=purse_moves(
                    situation.inputs.goal,
                    situation.wallet,
                    reserved_minor=decision.notional_minor,
                ),
            ),
        ]
        created = PlanCreatedV1(
            user_id=user_id,
            plan_id=plan.plan_id,
            deposit_id=plan.deposit_id or "",
            order_count=len(orders),
            notional_minor=decision.notional_minor,
            cause=plan.cause.value,
            cause_id=plan.cause_id,
            proceeds_minor=decision.proceeds_minor,
        )
        try:
            self._facts.commit(writes, created)
        except ConditionFailed as failed:
            if "plan" in failed.found:
                return Planned(None)
            # The wallet moved between the read and the write.
            raise LostRace from failed
        return Planned(plan)

    def _made(self, user_id: str, ask: Ask, situation: Situation, decision: Decision) -> Plan:
        return Plan(
            plan_id=plan_id(ask.planned_for),
            user_id=user_id,
            cause=ask.cause,
            cause_id=ask.cause_id,
            created_at=self._clock.now(),
            inputs=situation.inputs,
            inputs_hash=hash_of(situation.inputs.canonical()),
            decision=decision,
        )


def orders_of(plan: Plan, account_id: str, trace: str = "") -> list[Order]:
    """The orders of a plan, sells first; their events are told under ``trace``."""
    return [
        Order(
            order_id=plan.order_id(planned.symbol),
            user_id=plan.user_id,
            plan_id=plan.plan_id,
            account_id=account_id,
            symbol=planned.symbol,
            side=planned.side,
            notional_minor=planned.notional_minor,
            nanos=planned.nanos,
            exit=planned.exit,
            method=plan.inputs.tax.method,
            rates=rates_of(plan.inputs.tax),
            goal_id=plan.goal_id,
            purse=purse_of(plan.inputs.goal),
            closes=("",) if plan.inputs.goal is None else plan.inputs.goal.closes,
            created_at=plan.created_at,
            updated_at=plan.created_at,
            trace=trace,
        )
        for planned in plan.decision.orders
    ]
