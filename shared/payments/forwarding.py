"""A settled deposit on its way to the broker, and what holds it there. Pure."""

from datetime import datetime

from shared.payments.model import MAX_JOURNAL_ATTEMPTS, Deposit, DepositStatus
from shared.payments.reasons import Reason
from shared.payments.reversals import told


def held_back(deposit: Deposit, reason: Reason, until: datetime | None = None) -> Deposit:
    """It does not move on for now, and before ``until`` nobody needs to look."""
    return deposit.noted(reason=reason, wakes_at=until)


def released(deposit: Deposit) -> Deposit:
    """A member of staff gave their word: no limit on forwarding holds it any more."""
    return deposit.noted(released=True, reason=None, wakes_at=None)


def begun(deposit: Deposit, account_id: str, at: datetime) -> Deposit:
    """The intent to move the cash, recorded before the broker is asked."""
    return deposit.moved(
        DepositStatus.FUNDING, at, broker_account_id=account_id, reason=None, wakes_at=None
    )


def journaled(deposit: Deposit, journal_id: str) -> Deposit:
    """The broker has the instruction."""
    return deposit.noted(journal_id=journal_id)


def rejected(deposit: Deposit, at: datetime) -> Deposit:
    """The broker will not carry this instruction out; a new one needs a new key."""
    attempt = deposit.journal_attempt + 1
    return deposit.moved(
        DepositStatus.SETTLED,
        at,
        journal_id=None,
        journal_attempt=attempt,
        reason=Reason.BROKER_REJECTED,
        review=attempt >= MAX_JOURNAL_ATTEMPTS,
    )


def arrived(deposit: Deposit, at: datetime) -> Deposit:
    """The cash is in the person's broker account. One that a bank claimed on the way says so."""
    return told(deposit.moved(DepositStatus.FUNDED, at, funded_at=at, reason=None), at)
