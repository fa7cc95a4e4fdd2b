"""Settings of reconcile_broker: people's accounts at the brokers against our books."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    broker_reconciliation_queue: str
    broker_secret: str
    broker_base_url: str
    ibkr_secret: str
    ibkr_base_url: str
    reports_bucket: str
    reports_key: str
    """ARN of the KMS key that signs reports."""
