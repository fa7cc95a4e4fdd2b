"""Settings of watch_market: opens and closes breakers by what the market does."""

from shared.platform import config


class Settings(config.MarketTable, config.AuditTable, config.Settings):
    """See the module."""

    outbox_table: str
