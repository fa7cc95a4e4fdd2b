"""Settings of monitor_money: watches movements of money for patterns that staff look at."""

from shared.platform import config


class Settings(config.WritesFacts, config.PersonalDataKey, config.Settings):
    """See the module."""
