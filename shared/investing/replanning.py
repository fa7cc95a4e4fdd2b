"""Planning anew what a lapsed plan was for."""

from dataclasses import dataclass

from shared.investing.inputs import BUYING
from shared.investing.lapses import over
from shared.investing.model import CancelReason
from shared.investing.plan import Plan
from shared.investing.ports import Plans
from shared.investing.reading import Ask
from shared.investing.rules.names import Rule
from shared.investing.service import Planned, Planner, Waiting
from shared.platform.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Replanning:
    """Plans anew what a lapsed plan was for."""

    plans: Plans
    planner: Planner
    facts: UnitOfWork

    def replan(self, user_id: str, plan_id: str) -> Planned | Waiting:
        """The new plan of a deposit or a dividend, however often it is asked for.

        What a rebalancing did not buy its next run buys, and nothing of a plan that raises cash
        is bought: of those nothing is awaited. Neither of a deposit whose money was taken back
        meanwhile: it may stay away for ever, and what comes back is cash like any other. Nor of a
        plan of which staff canceled an order: the same deposit would buy it again. A plan that
        does not exist has nothing to plan.
        """
        plan = self.plans.plan(user_id, plan_id)
        if plan is None:
            return Planned(None)
        if plan.cause not in BUYING or self._stopped_by_staff(plan):
            self.facts.commit([over(user_id, plan_id)])
            return Planned(None)
        made = self.planner.plan(
            user_id,
            Ask(
                cause=plan.cause,
                cause_id=plan.cause_id,
                amount_minor=plan.inputs.amount_minor,
                again=plan_id,
            ),
        )
        if isinstance(made, Waiting) and Rule.DEPOSIT_FUNDED in made.rules:
            self.facts.commit([over(user_id, plan_id)])
            return Planned(None)
        return made

    def _stopped_by_staff(self, plan: Plan) -> bool:
        orders = self.plans.orders(plan.user_id, plan.order_ids)
        return any(one.cancel_reason is CancelReason.CANCELED for one in orders)
