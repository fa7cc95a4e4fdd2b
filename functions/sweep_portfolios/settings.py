"""Settings of sweep_portfolios: finds, each trading day, whose portfolio is to be rebalanced."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    planning_queue: str
    rebalances_queue: str
    portfolio_sweep_queue: str
    price_max_age_seconds: int
