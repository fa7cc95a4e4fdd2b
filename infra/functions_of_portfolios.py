"""The table of the functions that bring portfolios to their targets and keep them there."""

from functions.follow_rebalances.settings import Settings as FollowRebalances
from functions.invest_deposit.settings import Settings as InvestDeposit
from functions.sweep_portfolios.settings import Settings as SweepPortfolios
from infra.functions_of_money import STATES
from infra.model import Function, Queued, Rights, Schedule

PORTFOLIO_WORKERS = (
    Function(
        name="invest_deposit",
        settings=InvestDeposit,
        trigger=Queued(
            "planning",
            batch=5,
            concurrency=20,
            events=("payments.deposit_funded.v1", "investing.orders_completed.v1"),
        ),
        groups=("price-cache",),
        price_cache=True,
        tables=STATES | {"market": Rights.READ},
        sends_to=("planning", "market"),
        values=("price_max_age_seconds",),
    ),
    Function(
        name="sweep_portfolios",
        settings=SweepPortfolios,
        trigger=Queued(
            "portfolio-sweep",
            batch=4,
            concurrency=8,
            schedule=Schedule("portfolio_sweep", minutes=15),
        ),
        groups=("arrays",),
        memory=1024,
        timeout=120,
        tables=STATES | {"market": Rights.READ},
        walks_holders=True,
        sends_to=("planning", "rebalances", "portfolio-sweep"),
        values=("price_max_age_seconds",),
    ),
    Function(
        name="follow_rebalances",
        settings=FollowRebalances,
        trigger=Queued(
            "rebalances",
            batch=5,
            concurrency=10,
            events=("investing.plan_created.v1", "investing.orders_completed.v1"),
        ),
        tables=STATES | {"market": Rights.READ},
        sends_to=("planning",),
        values=("price_max_age_seconds",),
    ),
)
