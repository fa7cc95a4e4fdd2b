"""Everything this Stripe remembers, and the moves that change it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.stripe import payments, sessions
from sandbox.stripe.cards import Behaviour, TestCard
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import SessionParameters

DEFAULT_LIFE_SECONDS = 24 * 60 * 60
AUTHENTICATION_FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again."
)

type Publish = Callable[[str, Json, "Origin"], None]


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request behind a change; empty when a customer or time did it."""

    request_id: str | None = None
    idempotency_key: str | None = None


NOBODY = Origin()


class SessionNotOpen(Exception):
    """The session was paid or has expired."""


@dataclass(slots=True)
class StripeLedger:
    """Objects by id. Every change publishes its events with a copy of the object."""

    publish: Publish
    now: Callable[[], int]
    sessions: dict[str, Json] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)
    balance_transactions: dict[str, Json] = field(default_factory=dict)
    methods: dict[str, Json] = field(default_factory=dict)
    line_items: dict[str, Json] = field(default_factory=dict)
    _parameters: dict[str, SessionParameters] = field(default_factory=dict)
    _authenticating: dict[str, TestCard] = field(default_factory=dict)

    def clear(self) -> None:
        """Forgets everything."""
        for kept in (
            self.sessions,
            self.intents,
            self.charges,
            self.balance_transactions,
            self.methods,
            self.line_items,
            self._parameters,
            self._authenticating,
        ):
            kept.clear()

    def create_session(self, parameters: SessionParameters, pay_page: str) -> Json:
        """A new open session."""
        now = self.now()
        expires_at = parameters.expires_at or now + DEFAULT_LIFE_SECONDS
        session = sessions.checkout_session(parameters, now, expires_at, pay_page)
        self.sessions[session["id"]] = session
        self.line_items[session["id"]] = sessions.line_items(session["id"], parameters.line_items)
        self._parameters[session["id"]] = parameters
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
        intent = self.intents.get(session["payment_intent"] or "")
        if intent is not None:
            intent.update(
                status="canceled",
                canceled_at=self.now(),
                cancellation_reason="expired",
                next_action=None,
            )
            self._tell("payment_intent.canceled", intent, origin)
        self._tell("checkout.session.expired", session, origin)

    def pay(self, session: Json, card: TestCard) -> Json:
        """Tries the card and gives the PaymentIntent as it then is.

        Raises:
            SessionNotOpen: nothing was changed.
        """
        intent = self._intent_for(session)
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
            self._tell("payment_intent.requires_action", intent)
        elif card.behaviour is Behaviour.DECLINES:
            self._decline(intent, card)
        else:
            self._succeed(session, intent, card)
        return intent

    def authenticate(self, session: Json, *, passed: bool) -> Json:
        """Ends the 3-D Secure step and gives the PaymentIntent as it then is.

        Raises:
            SessionNotOpen: the session is closed, or no authentication is going on.
        """
        intent = self._intent_for(session)
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
                    "payment_method": payments.payment_method(card, None, self.now()),
                },
            )
            self._tell("payment_intent.payment_failed", intent)
        return intent

    def waits_for_authentication(self, session_id: str) -> bool:
        """True between the card and the customer's answer to 3-D Secure."""
        return session_id in self._authenticating

    def _intent_for(self, session: Json) -> Json:
        if session["status"] != "open":
            raise SessionNotOpen(f"the session is {session['status']}")
        if session["payment_intent"] is None:
            intent = payments.payment_intent(session, self._parameters[session["id"]], self.now())
            self.intents[intent["id"]] = intent
            session["payment_intent"] = intent["id"]
            self._tell("payment_intent.created", intent)
        return self.intents[session["payment_intent"]]

    def _charge(self, intent: Json, card: TestCard, *, declined: bool, email: str | None) -> Json:
        method = payments.payment_method(card, email, self.now())
        charge = payments.charge(intent, method, card, declined, self.now())
        self.methods[method["id"]] = method
        self.charges[charge["id"]] = charge
        intent.update(latest_charge=charge["id"], next_action=None)
        return charge

    def _decline(self, intent: Json, card: TestCard) -> None:
        charge = self._charge(intent, card, declined=True, email=None)
        intent.update(
            status="requires_payment_method",
            payment_method=None,
            last_payment_error={
                "type": "card_error",
                "code": card.code,
                "decline_code": card.decline_code,
                "message": card.message,
                "charge": charge["id"],
                "payment_method": copy.deepcopy(self.methods[charge["payment_method"]]),
            },
        )
        self._tell("charge.failed", charge)
        self._tell("payment_intent.payment_failed", intent)

    def _succeed(self, session: Json, intent: Json, card: TestCard) -> None:
        email = session["customer_email"]
        charge = self._charge(intent, card, declined=False, email=email)
        balance = payments.balance_transaction(charge, self.now())
        self.balance_transactions[balance["id"]] = balance
        charge["balance_transaction"] = balance["id"]
        intent.update(
            status="succeeded",
            amount_received=intent["amount"],
            payment_method=charge["payment_method"],
            last_payment_error=None,
        )
        session.update(
            status="complete",
            payment_status="paid",
            url=None,
            customer_details={
                "address": charge["billing_details"]["address"],
                "email": email,
                "name": None,
                "phone": None,
                "tax_exempt": "none",
                "tax_ids": [],
            },
        )
        self._tell("charge.succeeded", charge)
        self._tell("payment_intent.succeeded", intent)
        self._tell("checkout.session.completed", session)

    def _tell(self, event_type: str, subject: Json, origin: Origin = NOBODY) -> None:
        self.publish(event_type, copy.deepcopy(subject), origin)
