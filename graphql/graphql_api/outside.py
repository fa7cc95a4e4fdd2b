"""The real outside: AWS and the payment gateways, each client built when first needed."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from graphql_api.application import Outside
from graphql_api.settings import Settings
from shared.kyc.providers.s3 import S3Vault
from shared.payments.callbacks import make_token
from shared.payments.model import Deposit, Gateway
from shared.payments.ports import PaymentGateway
from shared.payments.providers.daraja import DarajaGateway
from shared.payments.providers.stripe import StripeGateway, stripe_client
from shared.platform.http import http_client
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import SqsQueue
from shared.platform.runtime import Runtime, runtime
from shared.platform.secrets import Secrets, SecretsManager
from shared.users.providers.cognito import CognitoIdentities

if TYPE_CHECKING:
    from stripe import StripeClient


def outside(settings: Settings) -> Outside:
    """For the deployed function."""
    running = runtime(settings)
    secrets = _Lazy(SecretsManager)
    return Outside(
        runtime=running,
        personal=lambda: KmsPersonalData(settings.personal_data_key),
        identities=lambda: CognitoIdentities(settings.user_pool_id, settings.user_pool_client_id),
        gateways=lambda: _gateways(settings, secrets(), running),
        vault=lambda: S3Vault(settings.quarantine_bucket),
        payment_signals=lambda: SqsQueue(settings.payment_signals_queue),
        market_requests=lambda: SqsQueue(settings.market_queue),
        pepper=lambda: str(secrets().get(settings.session_secret)["pepper"]),
    )


class _Lazy[T]:
    """Builds once, on first use."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = cache(build)

    def __call__(self) -> T:
        return self._build()


def _gateways(
    settings: Settings, secrets: Secrets, running: Runtime
) -> Mapping[Gateway, PaymentGateway]:
    return {
        Gateway.STRIPE: _stripe(settings, secrets),
        Gateway.MPESA: _daraja(settings, secrets, running),
    }


def _stripe(settings: Settings, secrets: Secrets) -> StripeGateway:
    # One client per key: its connections are reused until the key is rotated.
    client = cache(lambda api_key: stripe_client(api_key, settings.stripe_base_url))

    def current() -> "StripeClient":
        return client(str(secrets.get(settings.stripe_secret)["api_key"]))

    page = f"{settings.app_url}/deposits/{{deposit_id}}"
    return StripeGateway(current, success_url=page, cancel_url=f"{page}?cancelled=1")


def _daraja(settings: Settings, secrets: Secrets, running: Runtime) -> DarajaGateway:
    def callback_url(deposit: Deposit) -> str:
        key = str(secrets.get(settings.webhook_path_secret)["key"]).encode()
        token = make_token(key, deposit.user_id, deposit.deposit_id)
        return f"{settings.webhook_base_url}/daraja/{token}"

    return DarajaGateway(
        http_client(settings.daraja_base_url),
        lambda: secrets.get(settings.daraja_secret),
        callback_url,
        running.clock,
    )
