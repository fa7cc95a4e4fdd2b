"""Checkout Sessions: opened, paid on their page by card or from a bank account, closed."""

from sandbox.stripe import payments, sessions
from sandbox.stripe.banks import DISPUTES, FAILURES, STAYS
from sandbox.stripe.cards import Behaviour, TestCard
from sandbox.stripe.charging import Charging
from sandbox.stripe.disputing import Disputing
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import SessionParameters
from sandbox.stripe.state import NOBODY, NotPossible, Origin, StripeState

DEFAULT_LIFE_SECONDS = 24 * 60 * 60
AUTHENTICATION_FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again."
)


class SessionNotOpen(NotPossible):
    """The session was paid or has expired, or takes another kind of payment."""


class Checkout:
    """Every change publishes its events with a copy of the object."""

    def __init__(self, state: StripeState, charging: Charging, disputing: Disputing) -> None:
        self._state = state
        self._charging = charging
        self._disputing = disputing
        self._parameters: dict[str, SessionParameters] = {}
        self._authenticating: dict[str, TestCard] = {}

    def clear(self) -> None:
        """Forgets everything."""
        self._parameters.clear()
        self._authenticating.clear()

    def create(self, parameters: SessionParameters, pay_page: str) -> Json:
        """A new open session."""
        state = self._state
        now = state.now()
        expires_at = parameters.expires_at or now + DEFAULT_LIFE_SECONDS
        session = sessions.checkout_session(parameters, now, expires_at, pay_page)
        state.sessions[session["id"]] = session
        state.line_items[session["id"]] = sessions.line_items(session["id"], parameters.line_items)
        self._parameters[session["id"]] = parameters
        state.later((expires_at - now) * 1000, lambda: self._lapse(session))
        return session

    def expire(self, session: Json, origin: Origin = NOBODY) -> None:
        """Closes an open session for good.

        Raises:
            StripeError: 400, the session is complete or expired already.
        """
        if session["status"] != "open":
            raise StripeError(
                400,
                f"Only Checkout Sessions with a status in ['open'] can be expired. This Checkout "
                f"Session has a status of {session['status']}.",
            )
        session.update(status="expired", url=None)
        self._authenticating.pop(session["id"], None)
        intent = self._state.intents.get(session["payment_intent"] or "")
        if intent is not None:
            intent.update(
                status="canceled",
                canceled_at=self._state.now(),
                cancellation_reason="expired",
                next_action=None,
            )
            self._state.tell("payment_intent.canceled", intent, origin)
        self._state.tell("checkout.session.expired", session, origin)

    def pay(self, session: Json, card: TestCard) -> Json:
        """Tries the card and gives the PaymentIntent as it then is.

        Raises:
            SessionNotOpen: nothing was changed.
        """
        intent = self._intent_for(session, "card")
        self._authenticating.pop(session["id"], None)
        if card.behaviour is Behaviour.AUTHENTICATES:
            self._authenticating[session["id"]] = card
            intent.update(
                status="requires_action",
                last_payment_error=None,
                next_action={
                    "type": "redirect_to_url",
                    "redirect_to_url": {"return_url": None, "url": session["url"]},
                },
            )
            self._state.tell("payment_intent.requires_action", intent)
        elif card.behaviour is Behaviour.DECLINES:
            self._charging.decline(intent, card)
        else:
            self._succeed(session, intent, card)
        return intent

    def debit(self, session: Json, number: str) -> Json:
        """Begins to draw on a bank account: it is processed for a while, and ends as that account
        ends.

        Raises:
            SessionNotOpen: nothing was changed.
        """
        intent = self._intent_for(session, "us_bank_account")
        state = self._state
        method = payments.bank_method(number, session["customer_email"], state.now())
        details = method["us_bank_account"]
        charge = payments.charge(intent, method, "pending", details, state.now())
        state.methods[method["id"]] = method
        state.charges[charge["id"]] = charge
        state.numbers[charge["id"]] = number
        intent.update(status="processing", latest_charge=charge["id"], payment_method=method["id"])
        _complete(session, charge, "unpaid")
        state.tell("charge.pending", charge)
        state.tell("payment_intent.processing", intent)
        state.tell("checkout.session.completed", session)
        if number != STAYS:
            delay = state.sandbox.config.stripe_debit_delay_ms
            state.later(delay, lambda: self._debited(intent))
        return intent

    def finish_debit(self, intent: Json, failure: str | None) -> None:
        """The bank has answered: the money is there, or `failure` says why not.

        Raises:
            NotPossible: no bank works on it.
        """
        if intent["status"] != "processing":
            raise NotPossible(f"the intent is {intent['status']}")
        state = self._state
        charge = state.charges[intent["latest_charge"]]
        session = next(
            one for one in state.sessions.values() if one["payment_intent"] == intent["id"]
        )
        if failure is None:
            self._charging.succeed(intent, charge)
            session["payment_status"] = "paid"
            state.tell("checkout.session.async_payment_succeeded", session)
            if state.numbers[charge["id"]] == DISPUTES:
                self._disputing.open(charge, reason="debit_not_authorized", status="lost")
            return
        charge.update(failure_code=failure, failure_message=f"The bank said: {failure}.")
        error = {"type": "card_error", "code": failure, "message": charge["failure_message"]}
        self._charging.fail(intent, charge, error)
        state.tell("checkout.session.async_payment_failed", session)

    def authenticate(self, session: Json, *, passed: bool) -> Json:
        """Ends the 3-D Secure step and gives the PaymentIntent as it then is.

        Raises:
            SessionNotOpen: the session is closed, or no authentication is going on.
        """
        intent = self._intent_for(session, "card")
        card = self._authenticating.pop(session["id"], None)
        if card is None:
            raise SessionNotOpen("no card waits for authentication")
        if passed:
            self._succeed(session, intent, card)
        else:
            intent.update(
                status="requires_payment_method",
                next_action=None,
                last_payment_error={
                    "type": "invalid_request_error",
                    "code": "payment_intent_authentication_failure",
                    "message": AUTHENTICATION_FAILED,
                    "payment_method": payments.card_method(card, None, self._state.now()),
                },
            )
            self._state.tell("payment_intent.payment_failed", intent)
        return intent

    def waits_for_authentication(self, session_id: str) -> bool:
        """True between the card and the customer's answer to 3-D Secure."""
        return session_id in self._authenticating

    def _lapse(self, session: Json) -> None:
        if session["status"] == "open":
            self.expire(session)

    def _debited(self, intent: Json) -> None:
        if intent["status"] == "processing":
            number = self._state.numbers[intent["latest_charge"]]
            self.finish_debit(intent, FAILURES.get(number))

    def _intent_for(self, session: Json, kind: str) -> Json:
        if session["status"] != "open":
            raise SessionNotOpen(f"the session is {session['status']}")
        if kind not in session["payment_method_types"]:
            raise SessionNotOpen(f"the session takes {session['payment_method_types']}")
        if session["payment_intent"] is None:
            data = self._parameters[session["id"]].payment_intent_data
            intent = payments.payment_intent(
                session["amount_total"],
                session["currency"],
                list(session["payment_method_types"]),
                data.metadata,
                self._state.now(),
                customer=session["customer"],
                description=data.description,
                receipt_email=data.receipt_email,
                setup_future_usage=data.setup_future_usage,
                statement_descriptor_suffix=data.statement_descriptor_suffix,
            )
            self._state.intents[intent["id"]] = intent
            session["payment_intent"] = intent["id"]
            self._state.tell("payment_intent.created", intent)
        return self._state.intents[session["payment_intent"]]

    def _succeed(self, session: Json, intent: Json, card: TestCard) -> None:
        charge = self._charging.card(intent, card, session["customer_email"])
        _complete(session, charge, "paid")
        self._state.tell("checkout.session.completed", session)
        if card.disputed:
            self._disputing.open(charge)


def _complete(session: Json, charge: Json, payment_status: str) -> None:
    session.update(
        status="complete",
        payment_status=payment_status,
        url=None,
        customer_details={
            "address": charge["billing_details"]["address"],
            "email": session["customer_email"],
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
