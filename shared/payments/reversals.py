"""Deposits whose money goes back: refunds, and disputes with the payer's bank. Pure."""

from datetime import datetime
from typing import Any

from shared.payments.model import Deposit, DepositStatus


def refund_begun(deposit: Deposit, minor: int) -> Deposit:
    """``minor`` of ``amount`` is on its way back; ValueError for more than may go."""
    if not 0 < minor <= deposit.refundable_minor:
        raise ValueError("more than what may be refunded")
    return deposit.noted(refunding_minor=deposit.refunding_minor + minor)


def refund_given_up(deposit: Deposit, minor: int) -> Deposit:
    """It did not go: it may be asked for again."""
    return deposit.noted(refunding_minor=deposit.refunding_minor - minor)


def refund_paid(deposit: Deposit, minor: int, at: datetime) -> Deposit:
    """``minor`` of ``amount`` went back. All of it gone, the deposit is REFUNDED; one that is
    disputed meanwhile is REFUNDED when it is disputed no more."""
    refunded = deposit.refunded_minor + minor
    amounts: dict[str, Any] = {
        "refunding_minor": deposit.refunding_minor - minor,
        "refunded_minor": refunded,
    }
    if refunded < deposit.amount.minor:
        return deposit.noted(**amounts)
    if deposit.status in (DepositStatus.SETTLED, DepositStatus.FUNDED):
        return deposit.moved(DepositStatus.REFUNDED, at, before=deposit.status, **amounts)
    if deposit.status is DepositStatus.DISPUTED:
        amounts["before"] = DepositStatus.REFUNDED
    return deposit.noted(**amounts)


def refund_returned(deposit: Deposit, minor: int, at: datetime) -> Deposit:
    """``minor`` of what had gone back came to us again: it is what it was before the refund, now
    or when it is disputed no more.

    What had not been forwarded goes on at once, also during or after a dispute, for which other
    money was set aside, or is owed: else nobody would ever end its hold.
    """
    refunded, was = deposit.refunded_minor - minor, _credited(deposit)
    gone = DepositStatus.REFUNDED in (deposit.status, deposit.before)
    if not gone:
        return deposit.noted(refunded_minor=refunded)
    if deposit.status is DepositStatus.REFUNDED or was is DepositStatus.SETTLED:
        return deposit.moved(was, at, refunded_minor=refunded, before=None)
    return deposit.noted(refunded_minor=refunded, before=was)


def disputed(deposit: Deposit, at: datetime) -> Deposit:
    """The payer's bank takes the money back. IllegalTransition during FUNDING: later."""
    return deposit.moved(DepositStatus.DISPUTED, at, before=deposit.status)


def dispute_won(deposit: Deposit, at: datetime) -> Deposit:
    """The money stays: it is what it was before."""
    return deposit.moved(deposit.before or DepositStatus.FUNDED, at, before=None)


def _credited(deposit: Deposit) -> DepositStatus:
    """How far it had come, whatever happened to it since."""
    return DepositStatus.SETTLED if deposit.funded_at is None else DepositStatus.FUNDED
