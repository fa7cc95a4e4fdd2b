"""Whether a deposit says that it is disputed, and when to look at that again. Pure."""

from dataclasses import replace
from datetime import datetime

from shared.disputes.changes import Change
from shared.disputes.model import (
    LOOKED_AT_EVERY,
    MARKED_WITHIN,
    REMINDED_BEFORE,
    UNDECIDED,
    Dispute,
    DisputeStatus,
)
from shared.disputes.ports import File
from shared.payments import reversals
from shared.payments.model import Deposit
from shared.payments.states import TRANSITIONS as DEPOSIT_MOVES
from shared.payments.states import DepositStatus

_FORWARDED = (DepositStatus.FUNDED, DepositStatus.REFUNDED)
_COMING = (DepositStatus.SETTLED, DepositStatus.FUNDING)


def own(dispute: Dispute, deposit: Deposit) -> bool:
    """Whether it is about the payment that settled the deposit, and not about a second one."""
    return dispute.gateway is deposit.gateway and dispute.payment == deposit.payment


def markable(deposit: Deposit) -> bool:
    return DepositStatus.DISPUTED in DEPOSIT_MOVES[deposit.method][deposit.status]


def wants_mark(file: File, dispute: Dispute) -> bool:
    deposit = file.deposit
    if dispute.marked or dispute.covered or not own(dispute, deposit):
        return False
    return deposit.status in _FORWARDED and markable(deposit)


def mark(change: Change, at: datetime) -> None:
    change.deposit = reversals.disputed(change.deposit, at)
    change.dispute = replace(change.dispute, marked=True)


def unmark(change: Change, file: File, at: datetime) -> None:
    """The deposit is what it was, unless another dispute of it is not won."""
    heirs = [
        one
        for one in file.disputes
        if one.dispute_id != change.dispute.dispute_id
        and (one.live or one.status is DisputeStatus.LOST)
        and own(one, change.deposit)
    ]
    if heirs and not change.dispute.covered:
        change.others.append((heirs[0], heirs[0].noted(marked=True)))
        return
    # A refund that came back meanwhile may have let it go on.
    if change.deposit.status is DepositStatus.DISPUTED:
        change.deposit = reversals.dispute_won(change.deposit, at)


def evidence_wanted(dispute: Dispute) -> bool:
    """Whether somebody still has to send evidence, and was not reminded."""
    return dispute.status in (DisputeStatus.WARNING, DisputeStatus.OPEN) and not dispute.reminded


def awaiting(change: Change, at: datetime) -> None:
    """When to look next: until it is decided, and until its deposit is marked."""
    dispute = change.dispute
    looks = []
    if dispute.status in UNDECIDED:
        looks.append(at + LOOKED_AT_EVERY)
        if evidence_wanted(dispute) and dispute.evidence_due is not None:
            looks.append(max(dispute.evidence_due - REMINDED_BEFORE, at + MARKED_WITHIN))
    marks = dispute.live or dispute.status is DisputeStatus.LOST
    if marks and not dispute.marked and own(dispute, change.deposit) and _will_be(change.deposit):
        looks.append(at + MARKED_WITHIN)
    change.dispute = replace(dispute, look_at=min(looks) if looks else None)


def _will_be(deposit: Deposit) -> bool:
    """Whether the deposit can be marked once it has been forwarded."""
    return deposit.status in _COMING and bool(
        DepositStatus.DISPUTED in DEPOSIT_MOVES[deposit.method][DepositStatus.FUNDED]
    )
