"""Settings of recall_cash: moves the cash of payouts between people's accounts and the firm's."""

from shared.platform import config


class Settings(config.WritesFacts, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    recalls_queue: str
