"""What news of a dispute change: the dispute, its deposit, the wallet and the books. Pure."""

from dataclasses import replace
from datetime import datetime

from shared.disputes import bookings, looking, parts, securing
from shared.disputes.changes import Change
from shared.disputes.model import (
    ASKED,
    DECIDED,
    LIVE,
    TRANSITIONS,
    UNDECIDED,
    Dispute,
    DisputeMove,
    DisputeStatus,
    dispute_id_of,
)
from shared.disputes.ports import File, Reading
from shared.payments import reversals
from shared.payments.model import Deposit


def decide(
    file: File, before: Dispute | None, reading: Reading, at: datetime, *, fresh: bool = False
) -> Change | None:
    """What a reading changes; None when it is known, or older than what is known. ``fresh``: the
    gateway was asked after the file had been read."""
    dispute = _begun(file.deposit, reading, at) if before is None else before
    change = Change(file, dispute, file.deposit)
    target = reading.status
    if before is None:
        _enter(change, None, reading, at)
    elif target is not before.status and follows(before, reading, fresh=fresh):
        change.dispute = _described(before, reading).moved(target, at)
        _enter(change, before.status, reading, at)
    elif target is before.status and before.status in UNDECIDED:
        change.dispute = _described(before, reading)
        if reading.taken and not before.taken and before.live:
            securing.take(change, at)
    _charge(change, reading, at)
    step = max(change.dispute.step, reading.step)
    change.dispute = replace(change.dispute, step=step)
    return _finished(change, before, at)


def concede(file: File, before: Dispute, at: datetime) -> Change | None:
    """It is given up: lost, unless its gateway says later that it was won. None when it is not
    open."""
    if before.gateway in ASKED or not before.live:
        return None
    change = Change(file, before.moved(DisputeStatus.LOST, at), file.deposit)
    _lose(change, before.status, at)
    return _finished(change, before, at)


def follows(before: Dispute, reading: Reading, *, fresh: bool) -> bool:
    """Whether a dispute may become what a reading says. What was decided is decided otherwise only
    by news that are surely newer: an answer to a question that was asked after what is known had
    been written, or a later step of the messages that gateways send in a fixed order."""
    if reading.status not in TRANSITIONS[before.status]:
        return False
    if before.status not in DECIDED:
        return True
    return fresh if reading.gateway in ASKED else reading.step > before.step


def reverses(before: Dispute, reading: Reading) -> bool:
    """Whether it would be decided otherwise than it was, so that it must be surely newer."""
    return before.status in DECIDED and reading.status in TRANSITIONS[before.status]


def upkeep(file: File, before: Dispute, at: datetime) -> Change | None:
    """What changes without news of it: a reminder, the next look, refunds of the same money."""
    return _finished(Change(file, before, file.deposit), before, at)


def balanced(file: File, at: datetime) -> Change | None:
    """What refunds change of who answers for the deposit's disputes."""
    claimed = next((one for one in file.disputes if one.claimed), None)
    if claimed is None:
        return None
    return _finished(Change(file, claimed, file.deposit), claimed, at, looked=False)


def _finished(
    change: Change, before: Dispute | None, at: datetime, *, looked: bool = True
) -> Change | None:
    """With what follows for all disputes of the deposit, for what the deposit says, and the next
    look; each counted once. None when nothing is new."""
    _balance(change, at)
    file = change.file
    change.deposit = reversals.claimed(
        file.deposit,
        parts.disputed_in_all(change.disputes, file.deposit),
        file.deposit.withheld_minor + change.withheld,
        at,
    )
    if looking.to_be_reminded(change.dispute, at):
        change.dispute = replace(change.dispute, reminded=True)
    due = before is not None and before.look_at is not None and before.look_at <= at
    new = change.dispute != before or bool(change.others) or change.deposit != file.deposit
    if not new and not (looked and due):
        return None
    version = 1 if before is None else before.version + 1
    if looked or not change.dispute.undecided:
        change.dispute = replace(change.dispute, look_at=looking.next_look(change.dispute, at))
    change.dispute = replace(change.dispute, version=version)
    return change


def _balance(change: Change, at: datetime) -> None:
    """Each dispute of the deposit, the oldest first."""
    mine = change.dispute.dispute_id
    for one in sorted(change.disputes, key=lambda each: (each.opened_at, each.dispute_id)):
        if one.dispute_id == mine:
            securing.balance(change, at)
            continue
        change.aside, change.dispute = change.dispute, one
        securing.balance(change, at)
        after, change.dispute, change.aside = change.dispute, change.aside, None
        if after != one:
            change.others.append((one, replace(after, version=one.version + 1)))


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
    """With what the gateway says of it. What is set aside, or gone, fixes the amount."""
    fixed = dispute.live or dispute.status in DECIDED
    return replace(
        dispute,
        amount=dispute.amount if fixed else reading.amount,
        reason=reading.reason,
        evidence_due=reading.evidence_due or dispute.evidence_due,
    )


def _enter(change: Change, source: DisputeStatus | None, reading: Reading, at: datetime) -> None:
    """The effects of a state that has just been entered from ``source``."""
    was_live = source in LIVE
    if change.dispute.live:
        if not was_live:
            securing.secure(change, at, taken=reading.taken)
            change.blocks += 1
        elif reading.taken and not change.dispute.taken:
            securing.take(change, at)
    elif change.dispute.status is DisputeStatus.LOST:
        _lose(change, source, at)
    elif change.dispute.status is DisputeStatus.WON:
        if was_live:
            securing.win(change, at)
            change.blocks -= 1
        elif source is DisputeStatus.LOST:
            securing.win_after_all(change, at)


def _lose(change: Change, source: DisputeStatus | None, at: datetime) -> None:
    if source not in LIVE:
        securing.secure(change, at, taken=True)
    else:
        change.blocks -= 1
        if not change.dispute.taken:
            securing.take(change, at)
    securing.lose(change, at)


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
