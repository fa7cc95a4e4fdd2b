"""What a person holds, what it is worth, and how far it is from its target."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from graphql_api.context import Context
from graphql_api.market import PRICE_MAX_AGE, Asset, asset_of, business_now
from graphql_api.money import Money, money_of, money_or_none
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import Fraction, PortfolioId, Quantity, UserId, fraction_or_none
from shared.kernel.ids import Kind, same_moment
from shared.portfolio import valuation
from shared.portfolio.model import BASE
from shared.strategies.model import Strategy, Style, strategy_id


@object_type(description="Shares of one asset.")
class Holding:
    """See the description."""

    asset: Asset = field(INHERITED, "What is held.")
    quantity: Quantity = field(INHERITED, "Shares, with nine decimals.")
    purchase_price: Money | None = field(INHERITED, "Average cost of one share.")
    cost: Money = field(INHERITED, "What all of them were bought for.")
    value: Money | None = field(
        INHERITED, "Worth at the newest price; null while no price is known."
    )
    weight: Fraction | None = field(
        INHERITED, "Share of the whole portfolio, 0 to 1; null while a price is missing."
    )
    target: Fraction = field(INHERITED, "Share that the model asks for.")


@object_type(description="A share of the portfolio that the model asks for.")
class TargetWeight:
    """See the description."""

    asset: Asset = field(INHERITED, "Of what.")
    weight: Fraction = field(INHERITED, "Share of what is invested, 0 to 1.")


@object_type(description="All that a person holds, cash included.")
class Portfolio:
    """See the description."""

    portfolio_id: PortfolioId = field(INHERITED, "Identifier.")
    user_id: UserId = field(INHERITED, "Whose it is.")
    holdings: list[Holding] = field(INHERITED, "By symbol.")
    targets: list[TargetWeight] = field(
        INHERITED, "The model portfolio for the person's risk score; empty before there is one."
    )
    model: str | None = field(INHERITED, "Name and version of the model.")
    cash: Money = field(INHERITED, "Not (or not yet) invested.")
    value: Money | None = field(
        INHERITED, "Holdings and cash; null while a price is missing, never a guess."
    )
    net_deposits: Money = field(INHERITED, "Paid in less paid out.")
    gain: Money | None = field(INHERITED, "Value less net deposits.")
    drift: Fraction | None = field(
        INHERITED, "Distance from the target, 0 (exact) to 1; null while it cannot be told."
    )
    as_of: datetime | None = field(INHERITED, "Time of the oldest price in it.")
    stale: bool = field(INHERITED, "Whether a price in it is too old.")


def model_for(context: Context) -> Strategy | None:
    """The model of the person's risk score, or None before there is one."""
    score = context.user().risk_score
    if score is None:
        return None
    return context.app.strategies.in_force().get(strategy_id(Style.GROWTH, score))


def portfolio_of(context: Context) -> Portfolio:
    """From the state of this request and the prices in memory."""
    state, view = context.state(), context.app.prices.view()
    now = business_now(context, view)
    model = model_for(context)
    weights: Mapping[str, int] = {} if model is None else model.weights
    cash = state.wallet(BASE).balance
    worth = valuation.value(
        state.positions.values(),
        cash,
        view.shown,
        business_now=now,
        max_age=PRICE_MAX_AGE,
        targets_bp=weights,
    )
    holdings = [
        Holding(
            asset=asset_of(each.position.symbol, view, now),
            quantity=Quantity(str(each.position.quantity)),
            purchase_price=money_or_none(each.position.average_price),
            cost=money_of(each.position.cost),
            value=money_or_none(each.value),
            weight=fraction_or_none(each.weight),
            target=Fraction(each.target),
        )
        for each in worth.holdings
    ]
    targets = [
        TargetWeight(
            asset=asset_of(symbol, view, now),
            weight=Fraction(Decimal(points) / valuation.WHOLE_BP),
        )
        for symbol, points in sorted(weights.items())
    ]
    paid_in = state.net_deposits
    return Portfolio(
        portfolio_id=PortfolioId(same_moment(Kind.PORTFOLIO, state.user_id)),
        user_id=UserId(state.user_id),
        holdings=holdings,
        targets=targets,
        model=None if model is None else f"{model.id} v{model.version}",
        cash=money_of(cash),
        value=money_or_none(worth.total),
        net_deposits=money_of(paid_in),
        gain=None if worth.total is None else money_of(worth.total - paid_in),
        drift=fraction_or_none(worth.drift),
        as_of=worth.as_of,
        stale=worth.stale or any(view.in_doubt(each.position.symbol) for each in worth.holdings),
    )
