"""Stripe: hosted Checkout, its objects, and signed events."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.index import VendorCard
from sandbox.stripe.api import PREFIX, StripeApi
from sandbox.stripe.cards import CARDS
from sandbox.stripe.events import Events
from sandbox.stripe.ledger import StripeLedger
from sandbox.stripe.pay_page import PayPage


def _credentials(config: SandboxConfig) -> Sequence[tuple[str, str]]:
    return (
        ("API key", config.stripe_api_key),
        ("webhook secret", config.stripe_webhook_secret),
        ("webhook URL", config.stripe_webhook_url or "not set"),
    )


CARD = VendorCard(
    "Stripe",
    (PREFIX,),
    _credentials,
    tuple(
        (card.number, f"{card.behaviour} {card.decline_code or card.code or ''}".strip())
        for card in CARDS.values()
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The API, the pay page and its control endpoint."""
    events = Events(sandbox)
    ledger = StripeLedger(events.publish, lambda: int(sandbox.now().timestamp()))
    sandbox.on_reset(events.clear)
    sandbox.on_reset(ledger.clear)
    return [*StripeApi(sandbox, ledger, events).routes(), *PayPage(ledger).routes()]
