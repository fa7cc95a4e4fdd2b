"""The real outside: AWS and the payment gateways, each client built when first needed."""

from collections.abc import Callable, Mapping
from functools import cache

from graphql_api.application import Outside
from graphql_api.settings import Settings
from shared.kyc.providers.s3 import S3Vault
from shared.payments.model import Gateway
from shared.payments.ports import PaymentGateway
from shared.platform.origin import Origin
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import SqsQueue
from shared.platform.runtime import Runtime, runtime
from shared.platform.secrets import Secrets, SecretsManager
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.reconciliation.reading import Safe
from shared.users.providers.cognito import CognitoIdentities
from shared.withdrawals.ports import BankAccounts


def outside(settings: Settings) -> Outside:
    """For the deployed function."""
    running = runtime(settings)
    secrets = _Lazy(SecretsManager)
    return Outside(
        runtime=running,
        personal=lambda: KmsPersonalData(settings.personal_data_key),
        identities=lambda: CognitoIdentities(settings.user_pool_id, settings.user_pool_client_id),
        gateways=lambda: _gateways(settings, secrets(), running),
        banks=lambda: _banks(settings, secrets()),
        vault=lambda: S3Vault(settings.quarantine_bucket),
        reports=lambda: Safe(S3Archive(settings.reports_bucket), KmsSigner(settings.reports_key)),
        payment_signals=lambda: SqsQueue(settings.payment_signals_queue),
        market_requests=lambda: SqsQueue(settings.market_queue),
        pepper=lambda: str(secrets().get(settings.session_secret)["pepper"]),
        origin=lambda: Origin(secrets(), settings.origin_secret),
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
    # Paying in is rare, and waits for the gateway itself many times longer than for this.
    from shared.payments.gateways import GatewaySettings, gateways

    return gateways(
        GatewaySettings(
            stripe_secret=settings.stripe_secret,
            stripe_base_url=settings.stripe_base_url,
            daraja_secret=settings.daraja_secret,
            daraja_base_url=settings.daraja_base_url,
            adyen_secret=settings.adyen_secret,
            adyen_base_url=settings.adyen_base_url,
        ),
        secrets,
        running.clock,
        app_url=settings.app_url,
        webhook_base_url=settings.webhook_base_url,
        webhook_path_secret=settings.webhook_path_secret,
    )


def _banks(settings: Settings, secrets: Secrets) -> BankAccounts:
    from shared.payments.providers.stripe_client import stripe_client
    from shared.payouts.providers.stripe_banks import BankAccounts as StripeBanks

    return StripeBanks(
        lambda: stripe_client(
            str(secrets.get(settings.stripe_secret)["api_key"]), settings.stripe_base_url
        )
    )
