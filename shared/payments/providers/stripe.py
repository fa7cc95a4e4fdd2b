"""Card payments through Stripe Checkout, by the official SDK."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.model import Deposit
from shared.payments.ports import (
    Failed,
    Lapsed,
    NoAnswer,
    NoWord,
    Outcome,
    Paid,
    Refused,
    Started,
    StartResult,
    Waiting,
)
from shared.payments.reasons import Reason
from shared.platform.observability import metric

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe.checkout import Session

TIMEOUT_SECONDS = (2, 4)
"""To connect and to read: with the one retry, inside the time that the caller has."""
MAX_RETRIES = 1
"""By the SDK, under the same idempotency key: on lost connections, 409 and 5xx."""

_EXPAND = ["payment_intent.latest_charge.balance_transaction"]
_DEAD_INTENT = frozenset({"canceled", "requires_payment_method"})


def stripe_client(api_key: str, base_url: str) -> "StripeClient":
    """The SDK with our address and our timeouts; its own default would wait 80 seconds."""
    import stripe

    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base_url},
        max_network_retries=MAX_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


class StripeLookup:
    """See PaymentLookup. ``client`` is called per use, so that a rotated key is seen."""

    def __init__(self, client: Callable[[], "StripeClient"]) -> None:
        self._client = client

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentGateway. Only a session that names this deposit says anything about it."""
        import stripe

        try:
            session = self._client().v1.checkout.sessions.retrieve(reference, {"expand": _EXPAND})
        except stripe.InvalidRequestError:
            return NoAnswer()
        except stripe.StripeError as error:
            metric("GatewayFailed", gateway="STRIPE", error=type(error).__name__)
            raise GatewayUnavailable() from None
        return outcome_of(session, deposit)

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentGateway. The page is closed; one that was paid or has lapsed stays so."""
        import stripe

        try:
            session = self._client().v1.checkout.sessions.expire(reference)
        except stripe.InvalidRequestError:
            return isinstance(self.look_up(deposit, reference), Lapsed)
        except stripe.StripeError as error:
            metric("GatewayFailed", gateway="STRIPE", error=type(error).__name__)
            raise GatewayUnavailable() from None
        return session.status == "expired"


class StripeGateway(StripeLookup):
    """See PaymentGateway. The payer returns to ``success_url`` or ``cancel_url``, in which
    ``{deposit_id}`` is filled in."""

    def __init__(
        self, client: Callable[[], "StripeClient"], *, success_url: str, cancel_url: str
    ) -> None:
        super().__init__(client)
        self._success_url = success_url
        self._cancel_url = cancel_url

    def start(self, deposit: Deposit, phone: str | None) -> StartResult:
        """See PaymentGateway. Repeating it gives the same page: the key is the deposit's."""
        import stripe

        metadata = {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}
        price = {
            "currency": deposit.amount.currency.value.lower(),
            "unit_amount": deposit.amount.minor,
            "product_data": {"name": "Deposit"},
        }
        params: Any = {
            "mode": "payment",
            "payment_method_types": ["card"],
            "line_items": [{"price_data": price, "quantity": 1}],
            "client_reference_id": deposit.deposit_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "success_url": self._success_url.format(deposit_id=deposit.deposit_id),
            "cancel_url": self._cancel_url.format(deposit_id=deposit.deposit_id),
            "expires_at": int(deposit.lapses_at.timestamp()),
        }
        try:
            session = self._client().v1.checkout.sessions.create(
                params, {"idempotency_key": deposit.deposit_id}
            )
        except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
            # Refused for what we sent: repeating the same cannot help.
            metric("GatewayRefused", gateway="STRIPE", code=error.code or "none")
            return Refused(_refusal(error.code))
        except stripe.StripeError as error:
            metric("GatewayFailed", gateway="STRIPE", error=type(error).__name__)
            return NoWord()
        return Started(session.id, redirect_url=session.url)


def outcome_of(session: "Session", deposit: Deposit) -> Outcome:
    """What a Checkout Session with its expanded PaymentIntent says about a deposit."""
    facts: dict[str, Any] = session.to_dict()
    named = (facts.get("metadata") or {}).get("deposit_id")
    if named != deposit.deposit_id or facts.get("client_reference_id") != deposit.deposit_id:
        metric("SessionOfAnotherDeposit")
        return NoAnswer()
    if facts["status"] == "expired":
        return Lapsed()
    if facts["status"] != "complete":
        return Waiting()
    intent = facts.get("payment_intent")
    if not isinstance(intent, dict):
        return NoAnswer()
    if intent["status"] in _DEAD_INTENT:
        return Failed(Reason.DECLINED)
    if intent["status"] != "succeeded" or facts["payment_status"] != "paid":
        return Waiting()
    return Paid(intent["id"], _amount(intent), _fee(intent))


def _amount(intent: dict[str, Any]) -> Money:
    """What was received. A currency that we do not keep cannot be any deposit's: then it is
    nothing, so that it differs from every deposit and a person looks."""
    try:
        return Money(int(intent["amount_received"]), Currency(intent["currency"].upper()))
    except ValueError:
        metric("PaymentInForeignCurrency", gateway="STRIPE")
        return Money.zero(Currency.USD)


def _fee(intent: dict[str, Any]) -> int | None:
    charge = intent.get("latest_charge")
    balance = charge.get("balance_transaction") if isinstance(charge, dict) else None
    return int(balance["fee"]) if isinstance(balance, dict) else None


def _refusal(code: str | None) -> Reason:
    if code in ("amount_too_small", "amount_too_large"):
        return Reason.LIMIT_EXCEEDED
    return Reason.DECLINED if code == "card_declined" else Reason.GATEWAY_REFUSED
