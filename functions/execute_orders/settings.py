"""Settings of execute_orders: submits a plan's orders to the broker."""

from shared.platform import config


class Settings(config.WritesFacts, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    ibkr_secret: str
    ibkr_base_url: str
    broker_sessions_queue: str
    """Where looks at orders of Interactive Brokers are asked for."""
    broker_poll_queue: str
    execution_queue: str
    """Where later looks at a plan are left."""
