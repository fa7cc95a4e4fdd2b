"""Settings of send_payout: gives payouts to gateways and books what became of them."""

from shared.platform import config


class Settings(config.WritesFacts, config.MarketTable, config.PersonalDataKey, config.Settings):
    """See the module."""

    stripe_secret: str
    daraja_secret: str
    adyen_secret: str
    webhook_path_secret: str
    stripe_base_url: str
    daraja_base_url: str
    adyen_base_url: str
    webhook_base_url: str
    payouts_queue: str
    requote_tolerance: int
    """Basis points of what would have arrived that a later rate may cost without consent."""
    payout_consent_seconds: int
    """So long a person has to agree to more than that."""
