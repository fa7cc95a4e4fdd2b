"""Disputes as the person sees them whose payment their bank takes back."""

from datetime import datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import DisputeId
from shared.disputes.model import Dispute as Stored
from shared.disputes.model import DisputeStatus
from shared.disputes.reasons import DisputeReason, text_of

strawberry.enum(DisputeStatus, description="Where a dispute stands.")
strawberry.enum(DisputeReason, description="Why a payer's bank takes money back.")


@object_type(description="A payer's bank takes a payment back, or asks about it.")
class Dispute:
    """See the description."""

    dispute_id: DisputeId = field(INHERITED, "Identifier.")
    status: DisputeStatus = field(
        INHERITED,
        "Where it stands. While it is OPEN or UNDER_REVIEW money is set aside, and nothing can be "
        "paid out.",
    )
    amount: Money = field(INHERITED, "What the bank takes, in the payer's currency.")
    set_aside: Money = field(INHERITED, "Of the account: held until it is decided, or taken.")
    short: Money = field(
        INHERITED, "What was not there to be set aside: owed, unless the dispute is won."
    )
    reason: DisputeReason = field(INHERITED, "What the bank says.")
    reason_text: str = field(INHERITED, "The reason in words.")
    opened_at: datetime = field(INHERITED, "When we heard of it.")
    evidence_due: datetime | None = field(
        INHERITED, "Until when we can answer the bank, if it has said so."
    )


def dispute_view(stored: Stored, language: str) -> Dispute:
    """A dispute for the person."""
    return Dispute(
        dispute_id=DisputeId(stored.dispute_id),
        status=stored.status,
        amount=money_of(stored.amount),
        set_aside=money_of(stored.set_aside),
        short=money_of(stored.short),
        reason=stored.reason,
        reason_text=text_of(stored.reason, language),
        opened_at=stored.opened_at,
        evidence_due=stored.evidence_due,
    )
