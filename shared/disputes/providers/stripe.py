"""Disputes as Stripe says they stand, in our words."""

from collections.abc import Mapping

from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.reasons import DisputeReason
from shared.payments.methods import Gateway
from shared.payments.providers.stripe_disputes import DisputeFacts, StripeDisputes

_S, _R = DisputeStatus, DisputeReason
STATUSES: Mapping[str, DisputeStatus] = {
    "warning_needs_response": _S.WARNING,
    "warning_under_review": _S.WARNING,
    "warning_closed": _S.CLOSED,
    "prevented": _S.CLOSED,
    "needs_response": _S.OPEN,
    "under_review": _S.UNDER_REVIEW,
    "appeal_needs_response": _S.UNDER_REVIEW,
    "appeal_under_review": _S.UNDER_REVIEW,
    "won": _S.WON,
    "lost": _S.LOST,
}
REASONS: Mapping[str, DisputeReason] = {
    "fraudulent": _R.FRAUD,
    "debit_not_authorized": _R.NOT_AUTHORISED,
    "unrecognized": _R.NOT_RECOGNISED,
    "duplicate": _R.DUPLICATE,
    "product_not_received": _R.SERVICE,
    "product_unacceptable": _R.SERVICE,
    "subscription_canceled": _R.SERVICE,
    "credit_not_processed": _R.REFUND_MISSING,
    "insufficient_funds": _R.NO_MONEY,
    "bank_cannot_process": _R.ACCOUNT,
    "check_returned": _R.ACCOUNT,
    "incorrect_account_details": _R.ACCOUNT,
}


class StripeDesk:
    """See DisputeDesk."""

    def __init__(self, disputes: StripeDisputes) -> None:
        self._disputes = disputes

    def read(self, reference: str) -> Reading | None:
        """See DisputeDesk."""
        facts = self._disputes.read(reference)
        return None if facts is None else reading_of(facts)


def reading_of(facts: DisputeFacts) -> Reading | None:
    """In our words; None for a dispute about no payment, or no money, which is none of ours. A
    status that is new to us says by the money whether it is a question or a dispute."""
    if facts.payment is None or facts.amount.minor <= 0:
        return None
    unknown = _S.UNDER_REVIEW if facts.funds_withdrawn else _S.WARNING
    return Reading(
        gateway=Gateway.STRIPE,
        reference=facts.dispute_id,
        payment=facts.payment,
        amount=facts.amount,
        status=STATUSES.get(facts.status, unknown),
        taken=facts.funds_withdrawn,
        fee_minor=facts.fee_minor,
        reason=REASONS.get(facts.reason, _R.OTHER),
        evidence_due=facts.evidence_due,
    )
