"""Settings of publish_outbox: outbox stream to event bus."""

from shared.platform import config


class Settings(config.Settings):
    """See the module."""

    event_bus: str
