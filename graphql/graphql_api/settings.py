"""Settings of graphql_api: the GraphQL and session endpoints."""

from shared.platform import config


class Settings(
    config.WritesFacts,
    config.AuditTable,
    config.MarketTable,
    config.PersonalDataKey,
    config.PriceCache,
    config.Settings,
):
    """See the module."""

    user_pool_id: str
    user_pool_client_id: str
    session_secret: str
    stripe_secret: str
    daraja_secret: str
    webhook_path_secret: str
    stripe_base_url: str
    daraja_base_url: str
    adyen_secret: str
    adyen_base_url: str
    app_url: str
    webhook_base_url: str
    mpesa_paybill: str
    """The shortcode that people pay to from their phone's menu."""
    quarantine_bucket: str
    reports_bucket: str
    reports_key: str
    """ARN of the KMS key that signs reports of reconciliation."""
    payment_signals_queue: str
    market_queue: str
    payout_cooling_seconds: int
    """So long a new payout account waits before money leaves for it."""
    payout_approval_minor: int
    """From so many cents on a member of staff agrees to a withdrawal; two from ten times it on."""
    prefund_exposure_limit_minor: int
    firm_float_minor: int
    fx_position_limits: str
    """Minor units by currency, as JSON."""
    treasury_alone_limits: str
    """What one person books of the firm's own money, in minor units by currency, as JSON."""
    secure_cookies: bool
    introspection: bool
    persisted_only: bool = False
    """Whether documents are refused that are not in the list of persisted operations."""
    graphql_limits: str = "{}"
    """Those limits of a request that differ from the defaults, as a JSON object."""
    origin_secret: str | None = None
    """What the edge shows; None where there is no edge."""
    rate_limits: str = "{}"
    """A stage's own numbers, as JSON; see ``rates.buckets``."""
