"""What news of a dispute changes: the dispute, its deposit, the wallet and the books. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.disputes import bookings
from shared.disputes.model import (
    LIVE,
    LOOKED_AT_EVERY,
    MARKED_WITHIN,
    REMINDED_BEFORE,
    TRANSITIONS,
    UNDECIDED,
    Dispute,
    DisputeMove,
    DisputeStatus,
    dispute_id_of,
    worth_of,
)
from shared.disputes.ports import File, Reading
from shared.ledger.model import Draft
from shared.payments import reversals
from shared.payments.model import Deposit
from shared.payments.states import TRANSITIONS as DEPOSIT_MOVES
from shared.payments.states import DepositStatus

_FORWARDED = (DepositStatus.FUNDED, DepositStatus.REFUNDED)
_COMING = (DepositStatus.SETTLED, DepositStatus.FUNDING)


@dataclass(slots=True)
class Change:
    """What becomes of a file, gathered step by step. Amounts are US cents."""

    dispute: Dispute
    deposit: Deposit
    posted: int = 0
    held: int = 0
    blocks: int = 0
    owed: int = 0
    to_firm: int = 0
    """Cash in the person's account at the broker that is the firm's now."""
    of_nobody: bool = False
    """A payment is gone that waited in suspense."""
    drafts: list[Draft] = field(default_factory=list)
    others: list[tuple[Dispute, Dispute]] = field(default_factory=list)
    """Other disputes of the deposit that change with it, before and after."""

    @property
    def moves_wallet(self) -> bool:
        """Whether the wallet is written at all."""
        return bool(self.drafts or self.held or self.blocks)


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
            _take(change, at)
    _charge(change, reading, at)
    return _finished(change, file, before, at)


def upkeep(file: File, before: Dispute, at: datetime) -> Change | None:
    """What time alone changes: a mark that could not be made before, a reminder, the next look."""
    change = Change(before, file.deposit)
    if (before.live or before.status is DisputeStatus.LOST) and _wants_mark(file, before):
        _mark(change, at)
    return _finished(change, file, before, at)


def _finished(change: Change, file: File, before: Dispute | None, at: datetime) -> Change | None:
    """With the next look, and counted once; None when nothing is new."""
    due = change.dispute.evidence_due
    if evidence_wanted(change.dispute) and due is not None and at >= due - REMINDED_BEFORE:
        change.dispute = replace(change.dispute, reminded=True)
    if before is None:
        _await(change, at)
        return change
    looked = before.look_at is not None and before.look_at <= at
    if change.dispute == before and change.deposit == file.deposit and not looked:
        return None
    _await(change, at)
    change.dispute = replace(change.dispute, version=before.version + 1)
    return change


def set_aside(before: Dispute, minor: int, at: datetime) -> tuple[Dispute, list[Draft]]:
    """Of what was short, ``minor`` US cents can be held now. ValueError for more than is short."""
    if not 0 < minor <= before.shortfall_minor:
        raise ValueError("more than what is short")
    after = before.noted(
        reserved_minor=before.reserved_minor + minor,
        shortfall_minor=before.shortfall_minor - minor,
    )
    return after, bookings.set_aside(before, at, minor)


def evidence_wanted(dispute: Dispute) -> bool:
    """Whether somebody still has to send evidence, and was not reminded."""
    return dispute.status in (DisputeStatus.WARNING, DisputeStatus.OPEN) and not dispute.reminded


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
        _secure(change, file, at, taken=reading.taken)
        change.blocks += 1
    elif target in LIVE:
        if reading.taken and not change.dispute.taken:
            _take(change, at)
    elif target is DisputeStatus.WON and was_live:
        _win(change, file, at)
    elif target is DisputeStatus.LOST:
        if not was_live:
            _secure(change, file, at, taken=True)
        elif not change.dispute.taken:
            _take(change, at)
        _lose(change, file, at)
        change.blocks -= int(was_live)


def _secure(change: Change, file: File, at: datetime, *, taken: bool) -> None:
    """Set aside what the dispute is worth: the deposit's own hold while its money has not been
    forwarded, else what cash there is; what is missing is owed."""
    dispute, deposit = change.dispute, change.deposit
    worth = worth_of(dispute.amount, deposit)
    own = _own(dispute, deposit)
    untouched = not (deposit.refunding_minor or deposit.refunded_minor)
    whole = worth == deposit.credited.minor and untouched
    if own and whole and deposit.status is DepositStatus.SETTLED and _markable(deposit):
        reserved, covered = worth, True
        change.deposit = reversals.disputed(deposit, at)
    else:
        reserved, covered = min(max(file.wallet.available, 0), worth), False
        change.held += reserved
        change.owed += worth - reserved
    change.dispute = replace(
        dispute,
        worth_minor=worth,
        reserved_minor=reserved,
        shortfall_minor=worth - reserved,
        covered=covered,
        marked=covered,
        taken=taken,
    )
    shortfall = change.dispute.shortfall_minor
    change.drafts += bookings.opened(change.dispute, at, taken=taken, shortfall=shortfall)
    if not change.dispute.covered and _wants_mark(file, change.dispute):
        _mark(change, at)


def _take(change: Change, at: datetime) -> None:
    change.drafts += bookings.opened(change.dispute, at, taken=True, shortfall=0)
    change.dispute = replace(change.dispute, taken=True)


def _win(change: Change, file: File, at: datetime) -> None:
    dispute = change.dispute
    change.drafts += bookings.won(dispute, at)
    change.owed -= dispute.shortfall_minor
    change.blocks -= 1
    if not dispute.covered:
        change.held -= dispute.reserved_minor
    if dispute.marked:
        _unmark(change, file, at)
    change.dispute = replace(change.dispute, taken=False, marked=False)


def _lose(change: Change, file: File, at: datetime) -> None:
    dispute = change.dispute
    if not _own(dispute, change.deposit) and dispute.payment not in file.sent_back:
        change.drafts += bookings.lost_of_nobody(dispute, at)
        change.owed -= dispute.shortfall_minor
        change.held -= dispute.reserved_minor
        change.dispute = replace(dispute, reserved_minor=0, shortfall_minor=0)
        change.of_nobody = True
        return
    change.drafts += bookings.lost(dispute, at)
    change.posted -= dispute.reserved_minor
    change.to_firm += 0 if dispute.covered else dispute.reserved_minor
    change.held -= dispute.reserved_minor


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


def _own(dispute: Dispute, deposit: Deposit) -> bool:
    """Whether it is about the payment that settled the deposit, and not about a second one."""
    return dispute.gateway is deposit.gateway and dispute.payment == deposit.payment


def _markable(deposit: Deposit) -> bool:
    return DepositStatus.DISPUTED in DEPOSIT_MOVES[deposit.method][deposit.status]


def _wants_mark(file: File, dispute: Dispute) -> bool:
    deposit = file.deposit
    if dispute.marked or dispute.covered or not _own(dispute, deposit):
        return False
    return deposit.status in _FORWARDED and _markable(deposit)


def _mark(change: Change, at: datetime) -> None:
    change.deposit = reversals.disputed(change.deposit, at)
    change.dispute = replace(change.dispute, marked=True)


def _unmark(change: Change, file: File, at: datetime) -> None:
    """The deposit is what it was, unless another dispute of it is not won."""
    heirs = [
        one
        for one in file.disputes
        if one.dispute_id != change.dispute.dispute_id
        and (one.live or one.status is DisputeStatus.LOST)
        and _own(one, change.deposit)
    ]
    if heirs and not change.dispute.covered:
        change.others.append((heirs[0], heirs[0].noted(marked=True)))
        return
    # A refund that came back meanwhile may have let it go on.
    if change.deposit.status is DepositStatus.DISPUTED:
        change.deposit = reversals.dispute_won(change.deposit, at)


def _await(change: Change, at: datetime) -> None:
    """When to look next: until it is decided, and until its deposit is marked."""
    dispute = change.dispute
    looks = []
    if dispute.status in UNDECIDED:
        looks.append(at + LOOKED_AT_EVERY)
        if evidence_wanted(dispute) and dispute.evidence_due is not None:
            looks.append(max(dispute.evidence_due - REMINDED_BEFORE, at + MARKED_WITHIN))
    marks = dispute.live or dispute.status is DisputeStatus.LOST
    if marks and not dispute.marked and _own(dispute, change.deposit) and _will_be(change.deposit):
        looks.append(at + MARKED_WITHIN)
    change.dispute = replace(dispute, look_at=min(looks) if looks else None)


def _will_be(deposit: Deposit) -> bool:
    """Whether the deposit can be marked once it has been forwarded."""
    return deposit.status in _COMING and bool(
        DepositStatus.DISPUTED in DEPOSIT_MOVES[deposit.method][DepositStatus.FUNDED]
    )
