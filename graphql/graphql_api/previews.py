"""Previews: what a rebalance, a deposit or a withdrawal would trade now. Nothing is written."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.market_now import market_of
from graphql_api.money import Money, money_of
from graphql_api.orders import CheckValue, TradeCheck
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, Fraction, GoalId, Quantity, Symbol, fraction_or_none
from shared.investing.explaining import explain_decision, told
from shared.investing.inputs import BUYING, Cause, Inputs, Rules, Target
from shared.investing.model import Side
from shared.investing.plan import Decision, LeftOut, PlannedOrder, PlanOutcome, Rule
from shared.kernel import money
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind, same_moment
from shared.ledger.model import settled_by
from shared.market_data.store import MarketView
from shared.portfolio.model import BASE
from shared.strategies.errors import GoalArchived
from shared.strategies.goal_store import saving_from
from shared.strategies.goals import GoalStatus

if TYPE_CHECKING:
    from shared.investing.planning import Judged

RULES = Rules()
"""Those of execution: previews must not judge by others."""


@object_type(description="What selling is expected to gain and to be taxed with.")
class ExpectedGain:
    """See the description."""

    cost: Money = field(INHERITED, "What the shares to be sold were bought for.")
    short_term: Money = field(INHERITED, "Gain on shares held for up to one year, or loss.")
    long_term: Money = field(INHERITED, "Gain on shares held longer, or loss.")
    tax: Money = field(INHERITED, "Estimate of the tax; zero while no rates are known.")
    wash_sale: Money = field(
        INHERITED, "Losses in it that save no tax, since the same was bought shortly before."
    )


@object_type(description="An order that would be made.")
class PreviewedOrder:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Of which asset.")
    side: Side = field(INHERITED, "Which way.")
    amount: Money = field(INHERITED, "What it costs, or is expected to bring, at today's price.")
    quantity: Quantity | None = field(INHERITED, "Shares; null for a buy over an amount of money.")
    exit: bool = field(INHERITED, "Whether all of it is sold.")
    gain: ExpectedGain | None = field(INHERITED, "Of a sale.")


@object_type(description="A share of the portfolio, now and with the orders.")
class PreviewedWeight:
    """See the description."""

    name: str = field(INHERITED, "A symbol, or `CASH`.")
    before: Fraction = field(INHERITED, "Now, 0 to 1.")
    after: Fraction = field(INHERITED, "With all orders, at today's prices.")
    target: Fraction = field(INHERITED, "What the model asks for.")


@object_type(description="An order that was considered and not made.")
class RejectedOrder:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Of which asset.")
    amount: Money = field(INHERITED, "For how much.")
    reason: str = field(INHERITED, "Why not, as a stable code.")


@object_type(description="What would be decided now, by the code that decides.")
class PlanPreview:
    """See the description."""

    cause: Cause = field(INHERITED, "Why there would be something to plan.")
    outcome: PlanOutcome = field(INHERITED, "What it would come to.")
    summary: str = field(INHERITED, "In words, in the person's language.")
    waits_for: list[Rule] = field(
        INHERITED, "Rules that must hold first; empty when it could be done now."
    )
    orders: list[PreviewedOrder] = field(INHERITED, "Sells first.")
    weights: list[PreviewedWeight] = field(INHERITED, "Before and after, cash included.")
    drift_before: Fraction | None = field(INHERITED, "Distance from the target now.")
    drift_after: Fraction | None = field(INHERITED, "Distance from the target with the orders.")
    rejected: list[RejectedOrder] = field(INHERITED, "What was left out.")
    left: Money = field(INHERITED, "Cash at the end, to the cent.")
    checks: list[TradeCheck] = field(INHERITED, "All rules that were checked.")


PlanPreviewResult = Annotated[
    PlanPreview | Failure,
    strawberry.union("PlanPreviewResult", description="The preview, or why there is none."),
]


@object_type()
class PreviewQuery:
    """Root fields that show what would be traded."""

    @field(
        SIGNED_IN,
        "What a rebalance of a goal, the general one when not given, would trade now; nothing is "
        "changed.",
    )
    def rebalance_preview(self, info: Info, goal_id: GoalId | None = None) -> PlanPreviewResult:
        """See the description."""
        return answered(
            lambda: _preview(info.context, Cause.REBALANCE, goal_id=goal_id), info.context.language
        )

    @field(
        SIGNED_IN,
        "What a deposit of this many US dollars for a goal, the general one when not given, would "
        "buy; nothing is changed.",
    )
    def deposit_preview(
        self, info: Info, amount: Amount, goal_id: GoalId | None = None
    ) -> PlanPreviewResult:
        """See the description."""
        return answered(
            lambda: _preview(info.context, Cause.DEPOSIT, _cents(amount), goal_id=goal_id),
            info.context.language,
        )

    @field(
        SIGNED_IN,
        "What a withdrawal of this many US dollars, or of `all`, of a goal or of all there is, "
        "would have to sell; nothing is changed.",
    )
    def withdrawal_preview(
        self,
        info: Info,
        amount: Amount | None = None,
        all: bool = False,
        goal_id: GoalId | None = None,
    ) -> PlanPreviewResult:
        """See the description."""
        return answered(
            lambda: _withdrawal(info.context, amount, goal_id, everything=all),
            info.context.language,
        )


def _cents(amount: Amount) -> int:
    minor = money.Money.parse(amount, BASE).minor
    if minor <= 0:
        raise InvalidValue(field="amount", reason="must be positive and finite")
    return minor


def _withdrawal(
    context: Context, amount: Amount | None, goal_id: GoalId | None, *, everything: bool
) -> PlanPreview:
    if (amount is None) is not everything:
        raise InvalidValue(field="amount", reason="must be given, or all, and not both")
    cents = 0 if amount is None else _cents(amount)
    return _preview(context, Cause.WITHDRAWAL, cents, goal_id=goal_id, everything=everything)


def _checked_goal(context: Context, goal_id: GoalId | None) -> str:
    """As the acts that it shows check it."""
    if goal_id is None:
        return ""
    state = context.state()
    goal = saving_from(state.user_id, state.saving).goal(goal_id)
    if goal is None:
        raise NotFound(what="The goal")
    if goal.status is GoalStatus.ARCHIVED:
        raise GoalArchived()
    return goal.goal_id


def _preview(
    context: Context,
    cause: Cause,
    minor: int = 0,
    *,
    goal_id: GoalId | None = None,
    everything: bool = False,
) -> PlanPreview:
    """From the state of this request and the prices in memory: one read, as the screen."""
    # Few requests preview anything: a cold start does not load the planner for them.
    from shared.investing.planning import judge
    from shared.investing.reading import Ask, inputs_of

    state, user = context.state(), context.user()
    now = context.app.clock.now()
    ask = Ask(
        cause,
        same_moment(Kind.PLAN, state.user_id),
        minor,
        goal_id=_checked_goal(context, goal_id),
        all_until=settled_by(now) if everything else None,
    )
    inputs = inputs_of(
        ask,
        state,
        user,
        market_now(context),
        context.app.strategies.in_force(),
        rules=RULES,
        now=now,
    )
    if cause in BUYING:
        # As if the money were in the account already.
        inputs = inputs.model_copy(update={"available_minor": inputs.available_minor + minor})
    return _shown(context, inputs, judge(inputs))


def _shown(context: Context, inputs: Inputs, judged: "Judged") -> PlanPreview:
    decision, cause = judged.decision, inputs.cause
    return PlanPreview(
        cause=cause,
        outcome=decision.outcome,
        summary=explain_decision(inputs, decision, context.language),
        waits_for=[each.rule for each in judged.waits_for],
        orders=[_order(decision, each) for each in decision.orders],
        weights=_weights(decision, inputs.target),
        drift_before=fraction_or_none(decision.drift_before),
        drift_after=fraction_or_none(decision.drift_after),
        rejected=[_rejected(each) for each in decision.left_out],
        left=_money(decision.left_minor),
        checks=[
            TradeCheck(
                rule=check.rule,
                outcome=check.outcome,
                text=text.detail,
                detail=[CheckValue(name=name, value=value) for name, value in check.values.items()],
            )
            for check, text in zip(
                decision.checks, told(decision.checks, context.language), strict=True
            )
        ],
    )


def market_now(context: Context) -> MarketView:
    """Prices from memory, with the switches as they stand now."""
    context.count_read()
    return market_of(context.app.database, context.app.prices)


def _order(decision: Decision, order: PlannedOrder) -> PreviewedOrder:
    sale = decision.sales.get(order.symbol)
    gain = None
    if sale is not None:
        gain = ExpectedGain(
            cost=_money(sale.cost_minor),
            short_term=_money(sale.short_minor),
            long_term=_money(sale.long_minor),
            tax=_money(sale.tax_minor),
            wash_sale=_money(sale.washed_minor),
        )
    return PreviewedOrder(
        symbol=Symbol(order.symbol),
        side=order.side,
        amount=_money(order.notional_minor if sale is None else sale.proceeds_minor),
        quantity=Quantity(str(money.Quantity(order.nanos))) if order.nanos else None,
        exit=order.exit,
        gain=gain,
    )


def _weights(decision: Decision, target: Target | None) -> list[PreviewedWeight]:
    aims = {} if target is None else target.weights
    return [
        PreviewedWeight(
            name=name,
            before=fraction_or_none(decision.before.get(name)) or Fraction(Decimal(0)),
            after=fraction_or_none(decision.after.get(name)) or Fraction(Decimal(0)),
            target=Fraction(Decimal(aims.get(name, 0)) / 10_000),
        )
        for name in sorted(decision.before.keys() | decision.after.keys() | aims.keys())
    ]


def _rejected(left: LeftOut) -> RejectedOrder:
    return RejectedOrder(
        symbol=Symbol(left.symbol), amount=_money(left.amount_minor), reason=left.reason
    )


def _money(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))
