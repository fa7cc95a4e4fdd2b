"""Settings of charge_recurring: collects what standing orders let us collect."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.PersonalDataKey, config.Settings):
    """See the module."""

    stripe_secret: str
    daraja_secret: str
    webhook_path_secret: str
    stripe_base_url: str
    daraja_base_url: str
    app_url: str
    webhook_base_url: str
    payment_signals_queue: str
    recurring_queue: str
