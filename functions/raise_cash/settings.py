"""Settings of raise_cash: sells for withdrawals that cash does not cover."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    fees_queue: str
    planning_queue: str
