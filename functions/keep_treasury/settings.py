"""Settings of keep_treasury: the house's balances, its limits and its days."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.Settings):
    """See the module."""

    treasury_queue: str
    stripe_secret: str
    stripe_base_url: str
    prefund_exposure_limit_minor: int
    firm_float_minor: int
    fx_position_limits: str
    """Minor units by currency, as JSON."""
