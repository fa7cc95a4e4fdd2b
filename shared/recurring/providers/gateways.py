"""The gateways that can be asked for money while its owner is away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from shared.kernel.clock import Clock
from shared.payments.callbacks import make_token, path_key
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.providers.daraja import DarajaGateway
from shared.payments.providers.stripe import StripeGateway, stripe_client
from shared.platform.http import http_client
from shared.platform.secrets import Secrets

_client_of = lru_cache(maxsize=2)(stripe_client)


@dataclass(frozen=True, slots=True)
class Unattended:
    """Names of secrets and base URLs. No gateway is among these that could take the place of
    the one that keeps a card: it would ask the owner to pay on its page."""

    stripe_secret: str
    stripe_base_url: str
    daraja_secret: str
    daraja_base_url: str
    webhook_path_secret: str
    webhook_base_url: str
    app_url: str

    def keeper(self, secrets: Secrets) -> StripeGateway:
        """Who keeps cards."""
        back = f"{self.app_url.rstrip('/')}/deposits/{{deposit_id}}"
        return StripeGateway(
            lambda: _client_of(
                str(secrets.get(self.stripe_secret)["api_key"]), self.stripe_base_url
            ),
            success_url=back,
            cancel_url=back,
        )

    def pusher(self, secrets: Secrets, clock: Clock) -> DarajaGateway:
        """Who prompts phones."""
        return DarajaGateway(
            http_client(self.daraja_base_url),
            lambda: secrets.get(self.daraja_secret),
            self._callback_url(secrets),
            clock,
        )

    def all(
        self, secrets: Secrets, clock: Clock
    ) -> Mapping[Gateway, StripeGateway | DarajaGateway]:
        """Both."""
        return {
            Gateway.STRIPE: self.keeper(secrets),
            Gateway.MPESA: self.pusher(secrets, clock),
        }

    def _callback_url(self, secrets: Secrets) -> Callable[[Deposit], str]:
        def url(deposit: Deposit) -> str:
            key = path_key(secrets.get(self.webhook_path_secret))
            token = make_token(key, deposit.user_id, deposit.deposit_id)
            return f"{self.webhook_base_url.rstrip('/')}/daraja/{token}"

        return url
