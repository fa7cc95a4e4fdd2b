"""Settings of invest_deposit: turns funded cash into a plan of orders."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.PriceCache, config.Settings):
    """See the module."""

    planning_queue: str
    market_queue: str
    price_max_age_seconds: int
