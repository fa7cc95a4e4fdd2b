"""How Stripe's objects name a payout of ours, and its words for what went wrong. Pure."""

from typing import Any

from shared.payments.providers.stripe_outcomes import Facts
from shared.payouts.model import Payout
from shared.payouts.ports import CameBack, NotPaid
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import metric

_NOT_ABLE = frozenset(
    {
        "account_closed",
        "account_frozen",
        "bank_account_restricted",
        "expired_or_canceled_card",
        "incorrect_account_holder_name",
        "incorrect_account_type",
        "invalid_account_number",
        "invalid_currency",
        "lost_or_stolen_card",
        "no_account",
    }
)
"""The receiving account or card is the reason."""


def metadata_of(payout: Payout) -> dict[str, str]:
    """By what Stripe's objects and messages name the order: the payout, and which try of it."""
    return {"user_id": payout.user_id, "payout_id": payout.payout_id, "key": payout.key}


def names(subject: Facts, payout: Payout) -> bool:
    """Whether an object belongs to this very order."""
    metadata = subject.get("metadata") or {}
    return {name: metadata.get(name) for name in ("payout_id", "key")} == {
        "payout_id": payout.payout_id,
        "key": payout.key,
    }


def ended(code: Any, was_paid: bool) -> NotPaid | CameBack:
    """It came to nothing: for good, or after it had been paid."""
    metric("PayoutFailed", gateway="STRIPE", code=str(code or "none"))
    if was_paid:
        return CameBack(PayoutReason.RETURNED_BY_BANK)
    if code in _NOT_ABLE:
        return NotPaid(PayoutReason.RECEIVER_NOT_ABLE)
    return NotPaid(PayoutReason.GATEWAY_REFUSED)
