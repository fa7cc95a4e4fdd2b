"""Settings of notify: one inbox notice and one mail per event."""

from shared.platform import config


class Settings(config.CoreTable, config.PersonalDataKey, config.Settings):
    """See the module."""

    sender_address: str
    app_url: str
