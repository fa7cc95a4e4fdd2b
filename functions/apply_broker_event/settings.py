"""Settings of apply_broker_event: books fills and account and journal changes."""

from shared.platform import config


class Settings(config.WritesFacts, config.Settings):
    """See the module."""

    broker_accounts_queue: str
    corporate_actions_queue: str
    funding_queue: str
    recalls_queue: str
