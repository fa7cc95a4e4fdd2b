"""Settings of monitor_risk: tells what outgrew a cap by itself."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    risk_monitor_queue: str
