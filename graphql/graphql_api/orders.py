"""Orders, and why each was made."""

from collections.abc import Iterable
from datetime import datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.pages import Reader
from graphql_api.rules import INHERITED, Info, field, object_type
from graphql_api.scalars import DepositId, Fraction, OrderId, Quantity, Symbol
from shared.investing.explaining import explain, explain_checks
from shared.investing.model import Order as Stored
from shared.investing.model import OrderStatus, Side
from shared.investing.plan import Cause, Outcome, Plan, PlanOutcome, Rule
from shared.investing.store import OrderRow, PlanRow, order_from, plan_from, plan_key
from shared.kernel import money
from shared.kernel.ids import Kind, created_at, same_moment
from shared.platform.tables import Item
from shared.portfolio.model import BASE

strawberry.enum(Side, name="OrderSide", description="Which way the shares go.")
strawberry.enum(OrderStatus, description="Where an order stands.")
strawberry.enum(Rule, name="TradeRule", description="Rules that are checked before an order.")
strawberry.enum(Cause, name="PlanCause", description="Why there is something to plan.")
strawberry.enum(PlanOutcome, description="What a plan came to.")
strawberry.enum(Outcome, name="CheckOutcome", description="Result of a check.")


@object_type(description="A number behind a check.")
class CheckValue:
    """See the description."""

    name: str = field(INHERITED, "What it is.")
    value: str = field(INHERITED, "The number, or another plain value.")


@object_type(description="A rule that was checked before the order was made.")
class TradeCheck:
    """See the description."""

    rule: Rule = field(INHERITED, "Which one.")
    outcome: Outcome = field(INHERITED, "How it came out.")
    text: str = field(INHERITED, "In words, in the person's language.")
    detail: list[CheckValue] = field(INHERITED, "The numbers behind it.")


@object_type(description="Why an order was made: stored with the plan, not made up later.")
class OrderReason:
    """See the description."""

    summary: str = field(INHERITED, "In words, in the person's language.")
    target: Fraction = field(INHERITED, "Share of the portfolio that the model asks.")
    actual: Fraction = field(INHERITED, "Share that was held before the plan.")
    planned: Fraction = field(INHERITED, "Share that the plan leads to.")
    model: str | None = field(INHERITED, "Name and version of the model.")
    checks: list[TradeCheck] = field(INHERITED, "All rules that were checked.")
    cause: Cause = field(INHERITED, "Why there was something to plan.")
    deposit_id: DepositId = field(
        INHERITED, "Whose money is invested; it names no deposit when `cause` is another one."
    )
    inputs_hash: str = field(
        INHERITED, "SHA-256 of everything the decision rested on; it can be replayed."
    )


@object_type(description="An order to buy or sell shares.")
class Order:
    """See the description."""

    order_id: OrderId = field(INHERITED, "Identifier.")
    symbol: Symbol = field(INHERITED, "Of which asset.")
    side: Side = field(INHERITED, "Which way.")
    status: OrderStatus = field(INHERITED, "Where it stands.")
    notional: Money = field(INHERITED, "For how much it was made.")
    filled_quantity: Quantity = field(INHERITED, "Shares so far, with nine decimals.")
    filled_amount: Money = field(INHERITED, "What those shares cost.")
    reason: str | None = field(INHERITED, "Why it ended unfilled, as a stable code.")
    created_at: datetime = field(INHERITED, "When its plan was made.")
    updated_at: datetime | None = field(INHERITED, "Its last change.")
    stored: strawberry.Private[Stored]
    reader: strawberry.Private[Reader]

    @field(INHERITED, "Why it was made; null when the plan cannot be found.")
    def why(self, info: Info) -> OrderReason | None:
        """See the description."""
        plan = plan_of(self.reader, self.stored)
        return None if plan is None else reason_of(plan, self.stored, info.context.language)


def read_order(item: Item) -> Stored | None:
    """An order among the feed's entries."""
    return order_from(item) if item.kind == OrderRow.KIND else None


def begun_at(order: Stored) -> datetime:
    """When its plan was made; its identifier only carries the time of the deposit."""
    return order.created_at or order.submitted_at or created_at(order.order_id)


def order_view(stored: Stored, reader: Reader) -> Order:
    """An order; ``reader`` finds the plan behind it."""
    return Order(
        order_id=OrderId(stored.order_id),
        symbol=Symbol(stored.symbol),
        side=stored.side,
        status=stored.status,
        notional=money_of(money.Money(stored.notional_minor, BASE)),
        filled_quantity=Quantity(str(money.Quantity(stored.filled_nanos))),
        filled_amount=money_of(money.Money(stored.charged_minor, BASE)),
        reason=None if stored.ending is None else stored.ending.reason,
        created_at=begun_at(stored),
        updated_at=stored.updated_at,
        stored=stored,
        reader=reader,
    )


def plan_of(reader: Reader, order: Stored) -> Plan | None:
    """The plan behind an order: from the feed page of this request when it is there, else all
    missing plans of that page's orders in one read."""
    if order.plan_id not in reader.plans:
        feed = reader.feed().items
        _keep(reader.plans, (plan_from(item) for item in feed if item.kind == PlanRow.KIND))
        wanted = {order.plan_id} | {
            each.plan_id for item in feed if (each := read_order(item)) is not None
        }
        missing = [name for name in sorted(wanted) if name not in reader.plans]
        if order.plan_id in missing:
            keys = [plan_key(reader.user_id, name) for name in missing]
            found = reader.app.database.get_many(keys)
            reader.plans.update(dict.fromkeys(missing))
            _keep(reader.plans, map(plan_from, found.values()))
    return reader.plans[order.plan_id]


def _keep(plans: dict[str, Plan | None], found: Iterable[Plan]) -> None:
    for plan in found:
        plans[plan.plan_id] = plan


def reason_of(plan: Plan, order: Stored, language: str) -> OrderReason | None:
    """Out of what was stored with the plan."""
    if plan.decision.order(order.symbol) is None:
        return None
    explained = explain(plan, order.symbol, language)
    return OrderReason(
        summary=explained.summary,
        target=Fraction(explained.target),
        actual=Fraction(explained.actual),
        planned=Fraction(explained.after),
        model=model_name(plan),
        checks=checks_of(plan, language),
        cause=plan.cause,
        deposit_id=deposit_of(plan),
        inputs_hash=plan.inputs_hash,
    )


def deposit_of(plan: Plan) -> DepositId:
    """The deposit of a plan. The field can never be null for clients that rely on it: another
    cause gives the id that a deposit of the plan's moment would have, and none has."""
    return DepositId(plan.deposit_id or same_moment(Kind.DEPOSIT, plan.plan_id))


def model_name(plan: Plan) -> str | None:
    """Name and version of the model that a plan aims for."""
    target = plan.inputs.target
    return None if target is None else f"{target.id} v{target.version}"


def checks_of(plan: Plan, language: str) -> list[TradeCheck]:
    """Every check of a plan, with its sentence and its numbers."""
    pairs = zip(plan.decision.checks, explain_checks(plan, language), strict=True)
    return [
        TradeCheck(
            rule=check.rule,
            outcome=check.outcome,
            text=told.detail,
            detail=[CheckValue(name=name, value=value) for name, value in check.values.items()],
        )
        for check, told in pairs
    ]
