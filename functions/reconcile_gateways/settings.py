"""Settings of reconcile_gateways: our books against the statements of others."""

from shared.platform import config


class Settings(config.WritesFacts, config.Settings):
    """See the module."""

    reconciliation_queue: str
    stripe_secret: str
    stripe_base_url: str
    adyen_secret: str
    adyen_reports_base_url: str
    daraja_secret: str
    daraja_base_url: str
    webhook_path_secret: str
    webhook_base_url: str
    """Where M-Pesa's answers come to."""
    statements_bucket: str
    """Where banks leave their files."""
    bank_accounts: str
    """The firm's own account by currency, as JSON."""
    reports_bucket: str
    reports_key: str
    """ARN of the KMS key that signs reports."""
