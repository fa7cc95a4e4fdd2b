"""Builds the gateways' own lists from settings: the same classes against vendors and sandbox."""

from collections.abc import Mapping
from functools import lru_cache

from shared.payments.methods import Gateway
from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_listing import StripeListing
from shared.platform.secrets import Secrets
from shared.treasury.ports import PayoutListing
from shared.treasury.providers.stripe_payouts import StripeBankPayouts

_client_of = lru_cache(maxsize=2)(stripe_client)


def payout_listings(
    secrets: Secrets, stripe_secret: str, stripe_base_url: str
) -> Mapping[Gateway, PayoutListing]:
    """Of the gateways that list what they pay out; of the others people record it."""
    stripe = StripeListing(
        lambda: _client_of(str(secrets.get(stripe_secret)["api_key"]), stripe_base_url)
    )
    return {Gateway.STRIPE: StripeBankPayouts(stripe)}
