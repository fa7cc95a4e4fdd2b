"""What is told of payouts: events for others, cases and alarms for people."""

from datetime import datetime

from shared.cases.model import CaseKind, MoneyCase, case_id_of, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.payouts.events import (
    CashRecalledV1,
    ConsentAskedV1,
    ConsentLapsedV1,
    PayoutFailedV1,
    PayoutPaidV1,
    PayoutReleasedV1,
    PayoutRequestedV1,
    PayoutReturnedV1,
    PayoutStoppedV1,
    WithdrawalRequotedV1,
)
from shared.payouts.model import Payout
from shared.payouts.ports import Requote
from shared.payouts.reasons import PayoutReason
from shared.platform.observability import logger, metric
from shared.platform.work import Write


def requested(payout: Payout) -> PayoutRequestedV1:
    """Whoever moves it looks at it."""
    return PayoutRequestedV1(user_id=payout.user_id, payout_id=payout.payout_id)


def paid(payout: Payout) -> PayoutPaidV1:
    """The payee has the money."""
    return PayoutPaidV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        purpose=payout.purpose.value,
        gateway=payout.gateway,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
        debited_minor=payout.debited.minor,
        deposit_id=payout.deposit_id,
    )


def failed(payout: Payout, reason: PayoutReason) -> PayoutFailedV1:
    """It will not be paid."""
    return PayoutFailedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        purpose=payout.purpose.value,
        reason=reason.value,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
        debited_minor=payout.debited.minor,
        deposit_id=payout.deposit_id,
    )


def returned(payout: Payout, reason: PayoutReason) -> PayoutReturnedV1:
    """It came back."""
    return PayoutReturnedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        purpose=payout.purpose.value,
        reason=reason.value,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
        debited_minor=payout.debited.minor,
        deposit_id=payout.deposit_id,
    )


def released(payout: Payout) -> PayoutReleasedV1:
    """What it held is free again."""
    return PayoutReleasedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        purpose=payout.purpose.value,
        status=payout.status.value,
        debited_minor=payout.debited.minor,
        deposit_id=payout.deposit_id,
    )


def requoted(before: Payout, after: Payout) -> WithdrawalRequotedV1:
    """It is sent at another rate than that of the request."""
    return WithdrawalRequotedV1(
        user_id=after.user_id,
        payout_id=after.payout_id,
        debited_minor=after.debited.minor,
        currency=after.amount.currency.value,
        amount_minor=after.amount.minor,
        was_minor=before.amount.minor,
    )


def consent_asked(payout: Payout, offer: Requote, until: datetime) -> ConsentAskedV1:
    """The person has to agree."""
    return ConsentAskedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        debited_minor=payout.debited.minor,
        currency=offer.amount.currency.value,
        amount_minor=offer.amount.minor,
        was_minor=payout.amount.minor,
        answer_by=until,
    )


def lapsed(payout: Payout) -> ConsentLapsedV1:
    """The person did not agree in time."""
    return ConsentLapsedV1(
        user_id=payout.user_id,
        payout_id=payout.payout_id,
        debited_minor=payout.debited.minor,
    )


def recalled(payout: Payout) -> CashRecalledV1:
    """The gateway's part begins."""
    return CashRecalledV1(user_id=payout.user_id, payout_id=payout.payout_id)


def stopped(payout: Payout) -> PayoutStoppedV1:
    """The broker's part begins again, the other way round."""
    return PayoutStoppedV1(user_id=payout.user_id, payout_id=payout.payout_id)


def case(kind: CaseKind, payout: Payout, clock: Clock, **facts: str) -> MoneyCase:
    """For a person to look at, with what matters of the payout."""
    known = {
        "purpose": payout.purpose.value,
        "gateway": payout.gateway,
        "rail": payout.rail.value,
        "status": payout.status.value,
        "amount": str(payout.amount),
        "debited": str(payout.debited),
    }
    if payout.deposit_id is not None:
        known["deposit_id"] = payout.deposit_id
    if payout.reference is not None:
        known["reference"] = payout.reference
    return new_case(
        kind, payout.payout_id, clock.now(), user_id=payout.user_id, **{**known, **facts}
    )


def known_again(cases: Cases, payout: Payout, at: datetime, *, by: str, note: str) -> list[Write]:
    """Of one that was silent, or waited, for too long nobody has to find out any more."""
    if not payout.escalated:
        return []
    case_id = case_id_of(CaseKind.PAYOUT_UNKNOWN, payout.payout_id)
    return cases.end(case_id, at, by=by, note=note)


def alert(service: str, payout: Payout, kind: CaseKind) -> None:
    """Wake somebody."""
    fields = {
        "payout_id": payout.payout_id,
        "status": payout.status.value,
        "case": kind.value,
    }
    logger(service).error("payout needs a person", extra=fields)
    metric("PayoutNeedsReview", rail=payout.rail.value, case=kind.value)
