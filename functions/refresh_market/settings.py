"""Settings of refresh_market: keeps assets, quotes, clock and models current."""

from shared.platform import config


class Settings(config.MarketTable, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    market_data_base_url: str
    fx_base_url: str
    ibkr_secret: str
    ibkr_base_url: str
    """The second source of prices."""
