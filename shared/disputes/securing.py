"""What is set aside for a dispute, and what becomes of that. Pure."""

from dataclasses import replace
from datetime import datetime

from shared.disputes import bookings, parts
from shared.disputes.changes import Change
from shared.disputes.model import Dispute
from shared.ledger.model import Draft
from shared.payments.model import Deposit, DepositStatus
from shared.payments.reversals import can_be_disputed


def set_aside(before: Dispute, minor: int, at: datetime) -> tuple[Dispute, list[Draft]]:
    """Of what was short, ``minor`` US cents can be held now. ValueError for more than is short."""
    if not 0 < minor <= before.shortfall_minor:
        raise ValueError("more than what is short")
    after = before.noted(
        reserved_minor=before.reserved_minor + minor,
        shortfall_minor=before.shortfall_minor - minor,
    )
    return after, bookings.set_aside(before, at, minor)


def secure(change: Change, at: datetime, *, taken: bool) -> None:
    """Set aside the person's part of what the dispute is worth."""
    dispute, others = change.dispute, change.beside(change.dispute)
    full = parts.full_worth(dispute, change.deposit, others)
    part = parts.persons_part(full, dispute, change.deposit, others, change.file.refunds)
    change.dispute = replace(
        dispute,
        worth_minor=0,
        reserved_minor=0,
        kept_minor=0,
        shortfall_minor=0,
        answered_minor=full,
        taken=taken,
    )
    short = _answer_for(change, part)
    change.drafts += bookings.opened(change.dispute, at, taken=taken, shortfall=short)


def take(change: Change, at: datetime) -> None:
    """The gateway has taken the money."""
    change.drafts += bookings.opened(change.dispute, at, taken=True, shortfall=0)
    change.dispute = replace(change.dispute, taken=True)


def win(change: Change, at: datetime) -> None:
    """What was set aside is free again, and what was short nobody owes."""
    dispute = change.dispute
    change.drafts += bookings.won(dispute, at)
    change.owed -= dispute.shortfall_minor
    change.held -= dispute.reserved_minor - dispute.kept_minor
    _let_go(change, dispute.kept_minor)
    change.dispute = replace(dispute, taken=False)


def lose(change: Change, at: datetime) -> None:
    """What was set aside is gone; a payment that was credited to nobody, and had not gone back,
    costs nobody anything."""
    dispute = change.dispute
    change.posted -= dispute.reserved_minor
    change.held -= dispute.reserved_minor
    if not parts.is_own(dispute, change.deposit) and dispute.payment not in change.file.sent_back:
        change.drafts += bookings.lost_of_nobody(dispute, at)
        change.posted += dispute.reserved_minor
        change.owed -= dispute.shortfall_minor
        change.dispute = replace(dispute, worth_minor=0, reserved_minor=0, shortfall_minor=0)
        change.of_nobody = True
        return
    change.drafts += bookings.lost(dispute, at)
    change.to_firm += dispute.reserved_minor - dispute.kept_minor


def win_after_all(change: Change, at: datetime) -> None:
    """What was lost is ours again, and what the person gave for it is theirs."""
    dispute = change.dispute
    if not parts.is_own(dispute, change.deposit) and not dispute.worth_minor:
        change.drafts += bookings.won_of_nobody(dispute, at)
        change.again_of_nobody = True
        return
    owed = _give_back(change, dispute.worth_minor)
    change.drafts += bookings.won_after_all(dispute, at, still_owed=owed)


def balance(change: Change, at: datetime) -> None:
    """The person's part is another one since refunds and other disputes took, or left, some of
    the same money."""
    dispute, others = change.dispute, change.beside(change.dispute)
    if not dispute.claimed or not parts.is_own(dispute, change.deposit):
        return
    full = dispute.worth_minor + dispute.answered_minor
    part = parts.persons_part(full, dispute, change.deposit, others, change.file.refunds)
    more = part - dispute.worth_minor
    if more and dispute.live:
        _more_live(change, more, at) if more > 0 else _less_live(change, -more, at)
    elif more:
        _more_lost(change, more, at) if more > 0 else _less_lost(change, -more, at)


def _more_live(change: Change, minor: int, at: datetime) -> None:
    short = _answer_for(change, minor)
    change.drafts += bookings.opened(change.dispute, at, taken=False, shortfall=short)


def _less_live(change: Change, minor: int, at: datetime) -> None:
    """First what is short, then what is held."""
    before = change.dispute
    short = min(minor, before.shortfall_minor)
    change.drafts += bookings.set_aside(before, at, short)
    change.owed -= short
    free = min(minor - short, before.reserved_minor - before.kept_minor)
    change.held -= free
    kept = minor - short - free
    _let_go(change, kept)
    _answers_less(change, short, free + kept, kept)


def _more_lost(change: Change, minor: int, at: datetime) -> None:
    """Out of what the deposit still holds; the rest is owed, and paid as soon as cash is free."""
    kept = min(minor, _room(change))
    change.posted -= kept
    change.held -= kept
    change.withheld += kept
    change.owed += minor - kept
    change.drafts += bookings.borne_by_person(change.dispute, at, paid=kept, owed=minor - kept)
    dispute = change.dispute
    change.dispute = replace(
        dispute,
        worth_minor=dispute.worth_minor + minor,
        answered_minor=dispute.answered_minor - minor,
        reserved_minor=dispute.reserved_minor + kept,
        kept_minor=dispute.kept_minor + kept,
        shortfall_minor=dispute.shortfall_minor + minor - kept,
    )


def _less_lost(change: Change, minor: int, at: datetime) -> None:
    before = change.dispute
    owed = _give_back(change, minor)
    change.drafts += bookings.borne_by_firm(before, at, paid=minor - owed, owed=owed)
    short = min(minor, before.shortfall_minor)
    kept = max(before.kept_minor - (before.reserved_minor - (minor - short)), 0)
    _answers_less(change, short, minor - short, kept)


def _answers_less(change: Change, short: int, reserved: int, kept: int) -> None:
    dispute, minor = change.dispute, short + reserved
    change.dispute = replace(
        dispute,
        worth_minor=dispute.worth_minor - minor,
        answered_minor=dispute.answered_minor + minor,
        reserved_minor=dispute.reserved_minor - reserved,
        kept_minor=dispute.kept_minor - kept,
        shortfall_minor=dispute.shortfall_minor - short,
    )


def _answer_for(change: Change, minor: int) -> int:
    """The person answers for ``minor`` more: out of what the deposit holds and has not been
    forwarded, then out of what cash there is; what is missing, and returned, is owed."""
    dispute = change.dispute
    kept = min(minor, _room(change)) if parts.is_own(dispute, change.deposit) else 0
    free = min(change.available, minor - kept)
    short = minor - kept - free
    change.withheld += kept
    change.held += free
    change.owed += short
    change.dispute = replace(
        dispute,
        worth_minor=dispute.worth_minor + minor,
        answered_minor=dispute.answered_minor - minor,
        reserved_minor=dispute.reserved_minor + kept + free,
        kept_minor=dispute.kept_minor + kept,
        shortfall_minor=dispute.shortfall_minor + short,
    )
    return short


def _give_back(change: Change, minor: int) -> int:
    """Of what was taken from the person ``minor`` is theirs again: to the deposit that holds the
    rest of it still, then to what they owe (returned), then in cash."""
    kept = min(minor, change.dispute.kept_minor) if _at_firm(change.deposit) else 0
    file = change.file
    debt = max(file.wallet.owed - file.open_minor - change.forgiven, 0)
    owed = min(minor - kept, debt)
    cash = minor - kept - owed
    change.owed -= owed
    change.forgiven += owed
    change.posted += kept + cash
    change.held += kept + cash
    change.withheld -= kept
    change.to_person += cash
    return owed


def _let_go(change: Change, kept: int) -> None:
    """What was kept from being forwarded goes on with the deposit, or after it."""
    if _at_firm(change.deposit):
        change.withheld -= kept
    else:
        change.to_person += kept


def _room(change: Change) -> int:
    """What a deposit holds that nobody claims and that has not been forwarded, nor is on its way
    back to the payer."""
    deposit = change.deposit
    moving = deposit.refunding_minor or deposit.refunded_minor
    if moving or not _at_firm(deposit) or not can_be_disputed(deposit, DepositStatus.SETTLED):
        return 0
    return deposit.forwarded.minor - change.withheld


def _at_firm(deposit: Deposit) -> bool:
    """Whether its cash waits, held, to be forwarded."""
    disputed = deposit.status is DepositStatus.DISPUTED
    return (deposit.before if disputed else deposit.status) is DepositStatus.SETTLED
