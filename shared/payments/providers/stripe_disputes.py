"""Disputes as Stripe tells of them when it is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.kernel.money import Money
from shared.payments.providers.stripe_client import Clients, asking
from shared.payments.providers.stripe_outcomes import money_of
from shared.platform.observability import metric

_WORD = re.compile(r"[a-z_]{1,60}", re.ASCII)
_KNOWN = frozenset(
    {
        "appeal_needs_response",
        "appeal_under_review",
        "lost",
        "needs_response",
        "prevented",
        "under_review",
        "warning_closed",
        "warning_needs_response",
        "warning_under_review",
        "won",
    }
)
_EXPAND = ["payment_intent"]


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute as it stands. ``status`` and ``reason`` are Stripe's codes."""

    dispute_id: str
    payment: str | None
    """The PaymentIntent."""
    amount: Money
    status: str
    reason: str
    funds_withdrawn: bool
    """The money is out of our balance now."""
    fee_minor: int = 0
    """Charged for it so far and not given back, in the currency of ``amount``."""
    evidence_due: datetime | None = None
    user_id: str | None = None
    deposit_id: str | None = None
    """What the payment's metadata names."""


class StripeDisputes:
    """Reads disputes; what a message said of one is never believed."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def read(self, dispute_id: str) -> DisputeFacts | None:
        """The dispute as it stands; None when Stripe knows none of this id. GatewayUnavailable
        when it cannot be asked."""
        import stripe

        try:
            with asking():
                found = self._client().v1.disputes.retrieve(dispute_id, {"expand": _EXPAND})
                return facts_of(found.to_dict())
        except stripe.InvalidRequestError:
            return None


def facts_of(dispute: Mapping[str, Any]) -> DisputeFacts:
    """Of a dispute object with its PaymentIntent expanded."""
    intent = dispute.get("payment_intent")
    paid: Mapping[str, Any] = intent if isinstance(intent, dict) else {"id": intent}
    metadata = paid.get("metadata") or {}
    currency = dispute["currency"]
    moved = [one for one in dispute.get("balance_transactions") or () if isinstance(one, dict)]
    if dispute["status"] not in _KNOWN:
        metric("DisputeStatusUnknown", gateway="STRIPE")
    return DisputeFacts(
        dispute_id=dispute["id"],
        payment=paid["id"],
        amount=money_of(dispute["amount"], currency),
        status=str(dispute["status"]),
        reason=_word(dispute.get("reason")),
        # Whatever currency we settle in: out by the first transaction, back by the second.
        funds_withdrawn=sum(int(one["amount"]) for one in moved) < 0,
        fee_minor=_fees(moved, currency),
        evidence_due=_moment((dispute.get("evidence_details") or {}).get("due_by")),
        user_id=metadata.get("user_id"),
        deposit_id=metadata.get("deposit_id"),
    )


def _fees(moved: Sequence[Mapping[str, Any]], currency: str) -> int:
    if any(one["currency"] != currency for one in moved):
        metric("FeeInForeignCurrency", gateway="STRIPE")
        return 0
    return max(sum(int(one["fee"]) for one in moved), 0)


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "other"
