"""Settings of follow_rebalances: keeps runs of rebalancing in step with their plans."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    planning_queue: str
    price_max_age_seconds: int
