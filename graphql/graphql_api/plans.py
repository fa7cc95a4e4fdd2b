"""Plans: what was decided about a deposit or another cause, also when nothing is done."""

from datetime import datetime

from graphql_api.money import Money, money_of
from graphql_api.orders import TradeCheck, checks_of, deposit_of, model_name
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import DepositId, Fraction, OrderId, PlanId, fraction_or_none
from shared.investing.explaining import explain_plan
from shared.investing.plan import Cause, Plan, PlanOutcome
from shared.investing.store import PlanRow, plan_from
from shared.kernel import money
from shared.platform.tables import Item
from shared.portfolio.model import BASE


@object_type(
    description="What was decided about a deposit, a rebalance, a withdrawal, a dividend or a fee."
)
class InvestmentPlan:
    """See the description."""

    plan_id: PlanId = field(INHERITED, "Identifier.")
    cause: Cause = field(INHERITED, "Why there was something to plan.")
    deposit_id: DepositId = field(
        INHERITED, "Whose money it is about; it names no deposit when `cause` is another one."
    )
    outcome: PlanOutcome = field(INHERITED, "What it came to.")
    summary: str = field(INHERITED, "In words, in the person's language.")
    model: str | None = field(INHERITED, "Name and version of the model.")
    invested: Money = field(INHERITED, "All orders together.")
    kept: Money = field(INHERITED, "What stays cash.")
    drift_before: Fraction | None = field(INHERITED, "Distance from the target before it, 0 to 1.")
    drift_after: Fraction | None = field(INHERITED, "Distance from the target with it, 0 to 1.")
    checks: list[TradeCheck] = field(INHERITED, "All rules that were checked.")
    order_ids: list[OrderId] = field(INHERITED, "The orders that were made.")
    inputs_hash: str = field(
        INHERITED, "SHA-256 of everything the decision rested on; it can be replayed."
    )
    created_at: datetime = field(INHERITED, "When it was decided.")


def read_plan(item: Item) -> Plan | None:
    """A plan among the feed's entries."""
    return plan_from(item) if item.kind == PlanRow.KIND else None


def plan_view(plan: Plan, language: str) -> InvestmentPlan:
    """A plan for its owner."""
    decision = plan.decision
    return InvestmentPlan(
        plan_id=PlanId(plan.plan_id),
        cause=plan.cause,
        deposit_id=deposit_of(plan),
        outcome=decision.outcome,
        summary=explain_plan(plan, language),
        model=model_name(plan),
        invested=money_of(money.Money(decision.notional_minor, BASE)),
        kept=money_of(money.Money(decision.left_minor, BASE)),
        drift_before=fraction_or_none(decision.drift_before),
        drift_after=fraction_or_none(decision.drift_after),
        checks=checks_of(plan, language),
        order_ids=[OrderId(each) for each in plan.order_ids],
        inputs_hash=plan.inputs_hash,
        created_at=plan.created_at,
    )
