"""Settings of poll_broker_events: reads the broker's event streams in bounded windows."""

from shared.platform import config


class Settings(config.CoreTable, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    broker_events_queue: str
    broker_poll_queue: str
