"""M-Pesa Daraja: pushes to phones, payments from the phone's menu, payments to phones, reversals,
and questions about all of them."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.daraja.api import PREFIX, DarajaApi
from sandbox.daraja.books import Books
from sandbox.daraja.knobs import knobs
from sandbox.daraja.menu import Menu
from sandbox.daraja.orders import Orders
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
        ("shortcode that pays out", config.daraja_payout_shortcode),
        ("initiator", config.daraja_initiator),
        ("initiator's password", config.daraja_initiator_password),
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
    tokens, books = Tokens(sandbox), Books()
    menu = Menu(sandbox, books)
    payments = Payments(sandbox, books, menu.confirm)
    for part in (tokens, books, menu, payments):
        sandbox.on_reset(part.clear)
    orders = Orders(sandbox, books)
    return [
        *knobs(sandbox, books, menu),
        *DarajaApi(sandbox, tokens, payments, menu, orders).routes(),
    ]
