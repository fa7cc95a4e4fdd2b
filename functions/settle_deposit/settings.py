"""Settings of settle_deposit: finds out what became of a payment and books it."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    stripe_secret: str
    daraja_secret: str
    stripe_base_url: str
    daraja_base_url: str
    adyen_secret: str
    adyen_base_url: str
    webhook_path_secret: str
    webhook_base_url: str
    payment_signals_queue: str
