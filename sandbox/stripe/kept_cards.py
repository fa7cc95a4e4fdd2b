"""Charges of kept cards while their owner is away."""

from sandbox.stripe import payments
from sandbox.stripe.cards import DECLINED, Behaviour, TestCard
from sandbox.stripe.charging import Charging
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.objects import Json
from sandbox.stripe.state import Origin, StripeState

AUTHENTICATION = TestCard(
    "4000002760003184",
    Behaviour.DECLINES,
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


class KeptCards:
    """Off-session payments: paid, or refused with 402."""

    def __init__(self, state: StripeState, charging: Charging) -> None:
        self._state = state
        self._charging = charging

    def charge(self, intent: Json, method_id: str, origin: Origin) -> None:
        """Charges it.

        Raises:
            StripeError: 402, declined, or its owner has to be there; 404 or 400, not theirs.
        """
        method = self._state.methods.get(method_id)
        if method is None:
            raise no_such("PaymentMethod", method_id)
        if method["customer"] is None or method["customer"] != intent["customer"]:
            raise StripeError(
                400,
                f"The PaymentMethod {method_id} does not belong to the Customer of this intent.",
                param="payment_method",
            )
        self._state.intents[intent["id"]] = intent
        self._state.tell("payment_intent.created", intent, origin)
        refused = self._refusal(method_id)
        if refused is None:
            self._charging.card(intent, self._state.cards[method_id], method=method)
            return
        self._charging.decline(intent, refused, method=method, origin=origin)
        error = StripeError(
            402, refused.message or DECLINED, error_type="card_error", code=refused.code
        )
        error.error.update(
            decline_code=refused.decline_code,
            charge=intent["latest_charge"],
            payment_intent=dict(intent),
            payment_method=dict(method),
        )
        raise error

    def _refusal(self, method_id: str) -> TestCard | None:
        fault = self._state.sandbox.faults.take("stripe", "payment_intents.create", "declined")
        if fault is not None:
            why = str(fault.get("decline_code", "generic_decline"))
            return TestCard("4000000000000341", Behaviour.DECLINES, "visa", "card_declined", why)
        card = self._state.cards[method_id]
        if card.behaviour is Behaviour.AUTHENTICATES and card.present_only:
            return AUTHENTICATION
        return None


def intent_for_card(parameters: Json, now: int) -> Json:
    """An intent that is to be confirmed at once with a kept card."""
    return payments.payment_intent(
        parameters["amount"],
        parameters["currency"],
        ["card"],
        parameters["metadata"],
        now,
        customer=parameters["customer"],
        description=parameters["description"],
    )
