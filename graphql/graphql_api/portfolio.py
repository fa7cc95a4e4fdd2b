"""What a person holds, what it is worth, and how far it is from its target."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import strawberry

from graphql_api.context import Context
from graphql_api.market import PRICE_MAX_AGE, Asset, asset_of, business_now
from graphql_api.money import Money, money_of, money_or_none
from shared.investing.portfolios import ModelPortfolio, current
from shared.kernel.ids import Kind, same_moment
from shared.portfolio import valuation
from shared.portfolio.model import BASE


@strawberry.type(description="Shares of one asset.")
class Holding:
    """See the description."""

    asset: Asset = strawberry.field(description="What is held.")
    quantity: Decimal = strawberry.field(description="Shares, with nine decimals.")
    purchase_price: Money | None = strawberry.field(description="Average cost of one share.")
    cost: Money = strawberry.field(description="What all of them were bought for.")
    value: Money | None = strawberry.field(
        description="Worth at the newest price; null while no price is known."
    )
    weight: Decimal | None = strawberry.field(
        description="Share of the whole portfolio, 0 to 1; null while a price is missing."
    )
    target: Decimal = strawberry.field(description="Share that the model asks for.")


@strawberry.type(description="A share of the portfolio that the model asks for.")
class TargetWeight:
    """See the description."""

    asset: Asset = strawberry.field(description="Of what.")
    weight: Decimal = strawberry.field(description="Share of what is invested, 0 to 1.")


@strawberry.type(description="All that a person holds, cash included.")
class Portfolio:
    """See the description."""

    portfolio_id: strawberry.ID = strawberry.field(description="Identifier.")
    user_id: strawberry.ID = strawberry.field(description="Whose it is.")
    holdings: list[Holding] = strawberry.field(description="By symbol.")
    targets: list[TargetWeight] = strawberry.field(
        description="The model portfolio for the person's risk score; empty before there is one."
    )
    model: str | None = strawberry.field(description="Name and version of the model.")
    cash: Money = strawberry.field(description="Not (or not yet) invested.")
    value: Money | None = strawberry.field(
        description="Holdings and cash; null while a price is missing, never a guess."
    )
    net_deposits: Money = strawberry.field(description="Paid in less paid out.")
    gain: Money | None = strawberry.field(description="Value less net deposits.")
    drift: Decimal | None = strawberry.field(
        description="Distance from the target, 0 (exact) to 1; null while it cannot be told."
    )
    as_of: datetime | None = strawberry.field(description="Time of the oldest price in it.")
    stale: bool = strawberry.field(description="Whether a price in it is too old.")


def model_for(context: Context) -> ModelPortfolio | None:
    """The model of the person's risk score, or None before there is one."""
    score = context.user().risk_score
    if score is None:
        return None
    try:
        return current(score, context.app.clock.now().date())
    except KeyError:
        return None


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
        view.quotes,
        business_now=now,
        max_age=PRICE_MAX_AGE,
        targets_bp=weights,
    )
    holdings = [
        Holding(
            asset=asset_of(each.position.symbol, view, now),
            quantity=Decimal(str(each.position.quantity)),
            purchase_price=money_or_none(each.position.average_price),
            cost=money_of(each.position.cost),
            value=money_or_none(each.value),
            weight=each.weight,
            target=each.target,
        )
        for each in worth.holdings
    ]
    targets = [
        TargetWeight(
            asset=asset_of(symbol, view, now),
            weight=Decimal(points) / valuation.WHOLE_BP,
        )
        for symbol, points in sorted(weights.items())
    ]
    paid_in = state.net_deposits
    return Portfolio(
        portfolio_id=strawberry.ID(same_moment(Kind.PORTFOLIO, state.user_id)),
        user_id=strawberry.ID(state.user_id),
        holdings=holdings,
        targets=targets,
        model=None if model is None else f"{model.id} v{model.version}",
        cash=money_of(cash),
        value=money_or_none(worth.total),
        net_deposits=money_of(paid_in),
        gain=None if worth.total is None else money_of(worth.total - paid_in),
        drift=worth.drift,
        as_of=worth.as_of,
        stale=worth.stale,
    )
