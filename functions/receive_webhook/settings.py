"""Settings of receive_webhook: verifies vendors' deliveries and enqueues them."""

from shared.platform import config


class Settings(config.CoreTable, config.Settings):
    """See the module."""

    stripe_secret: str
    adyen_secret: str
    onfido_secret: str
    broker_secret: str
    webhook_path_secret: str
    c2b_token_secret: str
    payment_signals_queue: str
    identity_queue: str
    broker_events_queue: str
    disputes_queue: str
    payouts_queue: str
    reconciliation_queue: str
    mpesa_paybill: str
    """The shortcode that people pay to from their phone's menu."""
    live_mode: bool
    """Whether vendors' live money is taken, or their test money: never both."""
    origin_secret: str | None = None
    """What the edge shows; None where there is no edge."""
