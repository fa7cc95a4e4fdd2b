"""Builds the ways out from settings: the same classes against vendors and sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.kernel.clock import Clock
from shared.payments.callbacks import Addresses, path_key
from shared.payments.providers.adyen_client import account_in
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.stripe_client import stripe_client
from shared.payouts.by_hand import ByHand
from shared.payouts.model import Rail
from shared.payouts.ports import PayoutRail
from shared.payouts.providers.adyen import AdyenRefunds
from shared.payouts.providers.daraja import MpesaB2C, MpesaReversals
from shared.payouts.providers.stripe import StripePayouts, StripeRefunds
from shared.platform.http import http_client
from shared.platform.secrets import Secrets

if TYPE_CHECKING:
    from stripe import StripeClient

_client_of = lru_cache(maxsize=2)(stripe_client)


@dataclass(frozen=True, slots=True)
class RailSettings:
    """Names of secrets and base URLs, as the function's settings have them."""

    stripe_secret: str
    stripe_base_url: str
    daraja_secret: str
    daraja_base_url: str
    adyen_secret: str
    adyen_base_url: str
    webhook_path_secret: str
    webhook_base_url: str


def rails(settings: RailSettings, secrets: Secrets, clock: Clock) -> Mapping[Rail, PayoutRail]:
    """All of them. Secrets are read per use, so that a rotation is seen; clients stay the same.
    M-Pesa tells its results at ``<webhook_base_url>/daraja-…/<token>``."""
    addresses = Addresses(
        settings.webhook_base_url, lambda: path_key(secrets.get(settings.webhook_path_secret))
    )
    daraja = DarajaClient(
        http_client(settings.daraja_base_url), lambda: secrets.get(settings.daraja_secret), clock
    )

    def stripe() -> "StripeClient":
        key = str(secrets.get(settings.stripe_secret)["api_key"])
        return _client_of(key, settings.stripe_base_url)

    return {
        Rail.MPESA_B2C: MpesaB2C(daraja, addresses),
        Rail.MPESA_REVERSAL: MpesaReversals(daraja, addresses),
        Rail.STRIPE_REFUND: StripeRefunds(stripe),
        Rail.STRIPE_PAYOUT: StripePayouts(stripe),
        Rail.ADYEN_REFUND: AdyenRefunds(
            account_in(settings.adyen_secret, settings.adyen_base_url, secrets)
        ),
        Rail.BY_HAND: ByHand(),
    }
