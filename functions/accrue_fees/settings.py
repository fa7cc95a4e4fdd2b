"""Settings of accrue_fees: charges people for managing their money, once a month."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    fees_queue: str
    planning_queue: str
    price_max_age_seconds: int
