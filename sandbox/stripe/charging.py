"""How an intent is paid, whatever pays it: charges, their fees, and what they do to the balance."""

import copy

from sandbox.stripe import payments
from sandbox.stripe.books import SETTLEMENT_SECONDS, Books, Movement
from sandbox.stripe.cards import TestCard
from sandbox.stripe.objects import Json
from sandbox.stripe.state import NOBODY, Origin, StripeState

BANK_FEE_MAX = 500


def fee_of(kind: str, amount: int) -> int:
    """Stripe's fee in minor units, rounded half up: a card 2.9 % plus 30, a debit 0.8 % and a
    transfer 0.5 %, both 500 at most."""
    if kind == "card":
        return (amount * 29 + 500) // 1000 + 30
    return min((amount * (8 if kind == "us_bank_account" else 5) + 500) // 1000, BANK_FEE_MAX)


class Charging:
    """Every change publishes its events."""

    def __init__(self, state: StripeState, books: Books) -> None:
        self._state = state
        self._books = books

    def card(
        self, intent: Json, card: TestCard, email: str | None = None, *, method: Json | None = None
    ) -> Json:
        """A card that pays: a new one, or `method`, which was kept."""
        state = self._state
        method = method or self._keep(payments.card_method(card, email, state.now()), card)
        charge = payments.card_charge(intent, method, card, False, state.now())
        if intent["setup_future_usage"] is not None:
            method["customer"] = intent["customer"]
        self.succeed(intent, charge, at_once=card.available)
        return charge

    def decline(
        self, intent: Json, card: TestCard, *, method: Json | None = None, origin: Origin = NOBODY
    ) -> Json:
        """A card that is refused: the intent waits for another."""
        state = self._state
        method = method or self._keep(payments.card_method(card, None, state.now()), card)
        charge = payments.card_charge(intent, method, card, True, state.now())
        state.charges[charge["id"]] = charge
        self.fail(
            intent,
            charge,
            {
                "type": "card_error",
                "code": card.code,
                "decline_code": card.decline_code,
                "message": card.message,
                "charge": charge["id"],
                "payment_method": copy.deepcopy(method),
            },
            origin,
        )
        return charge

    def fail(self, intent: Json, charge: Json, error: Json, origin: Origin = NOBODY) -> None:
        """An attempt came to nothing."""
        charge.update(status="failed", paid=False, captured=False, amount_captured=0)
        intent.update(
            status="requires_payment_method",
            latest_charge=charge["id"],
            next_action=None,
            payment_method=None,
            last_payment_error=error,
        )
        self._state.tell("charge.failed", charge, origin)
        self._state.tell("payment_intent.payment_failed", intent, origin)

    def succeed(
        self, intent: Json, charge: Json, *, at_once: bool = False, origin: Origin = NOBODY
    ) -> None:
        """The money is there."""
        state = self._state
        kind = charge["payment_method_details"]["type"]
        state.charges[charge["id"]] = charge
        entry = self._books.enter(
            Movement(
                "charge" if kind == "card" else "payment",
                charge["id"],
                charge["currency"],
                charge["amount"],
                fee_of(kind, charge["amount"]),
                settles_in=0 if at_once else SETTLEMENT_SECONDS,
            )
        )
        charge.update(status="succeeded", paid=True, captured=True, balance_transaction=entry["id"])
        intent.update(
            status="succeeded",
            amount_received=intent["amount"],
            latest_charge=charge["id"],
            payment_method=charge["payment_method"],
            last_payment_error=None,
            next_action=None,
        )
        state.tell("charge.succeeded", charge, origin)
        state.tell("payment_intent.succeeded", intent, origin)

    def _keep(self, method: Json, card: TestCard) -> Json:
        self._state.methods[method["id"]] = method
        self._state.cards[method["id"]] = card
        return method
