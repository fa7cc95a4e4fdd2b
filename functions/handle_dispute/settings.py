"""Settings of handle_dispute: what banks take back, and what people owe because of it."""

from shared.platform import config


class Settings(config.WritesFacts, config.Settings):
    """See the module."""

    stripe_secret: str
    stripe_base_url: str
    disputes_queue: str
