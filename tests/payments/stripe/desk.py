"""A desk at the sandbox's Stripe: the official client, and the hands of payers and banks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, FxRate, Money
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.providers.stripe import StripeGateway, stripe_client
from shared.payments.quoting import FxQuote

IDS = UlidIds("t1")
SLOW = 3_600_000
SLOWLY = dict.fromkeys(
    ("stripe_debit_delay_ms", "stripe_refund_delay_ms", "stripe_payout_delay_ms"), SLOW
)
"""So that banks answer only when a test says so."""


def deposit_of(
    minor: int = 2_550,
    currency: Currency = Currency.USD,
    method: Method = Method.CARD,
    user_id: str | None = None,
) -> Deposit:
    quote = None
    if currency is not Currency.USD:
        now = datetime(2026, 3, 2, tzinfo=UTC)
        rate = FxRate(currency, Currency.USD, Decimal("1.05"), "test", now)
        quote = FxQuote(rate, 50, now + timedelta(minutes=5))
    return new_deposit(
        user_id=user_id or IDS.new(Kind.USER),
        deposit_id=IDS.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        method=method,
        amount=Money(minor, currency),
        quote=quote,
    )


class Desk:
    def __init__(self, sandbox: httpx.Client, url: str, key: str = "sk_test_sandbox") -> None:
        self.sandbox = sandbox
        self.client = stripe_client(key, f"{url}/stripe")
        self.gateway = StripeGateway(
            lambda: self.client,
            success_url="http://127.0.0.1:1/deposits/{deposit_id}",
            cancel_url="http://127.0.0.1:1/deposits/{deposit_id}?cancelled=1",
        )

    def knob(self, path: str, **order: Any) -> Any:
        answer = self.sandbox.post(f"/_control/stripe/{path}", json=order)
        answer.raise_for_status()
        return answer.json()

    def pay(self, reference: str, **order: Any) -> str:
        """Somebody pays on the page; gives the intent."""
        intent: str = self.knob(f"sessions/{reference}/pay", **order)["payment_intent"]
        return intent

    def paid(self, deposit: Deposit, card: str = "4242424242424242") -> str:
        """The intent of a deposit that was paid by card."""
        return self.pay(self.gateway.start(deposit, None).reference, card=card)

    def events(self, *types: str) -> list[str]:
        """Types of what was told, oldest first."""
        listed = self.client.v1.events.list({"limit": 100, **({"types": types} if types else {})})
        return [one.type for one in reversed(listed.data)]

    def close(self) -> None:
        self.client._requestor._client.close()
