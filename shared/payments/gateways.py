"""Builds the gateways from settings: the same classes against vendors and sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.kernel.clock import Clock
from shared.payments.callbacks import Addresses, make_token, path_key
from shared.payments.model import Deposit, Gateway
from shared.payments.ports import PaymentGateway, PaymentLookup
from shared.payments.providers.adyen import AdyenGateway, AdyenLookup
from shared.payments.providers.adyen_client import account_in
from shared.payments.providers.daraja import DarajaGateway, DarajaLookup
from shared.payments.providers.stripe import StripeGateway, StripeLookup, stripe_client
from shared.platform.http import http_client
from shared.platform.secrets import Secrets

if TYPE_CHECKING:
    from stripe import StripeClient

    from shared.payments.providers.stripe_cash import StripeCash

_client_of = lru_cache(maxsize=2)(stripe_client)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Names of secrets and base URLs, as the functions' settings have them."""

    stripe_secret: str
    stripe_base_url: str
    daraja_secret: str
    daraja_base_url: str
    adyen_secret: str
    adyen_base_url: str


def _stripe(settings: GatewaySettings, secrets: Secrets) -> "Callable[[], StripeClient]":
    return lambda: _client_of(
        str(secrets.get(settings.stripe_secret)["api_key"]), settings.stripe_base_url
    )


def mpesa_lookup(
    settings: GatewaySettings,
    secrets: Secrets,
    clock: Clock,
    addresses: Addresses | None = None,
) -> DarajaLookup:
    """One client per process: a second access token may end the first one."""
    http = http_client(settings.daraja_base_url)
    return DarajaLookup(http, lambda: secrets.get(settings.daraja_secret), clock, addresses)


def cash_balances(settings: GatewaySettings, secrets: Secrets) -> "StripeCash":
    """For the function that sees to money which no deposit took; nobody else loads this."""
    from shared.payments.providers.stripe_cash import StripeCash

    return StripeCash(_stripe(settings, secrets))


def lookups(
    settings: GatewaySettings,
    secrets: Secrets,
    clock: Clock,
    mpesa: PaymentLookup | None = None,
) -> Mapping[Gateway, PaymentLookup]:
    """For functions that only ask what became of payments."""
    return {
        Gateway.STRIPE: StripeLookup(_stripe(settings, secrets)),
        Gateway.MPESA: mpesa or mpesa_lookup(settings, secrets, clock),
        Gateway.ADYEN: AdyenLookup(
            account_in(settings.adyen_secret, settings.adyen_base_url, secrets)
        ),
    }


def gateways(
    settings: GatewaySettings,
    secrets: Secrets,
    clock: Clock,
    *,
    app_url: str,
    webhook_base_url: str,
    webhook_path_secret: str,
) -> Mapping[Gateway, PaymentGateway]:
    """For functions that begin payments. Payers come back to ``<app_url>/deposits/<id>``;
    M-Pesa calls ``<webhook_base_url>/daraja/<token>``."""

    def callback_url(deposit: Deposit) -> str:
        key = path_key(secrets.get(webhook_path_secret))
        token = make_token(key, deposit.user_id, deposit.deposit_id)
        return f"{webhook_base_url.rstrip('/')}/daraja/{token}"

    back = f"{app_url.rstrip('/')}/deposits/{{deposit_id}}"
    http = http_client(settings.daraja_base_url)
    return {
        Gateway.STRIPE: StripeGateway(
            _stripe(settings, secrets), success_url=back, cancel_url=f"{back}?cancelled=1"
        ),
        Gateway.MPESA: DarajaGateway(
            http, lambda: secrets.get(settings.daraja_secret), callback_url, clock
        ),
        Gateway.ADYEN: AdyenGateway(
            account_in(settings.adyen_secret, settings.adyen_base_url, secrets), return_url=back
        ),
    }
