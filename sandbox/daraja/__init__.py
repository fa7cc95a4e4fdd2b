"""M-Pesa Daraja: token, STK push, STK query and the callback."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.daraja.api import PREFIX, DarajaApi
from sandbox.daraja.outcomes import BY_PHONE, OUTCOMES
from sandbox.daraja.payments import Payments
from sandbox.daraja.tokens import Tokens
from sandbox.index import VendorCard


def _credentials(config: SandboxConfig) -> Sequence[tuple[str, str]]:
    return (
        ("consumer key", config.daraja_consumer_key),
        ("consumer secret", config.daraja_consumer_secret),
        ("shortcode", config.daraja_shortcode),
        ("passkey", config.daraja_passkey),
    )


CARD = VendorCard(
    "M-Pesa Daraja",
    (PREFIX,),
    _credentials,
    (
        *((phone, f"{code}: {OUTCOMES[code].query_text}") for phone, code in BY_PHONE.items()),
        ("any other 254[17]…", "0: pays"),
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The API and its control endpoints."""
    tokens = Tokens(sandbox)
    payments = Payments(sandbox)
    sandbox.on_reset(tokens.clear)
    sandbox.on_reset(payments.clear)
    return DarajaApi(sandbox, tokens, payments).routes()
