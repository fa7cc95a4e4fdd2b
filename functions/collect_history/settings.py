"""Settings of collect_history: keeps daily bars and announcements of corporate actions."""

from shared.platform import config


class Settings(config.MarketTable, config.Settings):
    """See the module."""

    broker_secret: str
    market_data_base_url: str
