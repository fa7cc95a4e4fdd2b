"""Payments through Stripe: Checkout for cards and debits, PaymentIntents for transfers."""

from typing import TYPE_CHECKING, Any, NamedTuple

from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.ports import (
    Failed,
    Lapsed,
    NoAnswer,
    NoWord,
    Outcome,
    Refused,
    Started,
    StartResult,
)
from shared.payments.providers.stripe_client import Clients, asking, stripe_client
from shared.payments.providers.stripe_customers import StripeCustomers
from shared.payments.providers.stripe_outcomes import (
    outcome_of_intent,
    outcome_of_session,
    partly_funded,
    refusal_of,
)
from shared.payments.providers.stripe_requests import (
    bank_transfer,
    checkout,
    instructions_of,
    saved_card,
)
from shared.platform.observability import metric

if TYPE_CHECKING:
    from stripe import CardError, InvalidRequestError

__all__ = ["SavedCard", "StripeGateway", "StripeLookup", "stripe_client"]

_OF_INTENT = "latest_charge.balance_transaction"


class SavedCard(NamedTuple):
    """A card that may be charged later while its owner is away."""

    customer: str
    payment_method: str
    last4: str


class StripeLookup:
    """See PaymentLookup. A reference is a Checkout Session, or a PaymentIntent that has no page."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """See PaymentGateway. Only an object that names this deposit says anything about it."""
        import stripe

        try:
            with asking():
                if _is_intent(reference):
                    return outcome_of_intent(self._intent(reference), deposit)
                return outcome_of_session(self._session(reference), deposit)
        except (stripe.InvalidRequestError, stripe.CardError):
            return NoAnswer()

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """See PaymentGateway. A page that was paid or has lapsed stays so. A transfer of which
        a part has come is not given up: the part would be left with nobody."""
        import stripe

        key: Any = {"idempotency_key": f"{deposit.deposit_id}.cancel"}
        try:
            with asking():
                v1 = self._client().v1
                if not _is_intent(reference):
                    closed = v1.checkout.sessions.expire(reference, {}, key)
                    return closed.status == "expired"
                if partly_funded(self._intent(reference)):
                    metric("PartlyFundedTransfer", gateway="STRIPE")
                    return False
                return v1.payment_intents.cancel(reference, {}, key).status == "canceled"
        except (stripe.InvalidRequestError, stripe.CardError):
            return self._is_closed(deposit, reference)

    def saved_method(self, reference: str) -> SavedCard | None:
        """The card that was kept by a completed page; None when none was. GatewayUnavailable
        when Stripe cannot be asked."""
        import stripe

        try:
            with asking():
                session = self._session(reference, "payment_intent.payment_method")
        except stripe.InvalidRequestError:
            return None
        intent = session.get("payment_intent")
        if session["status"] != "complete" or not isinstance(intent, dict):
            return None
        method, customer = intent.get("payment_method"), intent.get("customer")
        if intent.get("setup_future_usage") != "off_session" or not isinstance(customer, str):
            return None
        if not isinstance(method, dict) or method.get("type") != "card":
            return None
        return SavedCard(customer, method["id"], method["card"]["last4"])

    def _session(self, reference: str, path: str = f"payment_intent.{_OF_INTENT}") -> Any:
        sessions = self._client().v1.checkout.sessions
        return sessions.retrieve(reference, {"expand": [path]}).to_dict()

    def _intent(self, reference: str) -> Any:
        intents = self._client().v1.payment_intents
        return intents.retrieve(reference, {"expand": [_OF_INTENT]}).to_dict()

    def _is_closed(self, deposit: Deposit, reference: str) -> bool:
        """Of what Stripe would not close: whether it is closed all the same."""
        outcome = self.look_up(deposit, reference)
        if isinstance(outcome, NoAnswer):
            raise GatewayUnavailable()
        return isinstance(outcome, Lapsed | Failed)


class StripeGateway(StripeLookup):
    """See PaymentGateway. The payer returns to ``success_url`` or ``cancel_url``, in which
    ``{deposit_id}`` is filled in."""

    def __init__(self, client: Clients, *, success_url: str, cancel_url: str) -> None:
        super().__init__(client)
        self._success_url = success_url
        self._cancel_url = cancel_url
        self._customers = StripeCustomers(client)

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        """See PaymentGateway. Repeating it gives the same page or transfer: the key is the
        deposit's. ``save_card`` keeps a card for ``charge_saved``."""
        import stripe

        try:
            with asking():
                if deposit.method is Method.BANK_TRANSFER:
                    return self._transfer(deposit)
                return self._page(deposit, save_card=save_card)
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return _refused(error)
        except GatewayUnavailable:
            return NoWord()

    def charge_saved(self, deposit: Deposit, customer: str, payment_method: str) -> StartResult:
        """Charge a card that was kept. Started when Stripe has taken it (``look_up`` says what
        became of it); Refused when the bank did not agree or wants its owner to be there. The
        same deposit is never charged twice."""
        import stripe

        params: Any = saved_card(deposit, customer, payment_method)
        try:
            with asking():
                intent = self._client().v1.payment_intents.create(
                    params, {"idempotency_key": f"{deposit.deposit_id}.saved"}
                )
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return _refused(error)
        except GatewayUnavailable:
            return NoWord()
        return Started(intent.id)

    def _page(self, deposit: Deposit, *, save_card: bool) -> Started:
        keep = save_card and deposit.method is Method.CARD
        params: Any = checkout(
            deposit,
            success_url=self._success_url,
            cancel_url=self._cancel_url,
            customer=self._customers.of(deposit.user_id) if keep else None,
        )
        session = self._client().v1.checkout.sessions.create(
            params, {"idempotency_key": deposit.deposit_id}
        )
        return Started(session.id, redirect_url=session.url)

    def _transfer(self, deposit: Deposit) -> Started:
        params: Any = bank_transfer(deposit, self._customers.of(deposit.user_id))
        intent = self._client().v1.payment_intents.create(
            params, {"idempotency_key": deposit.deposit_id}
        )
        return Started(intent.id, instructions=instructions_of(intent.to_dict()))


def _is_intent(reference: str) -> bool:
    return reference.startswith("pi_")


def _refused(error: "InvalidRequestError | CardError") -> Refused:
    """For what we sent: repeating the same cannot help."""
    metric("GatewayRefused", gateway="STRIPE", code=error.code or "none")
    said = getattr(error.error, "decline_code", None)
    return Refused(refusal_of(error.code, said))
