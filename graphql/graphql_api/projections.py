"""What may become of a goal: ranges over the years, and the chance of its target."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from dateutil.relativedelta import relativedelta

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.goal_views import worths_of
from graphql_api.market import business_now
from graphql_api.money import Money, money_of, money_or_none
from graphql_api.portfolio import portfolio_of
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, Fraction, GoalId, fraction_or_none
from shared.kernel import money
from shared.kernel.errors import NotFound
from shared.management_fees import terms
from shared.payments.errors import RateUnavailable
from shared.payments.quoting import quote_at
from shared.portfolio.model import BASE
from shared.projections.errors import ProjectionRiskProfileMissing, ProjectionWorthUnknown
from shared.projections.model import (
    LEAST_WISHED,
    LONGEST_YEARS,
    Method,
    Projection,
    Question,
    Standing,
    check_wish,
    months_to,
)
from shared.recurring.monthly import a_month
from shared.strategies.errors import GoalArchived
from shared.strategies.goal_store import Saving, saving_from
from shared.strategies.goals import Goal, GoalStatus

if TYPE_CHECKING:
    from shared.projections.assumptions import Assumptions

strawberry.enum(
    Method, name="ProjectionMethod", description="Where the possible futures come from."
)
strawberry.enum(
    Standing,
    name="ProjectionStanding",
    description="Where the amount of the wished probability lies beside the target.",
)

WORK = 4_000
"""As much as four pages of a list: a request holds four of these, and a minute some fifty."""


@object_type(
    description="What it may be worth on a day, and what will have been paid in until then."
)
class ProjectedWorth:
    """See the description."""

    on: date = field(INHERITED, "The day.")
    months: int = field(INHERITED, "From now.")
    low: Money = field(INHERITED, "Nine of ten futures are at this or above it.")
    middle: Money = field(INHERITED, "Half of them are.")
    high: Money = field(INHERITED, "One of ten is.")
    paid_in: Money = field(INHERITED, "What it is worth today, and all monthly amounts until then.")


@object_type(description="What the model takes for granted: assumptions, and no promise.")
class ProjectionAssumptions:
    """See the description."""

    version: int = field(INHERITED, "Of the table of assumptions.")
    valid_from: date = field(INHERITED, "Since when it is in force.")
    return_bp: int = field(
        INHERITED,
        "Mean return of a year before fee and inflation, of what it is invested in today.",
    )
    deviation_bp: int = field(INHERITED, "Standard deviation of a year of the same.")
    inflation_bp: int = field(INHERITED, "Inflation of a year.")
    fee_bp: int = field(INHERITED, "Management fee of a year.")


@object_type(
    description="What may become of a goal, in the purchasing power of today and after fees: "
    "ranges out of many possible futures. Taxes are not in it."
)
class GoalProjection:
    """See the description."""

    goal_id: GoalId = field(INHERITED, "Of which goal.")
    method: Method = field(INHERITED, "Where the futures come from.")
    worth: Money = field(INHERITED, "What is saved for it now.")
    as_of: datetime | None = field(INHERITED, "Time of the oldest price of all that is held.")
    stale: bool = field(INHERITED, "Whether a price of it is too old or in doubt.")
    monthly_amount: Money = field(
        INHERITED, "What is added at the end of each month, growing with inflation."
    )
    until: date = field(INHERITED, "The goal's day.")
    years: list[ProjectedWorth] = field(INHERITED, "After each year, and on the day.")
    wished_probability: int = field(INHERITED, "Per cent, as it was asked for.")
    reached: Money = field(INHERITED, "What is reached on the day with this probability.")
    target: Money | None = field(INHERITED, "The goal's; null when that is open.")
    probability: Fraction | None = field(
        INHERITED, "Share of the futures that reach the target, 0 to 1; null without a target."
    )
    standing: Standing | None = field(
        INHERITED, "`reached` beside the target; null without a target."
    )
    required_monthly_amount: Money | None = field(
        INHERITED,
        "The least amount a month that reaches the target with the wished probability, zero when "
        "nothing more is needed; null without a target.",
    )
    assumptions: ProjectionAssumptions = field(INHERITED, "What it stands on.")
    paths: int = field(INHERITED, "How many futures were looked at.")


GoalProjectionResult = Annotated[
    GoalProjection | Failure,
    strawberry.union("GoalProjectionResult", description="The ranges, or why there are none."),
]


@object_type()
class ProjectionQuery:
    """Root fields about what may come."""

    @field(
        SIGNED_IN,
        "What may become of a goal by its day, if so much is added each month (what its recurring "
        f"deposits bring, when left out), and what it takes to reach its target with a probability "
        f"of 50 to 95 per cent. Up to {LONGEST_YEARS} years; computed for each request.",
        work=WORK,
    )
    def goal_projection(
        self,
        info: Info,
        goal_id: GoalId,
        monthly_amount: Amount | None = None,
        probability: int = LEAST_WISHED,
        method: Method = Method.MODEL,
    ) -> GoalProjectionResult:
        """See the description."""
        context = info.context
        return answered(
            lambda: _projected(context, goal_id, monthly_amount, probability, method),
            context.language,
        )


def _projected(
    context: Context, goal_id: str, amount: Amount | None, percent: int, method: Method
) -> GoalProjection:
    # Arrays take a tenth of a second to load, and few requests ask for them.
    from shared.projections import service
    from shared.projections.assumptions import published

    goal, saving = _goal(context, goal_id)
    today = _today(context)
    months = months_to(goal.terms.until, today)
    score = context.user().risk_score
    if score is None:
        raise ProjectionRiskProfileMissing()
    worth = worths_of(context).get(goal.goal_id)
    if worth is None:
        raise ProjectionWorthUnknown()
    monthly = (
        _recurring(context, goal, saving) if amount is None else money.Money.parse(amount, BASE)
    )
    check_wish(monthly, percent)
    target, fee = goal.terms.target, terms.published().on(today)
    question = Question(
        # What is owed to us does not grow by what markets do.
        worth_minor=max(worth.minor, 0),
        monthly_minor=monthly.minor,
        target_minor=None if target is None else target.minor,
        weights=service.weights_ahead(
            goal.wish(score, saving.exclusions.symbols),
            context.app.strategies.in_force(),
            today,
            months,
        ),
        assumptions=published().on(today),
        fee_bp=0 if fee is None else fee.annual_bp,
        wished_percent=percent,
        method=method,
    )
    return _view(context, goal, question, service.project(question), today)


def _goal(context: Context, goal_id: str) -> tuple[Goal, Saving]:
    """An active goal of whoever asks; NotFound or GoalArchived otherwise."""
    state = context.state()
    saving = saving_from(state.user_id, state.saving)
    goal = saving.goal(goal_id)
    if goal is None:
        raise NotFound(what="The goal")
    if goal.status is not GoalStatus.ACTIVE:
        raise GoalArchived()
    return goal, saving


def _today(context: Context) -> date:
    app = context.app
    return (business_now(context, app.prices.view()) or app.clock.now()).date()


def _recurring(context: Context, goal: Goal, saving: Saving) -> money.Money:
    """What the goal's recurring deposits bring a month, at today's rates; RateUnavailable when one
    of them is in a currency whose rate is not known."""
    context.count_read()
    active = {one.goal_id for one in saving.goals if one.status is GoalStatus.ACTIVE}
    orders = [
        one
        for one in context.app.recurring.orders(context.user_id)
        # What is collected for a goal that was given up is the general one's.
        if one.saved_for == goal.goal_id or (goal.general and one.saved_for not in active)
    ]
    whole = money.Money(0, BASE)
    for currency, paid in a_month(orders).items():
        if currency is not BASE:
            context.count_read()
            mid = context.app.exchange_rates.between(currency, BASE)
            if mid is None:
                raise RateUnavailable()
            paid = quote_at(mid, context.app.clock.now()).convert(paid)
        whole += paid
    return whole


def _view(
    context: Context, goal: Goal, question: Question, found: Projection, today: date
) -> GoalProjection:
    portfolio, target, until = portfolio_of(context), goal.terms.target, goal.terms.until
    if until is None:
        raise ValueError("a projection looks at a day")
    days = {one.months: today + relativedelta(months=one.months) for one in found.spans}
    years = [
        ProjectedWorth(
            on=until if one is found.spans[-1] else days[one.months],
            months=one.months,
            low=_dollars(one.low),
            middle=_dollars(one.middle),
            high=_dollars(one.high),
            paid_in=_dollars(question.worth_minor + question.monthly_minor * one.months),
        )
        for one in found.spans
    ]
    chance = found.chance
    return GoalProjection(
        goal_id=GoalId(goal.goal_id),
        method=question.method,
        worth=_dollars(question.worth_minor),
        as_of=portfolio.as_of,
        stale=portfolio.stale,
        monthly_amount=_dollars(question.monthly_minor),
        until=until,
        years=years,
        wished_probability=question.wished_percent,
        reached=_dollars(found.reached_minor),
        target=money_or_none(target),
        probability=None if chance is None else fraction_or_none(chance.probability),
        standing=None if chance is None else chance.standing,
        required_monthly_amount=None if chance is None else _dollars(chance.required_minor),
        assumptions=_assumptions(question.assumptions, question),
        paths=found.paths,
    )


def _assumptions(assumed: "Assumptions", question: Question) -> ProjectionAssumptions:
    today = assumed.of_portfolio(question.weights[0])
    return ProjectionAssumptions(
        version=assumed.version,
        valid_from=assumed.valid_from,
        return_bp=_points(today.mean),
        deviation_bp=_points(today.deviation),
        inflation_bp=assumed.inflation_bp,
        fee_bp=question.fee_bp,
    )


def _points(share: Decimal) -> int:
    return round(share * 10_000)


def _dollars(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))
