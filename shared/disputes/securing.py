"""What is set aside for a dispute, and what becomes of that. Pure."""

from dataclasses import replace
from datetime import datetime

from shared.disputes import bookings, marking
from shared.disputes.changes import Change
from shared.disputes.model import Dispute, worth_of
from shared.disputes.ports import File
from shared.ledger.model import Draft
from shared.payments import reversals
from shared.payments.states import DepositStatus


def set_aside(before: Dispute, minor: int, at: datetime) -> tuple[Dispute, list[Draft]]:
    """Of what was short, ``minor`` US cents can be held now. ValueError for more than is short."""
    if not 0 < minor <= before.shortfall_minor:
        raise ValueError("more than what is short")
    after = before.noted(
        reserved_minor=before.reserved_minor + minor,
        shortfall_minor=before.shortfall_minor - minor,
    )
    return after, bookings.set_aside(before, at, minor)


def secure(change: Change, file: File, at: datetime, *, taken: bool) -> None:
    """Set aside what the dispute is worth: the deposit's own hold while its money has not been
    forwarded, else what cash there is; what is missing is owed."""
    dispute, deposit = change.dispute, change.deposit
    worth = worth_of(dispute.amount, deposit)
    own = marking.own(dispute, deposit)
    untouched = not (deposit.refunding_minor or deposit.refunded_minor)
    whole = worth == deposit.credited.minor and untouched
    if own and whole and deposit.status is DepositStatus.SETTLED and marking.markable(deposit):
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
    if not change.dispute.covered and marking.wants_mark(file, change.dispute):
        marking.mark(change, at)


def take(change: Change, at: datetime) -> None:
    change.drafts += bookings.opened(change.dispute, at, taken=True, shortfall=0)
    change.dispute = replace(change.dispute, taken=True)


def win(change: Change, file: File, at: datetime) -> None:
    dispute = change.dispute
    change.drafts += bookings.won(dispute, at)
    change.owed -= dispute.shortfall_minor
    change.blocks -= 1
    if not dispute.covered:
        change.held -= dispute.reserved_minor
    if dispute.marked:
        marking.unmark(change, file, at)
    change.dispute = replace(change.dispute, taken=False, marked=False)


def lose(change: Change, file: File, at: datetime) -> None:
    dispute = change.dispute
    if not marking.own(dispute, change.deposit) and dispute.payment not in file.sent_back:
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
