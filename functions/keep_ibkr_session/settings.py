"""Settings of keep_ibkr_session: the one session at Interactive Brokers, and orders in it."""

from shared.platform import config


class Settings(config.CoreTable, config.Settings):
    """See the module."""

    ibkr_secret: str
    ibkr_base_url: str
    broker_events_queue: str
    broker_sessions_queue: str
