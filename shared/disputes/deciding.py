"""What news of a dispute changes: the dispute, its deposit, the wallet and the books. Pure."""

from dataclasses import replace
from datetime import datetime

from shared.disputes import bookings, marking, securing
from shared.disputes.changes import Change
from shared.disputes.model import (
    LIVE,
    REMINDED_BEFORE,
    TRANSITIONS,
    UNDECIDED,
    Dispute,
    DisputeMove,
    DisputeStatus,
    dispute_id_of,
)
from shared.disputes.ports import File, Reading
from shared.payments.model import Deposit


def decide(file: File, before: Dispute | None, reading: Reading, at: datetime) -> Change | None:
    """What a reading changes; None when it is known, or older than what is known."""
    dispute = _begun(file.deposit, reading, at) if before is None else before
    change = Change(dispute, file.deposit)
    target = reading.status
    if before is None:
        _enter(change, file, None, reading, at)
    elif target is not before.status and target in TRANSITIONS[before.status]:
        change.dispute = _described(before, reading).moved(target, at)
        _enter(change, file, before.status, reading, at)
    elif target is before.status and before.status in UNDECIDED:
        change.dispute = _described(before, reading)
        if reading.taken and not before.taken and before.live:
            securing.take(change, at)
    _charge(change, reading, at)
    return _finished(change, file, before, at)


def upkeep(file: File, before: Dispute, at: datetime) -> Change | None:
    """What time alone changes: a mark that could not be made before, a reminder, the next look."""
    change = Change(before, file.deposit)
    if (before.live or before.status is DisputeStatus.LOST) and marking.wants_mark(file, before):
        marking.mark(change, at)
    return _finished(change, file, before, at)


def _finished(change: Change, file: File, before: Dispute | None, at: datetime) -> Change | None:
    """With the next look, and counted once; None when nothing is new."""
    due = change.dispute.evidence_due
    if marking.evidence_wanted(change.dispute) and due is not None and at >= due - REMINDED_BEFORE:
        change.dispute = replace(change.dispute, reminded=True)
    if before is None:
        marking.awaiting(change, at)
        return change
    looked = before.look_at is not None and before.look_at <= at
    if change.dispute == before and change.deposit == file.deposit and not looked:
        return None
    marking.awaiting(change, at)
    change.dispute = replace(change.dispute, version=before.version + 1)
    return change


def _begun(deposit: Deposit, reading: Reading, at: datetime) -> Dispute:
    return Dispute(
        user_id=deposit.user_id,
        dispute_id=dispute_id_of(deposit.deposit_id, reading.gateway, reading.reference),
        deposit_id=deposit.deposit_id,
        gateway=reading.gateway,
        reference=reading.reference,
        payment=reading.payment,
        amount=reading.amount,
        status=reading.status,
        reason=reading.reason,
        moves=(DisputeMove(reading.status, at),),
        evidence_due=reading.evidence_due,
        trace=deposit.trace,
    )


def _described(dispute: Dispute, reading: Reading) -> Dispute:
    """With what the gateway says of it. What is set aside fixes the amount."""
    fixed = dispute.live or dispute.status is DisputeStatus.WON
    return replace(
        dispute,
        amount=dispute.amount if fixed else reading.amount,
        reason=reading.reason,
        evidence_due=reading.evidence_due or dispute.evidence_due,
    )


def _enter(
    change: Change, file: File, source: DisputeStatus | None, reading: Reading, at: datetime
) -> None:
    """The effects of a state that has just been entered from ``source``."""
    target, was_live = change.dispute.status, source in LIVE
    if target in LIVE and not was_live:
        securing.secure(change, file, at, taken=reading.taken)
        change.blocks += 1
    elif target in LIVE:
        if reading.taken and not change.dispute.taken:
            securing.take(change, at)
    elif target is DisputeStatus.WON and was_live:
        securing.win(change, file, at)
    elif target is DisputeStatus.LOST:
        if not was_live:
            securing.secure(change, file, at, taken=True)
        elif not change.dispute.taken:
            securing.take(change, at)
        securing.lose(change, file, at)
        change.blocks -= int(was_live)


def _charge(change: Change, reading: Reading, at: datetime) -> None:
    """Fees only rise, as an older reading knows less of them; but who wins may get them back, and
    then it is the older reading that knows of more."""
    won = change.dispute.status is DisputeStatus.WON
    if won and reading.status is not DisputeStatus.WON:
        return
    more = reading.fee_minor - change.dispute.fee_minor
    known = reading.amount.currency is change.dispute.amount.currency
    if known and (more > 0 or (won and more < 0)):
        change.drafts += bookings.fee(change.dispute, at, more)
        change.dispute = replace(change.dispute, fee_minor=reading.fee_minor)
