"""Settings of open_broker_account: opens the person's own account at the broker."""

from shared.platform import config


class Settings(config.WritesFacts, config.PersonalDataKey, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    broker_accounts_queue: str
