"""Builds what the parties say from settings: the same classes against vendors and sandbox."""

from collections.abc import Mapping
from functools import lru_cache

from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_listing import StripeListing
from shared.platform.runtime import Runtime
from shared.platform.secrets import Secrets
from shared.reconciliation.model import Party
from shared.reconciliation.ports import Statements
from shared.reconciliation.providers.stripe_statement import StripeStatement

_client_of = lru_cache(maxsize=2)(stripe_client)


def statements_of(
    platform: Runtime, secrets: Secrets, stripe_secret: str, stripe_base_url: str
) -> Mapping[Party, Statements]:
    """Of those parties that list what they hold for us."""
    stripe = StripeListing(
        lambda: _client_of(str(secrets.get(stripe_secret)["api_key"]), stripe_base_url)
    )
    return {Party.STRIPE: StripeStatement(stripe, platform.clock)}
