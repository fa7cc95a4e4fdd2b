"""Settings of process_corporate_actions: dividends, splits, and what needs a person."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.AuditTable, config.Settings):
    """See the module."""

    corporate_actions_queue: str
    planning_queue: str
