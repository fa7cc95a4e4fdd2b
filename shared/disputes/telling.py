"""Whom a dispute concerns besides the books: events, cases of staff, alarms."""

from datetime import datetime
from typing import Any

from shared.cases.model import CaseKind, MoneyCase, new_case
from shared.disputes import parts
from shared.disputes.changes import Change
from shared.disputes.events import DisputeLostV1, DisputeOpenedV1, DisputeWonV1
from shared.disputes.model import Dispute, DisputeStatus
from shared.disputes.ports import File, Reading
from shared.kernel.clock import to_text
from shared.kernel.events import Event
from shared.kernel.money import Currency, Money
from shared.platform.observability import logger, metric

_SERVICE = "handle_dispute"
_LONGEST = 400
"""Of the names of refunds in a case."""


def events(file: File, before: Dispute | None, change: Change) -> list[Event]:
    """What others hear of a state that was entered."""
    dispute = change.dispute
    if before is not None and before.status is dispute.status:
        return []
    common: dict[str, Any] = {
        "user_id": dispute.user_id,
        "deposit_id": dispute.deposit_id,
        "dispute_id": dispute.dispute_id,
        "gateway": dispute.gateway.value,
        "currency": dispute.amount.currency.value,
        "amount_minor": dispute.amount.minor,
    }
    was_live = before is not None and before.live
    match dispute.status:
        case DisputeStatus.OPEN | DisputeStatus.UNDER_REVIEW if not was_live:
            return [DisputeOpenedV1(**common, reason=dispute.reason.value)]
        case DisputeStatus.WON if before is not None and before.claimed:
            return [DisputeWonV1(**common)]
        case DisputeStatus.LOST:
            return [DisputeLostV1(**common, owed_minor=owed(file, change))]
        case _:
            return []


def owed(file: File, change: Change) -> int:
    """US cents of this dispute that the person still owes, once the change is made."""
    return min(change.dispute.shortfall_minor, file.wallet.owed + change.owed)


def dispute_case(file: File, dispute: Dispute, at: datetime) -> MoneyCase:
    """Somebody has to answer the bank, until a date: with the refunds of the same money, where
    there are some. Lost all the same, the firm bears that part."""
    facts = _facts(dispute) | {"status": dispute.status.value}
    if dispute.answered_minor or file.refunds:
        facts["answered"] = str(Money(dispute.answered_minor, Currency.USD))
        refunds = parts.gone(file.refunds)
        facts["refunds"] = " ".join(one.reference or one.payout_id for one in refunds)[:_LONGEST]
    if dispute.evidence_due is not None:
        facts["evidence_due"] = to_text(dispute.evidence_due)
    return new_case(CaseKind.DISPUTE, dispute.dispute_id, at, user_id=dispute.user_id, **facts)


def receivable_case(dispute: Dispute, minor: int, at: datetime) -> MoneyCase:
    """Somebody has to see to it that the person pays."""
    facts = _facts(dispute) | {"owed": str(Money(minor, Currency.USD))}
    return new_case(CaseKind.RECEIVABLE, dispute.dispute_id, at, user_id=dispute.user_id, **facts)


def unmatched_case(reading: Reading, at: datetime) -> MoneyCase:
    """A dispute of a payment that was never counted."""
    return new_case(
        CaseKind.DISPUTE,
        f"{reading.gateway.value}.{reading.reference}",
        at,
        payment=reading.payment,
        amount=str(reading.amount),
        status=reading.status.value,
    )


def _facts(dispute: Dispute) -> dict[str, str]:
    return {
        "deposit": dispute.deposit_id,
        "gateway": dispute.gateway.value,
        "reference": dispute.reference,
        "amount": str(dispute.amount),
    }


def alert(before: Dispute | None, change: Change, reading: Reading | None) -> None:
    """What people of the firm have to hear of at once."""
    dispute = change.dispute
    if reading is not None and reading.amount != dispute.amount:
        _call(dispute, "AMOUNT_CHANGED")
    if dispute.reminded and not (before is not None and before.reminded):
        _call(dispute, "EVIDENCE_DUE")


def _call(dispute: Dispute, reason: str) -> None:
    fields = {"dispute_id": dispute.dispute_id, "reason": reason}
    logger(_SERVICE).error("dispute needs a person", extra=fields)
    metric("DisputeNeedsReview", gateway=dispute.gateway.value, reason=reason)
