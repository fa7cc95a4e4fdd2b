"""Stripe: payments in by every way, money out, disputes, its books, and signed events."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.index import VendorCard
from sandbox.stripe.api import PREFIX, StripeApi
from sandbox.stripe.books import Books
from sandbox.stripe.cards import CARDS
from sandbox.stripe.cash import Cash
from sandbox.stripe.charging import Charging
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.connect import Connect
from sandbox.stripe.connect_endpoints import ConnectEndpoints
from sandbox.stripe.disputing import Disputing
from sandbox.stripe.events import Events
from sandbox.stripe.kept_cards import KeptCards
from sandbox.stripe.knobs import Knobs
from sandbox.stripe.money_endpoints import MoneyEndpoints
from sandbox.stripe.pay_page import PayPage
from sandbox.stripe.paying_out import PayingOut
from sandbox.stripe.payment_endpoints import PaymentEndpoints
from sandbox.stripe.refunding import Refunding
from sandbox.stripe.state import StripeState


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
    """The API, the pay page and the knobs."""
    events = Events(sandbox)
    state = StripeState(sandbox, events.publish)
    books = Books(state)
    charging = Charging(state, books)
    disputing = Disputing(state, books)
    checkout = Checkout(state, charging, disputing)
    cash = Cash(state, charging)
    refunding = Refunding(state, books)
    connect = Connect(state, books)
    paying_out = PayingOut(state, books)
    for kept in (events, state, books, checkout, cash):
        sandbox.on_reset(kept.clear)
    endpoints = (
        *PaymentEndpoints(state, checkout, cash, KeptCards(state, charging)).endpoints(),
        *MoneyEndpoints(state, books, refunding, events).endpoints(),
        *ConnectEndpoints(state, connect, paying_out).endpoints(),
    )
    return [
        *StripeApi(sandbox, state).routes(endpoints),
        *PayPage(state, checkout).routes(),
        *Knobs(state, books, checkout, cash, refunding, disputing, paying_out).routes(),
    ]
