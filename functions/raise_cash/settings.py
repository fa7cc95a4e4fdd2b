"""Settings of raise_cash: sells for withdrawals that cash does not cover."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    planning_queue: str
