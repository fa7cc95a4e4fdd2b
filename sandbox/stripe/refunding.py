"""Refunds: at once, after days, or coming back after they had succeeded."""

from sandbox.stripe.books import Books, Movement
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.state import NotPossible, Origin, StripeState

MOVES = {
    "pending": {"succeeded", "failed", "canceled", "requires_action"},
    "requires_action": {"succeeded", "failed", "canceled", "pending"},
    "succeeded": {"failed"},
    "failed": set[str](),
    "canceled": set[str](),
}


class Refunding:
    """The money leaves the balance when a refund is made, and comes back when it fails."""

    def __init__(self, state: StripeState, books: Books) -> None:
        self._state = state
        self._books = books

    def create(
        self,
        charge: Json,
        amount: int | None,
        metadata: dict[str, str],
        reason: str | None,
        origin: Origin,
    ) -> Json:
        """A new refund of all or a part.

        Raises:
            StripeError: 400, there is not so much left to refund, or it is disputed.
        """
        left = charge["amount"] - charge["amount_refunded"]
        amount = left if amount is None else amount
        _check(charge, amount, left)
        manner = self._manner(charge)
        refund: Json = {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": self._state.now(),
            "currency": charge["currency"],
            "destination_details": None,
            "failure_reason": None,
            "metadata": dict(metadata),
            "next_action": None,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if manner == "pending" else "succeeded",
            "transfer_reversal": None,
        }
        self._state.refunds[refund["id"]] = refund
        entry = self._enter(refund, charge, "refund", -amount)
        refund["balance_transaction"] = entry["id"]
        _count(charge, amount)
        self._state.tell("refund.created", refund, origin)
        self._state.tell("charge.refunded", charge, origin)
        delay = self._state.sandbox.config.stripe_refund_delay_ms
        if manner == "pending":
            self._state.later(delay, lambda: self._by_itself(refund, "pending", "succeeded"))
        elif manner == "failing":
            self._state.later(delay, lambda: self._by_itself(refund, "succeeded", "failed"))
        return refund

    def move(self, refund: Json, status: str, reason: str | None = None) -> None:
        """Another status.

        Raises:
            NotPossible: Stripe never makes this move.
        """
        if status not in MOVES[refund["status"]]:
            raise NotPossible(f"the refund is {refund['status']}")
        refund["status"] = status
        if status in ("failed", "canceled"):
            charge = self._state.charges[refund["charge"]]
            entry = self._enter(refund, charge, "refund_failure", refund["amount"])
            refund["failure_balance_transaction"] = entry["id"]
            _count(charge, -refund["amount"])
        if status == "failed":
            refund["failure_reason"] = reason or "unknown"
            self._state.tell("refund.failed", refund)
        self._state.tell("refund.updated", refund)

    def _by_itself(self, refund: Json, before: str, after: str) -> None:
        if refund["status"] == before:
            self.move(refund, after)

    def _manner(self, charge: Json) -> str:
        ordered = self._state.sandbox.faults.take("stripe", "refunds.create", "pending")
        if ordered is not None or charge["payment_method_details"]["type"] != "card":
            # A bank takes days to give a debit or a transfer back.
            return "pending"
        card = self._state.cards.get(charge["payment_method"])
        return "at once" if card is None else card.refunds

    def _enter(self, refund: Json, charge: Json, kind: str, amount: int) -> Json:
        if kind == "refund" and charge["payment_method_details"]["type"] != "card":
            kind = "payment_refund"
        return self._books.enter(Movement(kind, refund["id"], refund["currency"], amount))


def refunded_charge(state: StripeState, intent_id: str | None, charge_id: str | None) -> Json:
    """The charge that is meant.

    Raises:
        StripeError: 400 or 404.
    """
    if (intent_id is None) == (charge_id is None):
        raise StripeError(
            400, "One of the following params should be provided: payment_intent, charge."
        )
    if intent_id is not None:
        intent = state.owned(state.intents, "payment_intent", intent_id, "")
        if intent["status"] != "succeeded":
            raise StripeError(
                400,
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        return state.charges[intent["latest_charge"]]
    return state.owned(state.charges, "charge", charge_id, "")


def _check(charge: Json, amount: int, left: int) -> None:
    if charge["status"] != "succeeded":
        raise StripeError(400, f"Charge {charge['id']} was not successful.")
    if charge["disputed"]:
        raise StripeError(
            400,
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise StripeError(
            400,
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if not 0 < amount <= left:
        raise StripeError(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )


def _count(charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
