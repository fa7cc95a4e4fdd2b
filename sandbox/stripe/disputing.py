"""Disputes: a payer's bank takes a payment back, for a while or for good."""

import copy

from sandbox.stripe.books import DISPUTE_FEE, Books, Movement
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.state import NotPossible, StripeState

EVIDENCE_SECONDS = 9 * 24 * 60 * 60
OPEN = frozenset(
    {"warning_needs_response", "warning_under_review", "needs_response", "under_review"}
)
STATUSES = OPEN | {"won", "lost", "warning_closed"}


class Disputing:
    """A dispute holds the balance transactions that it caused, as Stripe's do."""

    def __init__(self, state: StripeState, books: Books) -> None:
        self._state = state
        self._books = books

    def open(
        self,
        charge: Json,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        status: str = "needs_response",
    ) -> Json:
        """A new dispute; the money goes at once, unless it is an inquiry (`warning_…`).

        Raises:
            NotPossible: the payment did not succeed, is disputed, or is smaller.
        """
        amount = charge["amount"] if amount is None else amount
        if charge["status"] != "succeeded" or charge["disputed"]:
            raise NotPossible("only a payment that succeeded can be disputed, and once")
        if not 0 < amount <= charge["amount"]:
            raise NotPossible("more than was paid")
        dispute = _body(charge, amount, reason, status, self._state.now())
        self._state.disputes[dispute["id"]] = dispute
        charge["disputed"] = True
        self._state.tell("charge.dispute.created", dispute)
        if not status.startswith("warning"):
            self.withdraw(dispute)
        if status == "lost":
            self._state.tell("charge.dispute.closed", dispute)
        return dispute

    def withdraw(self, dispute: Json) -> None:
        """The disputed money and a fee are taken out of the balance.

        Raises:
            NotPossible: they are out already.
        """
        if is_withdrawn(dispute):
            raise NotPossible("the money was withdrawn")
        self._move(dispute, "dispute", -dispute["amount"], DISPUTE_FEE)
        self._state.tell("charge.dispute.funds_withdrawn", dispute)

    def move(self, dispute: Json, status: str) -> None:
        """Another status; a won dispute brings the money and the fee back, also one that was lost.

        Raises:
            NotPossible: it is closed.
        """
        thinks_again = (dispute["status"], status) == ("lost", "won")
        if dispute["status"] not in OPEN and not thinks_again:
            raise NotPossible(f"the dispute is {dispute['status']}")
        dispute["status"] = status
        if status == "under_review":
            dispute["evidence_details"].update(has_evidence=True, submission_count=1)
        if status in OPEN:
            self._state.tell("charge.dispute.updated", dispute)
            return
        if status == "won" and is_withdrawn(dispute):
            self._move(dispute, "dispute_reversal", dispute["amount"], -DISPUTE_FEE)
        self._state.tell("charge.dispute.closed", dispute)
        if status == "won":
            self._state.tell("charge.dispute.funds_reinstated", dispute)

    def _move(self, dispute: Json, kind: str, amount: int, fee: int) -> None:
        entry = self._books.enter(Movement(kind, dispute["id"], dispute["currency"], amount, fee))
        dispute["balance_transactions"].append(copy.deepcopy(entry))
        dispute["is_charge_refundable"] = False


def is_withdrawn(dispute: Json) -> bool:
    """Whether the money is out of the balance."""
    return sum(int(one["amount"]) for one in dispute["balance_transactions"]) < 0


def _body(charge: Json, amount: int, reason: str, status: str, now: int) -> Json:
    return {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": None if status == "lost" else now + EVIDENCE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": status.startswith("warning"),
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": charge["payment_method_details"]["type"]},
        "reason": reason,
        "status": status,
    }
