"""Settings of fund_deposit: moves settled money to the person's broker account."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    broker_secret: str
    broker_base_url: str
    funding_queue: str
    prefunding_limit_minor: int
    invest_now_cap_minor: int
