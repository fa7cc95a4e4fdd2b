"""Deposits whose money goes back: refunds, and disputes with the payer's bank. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.payments.model import Deposit, DepositStatus
from shared.payments.states import TRANSITIONS


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
    or when it is disputed no more."""
    refunded, was = deposit.refunded_minor - minor, _credited(deposit)
    if deposit.status is DepositStatus.REFUNDED:
        return deposit.moved(was, at, refunded_minor=refunded, before=None)
    before = was if deposit.before is DepositStatus.REFUNDED else deposit.before
    return deposit.noted(refunded_minor=refunded, before=before)


def claimed(deposit: Deposit, disputed_minor: int, withheld_minor: int, at: datetime) -> Deposit:
    """Payers' banks claim ``disputed_minor`` of ``amount`` now, and ``withheld_minor`` US cents of
    ``credited`` are held for them instead of being forwarded. The same deposit when it says so."""
    known = (deposit.disputed_minor, deposit.withheld_minor)
    after = replace(deposit, disputed_minor=disputed_minor, withheld_minor=withheld_minor)
    moved = told(after, at)
    if moved is not after:
        return moved
    return deposit if known == (disputed_minor, withheld_minor) else after.noted()


def told(deposit: Deposit, at: datetime) -> Deposit:
    """It says DISPUTED exactly while a bank claims some of it and none of it is on its way: not
    during FUNDING, nor while the part that nobody claims is still to be forwarded. The same
    deposit when it says the truth already."""
    was = deposit.status
    if was is DepositStatus.DISPUTED:
        was = deposit.before or DepositStatus.FUNDED
    target = DepositStatus.DISPUTED if _says_disputed(deposit, was) else was
    if target is deposit.status:
        return deposit
    before = was if target is DepositStatus.DISPUTED else None
    return deposit.moved(target, at, before=before)


def _says_disputed(deposit: Deposit, was: DepositStatus) -> bool:
    if not deposit.disputed_minor or not can_be_disputed(deposit, was):
        return False
    if was is not DepositStatus.SETTLED:
        return True
    # What is on its way back must not be forwarded if that comes to nothing.
    return bool(deposit.refunding_minor) or not deposit.forwarded.minor


def can_be_disputed(deposit: Deposit, was: DepositStatus) -> bool:
    """Whether a deposit that was paid like this can be DISPUTED from there."""
    return DepositStatus.DISPUTED in TRANSITIONS[deposit.method][was]


def _credited(deposit: Deposit) -> DepositStatus:
    """How far it had come, whatever happened to it since."""
    return DepositStatus.SETTLED if deposit.funded_at is None else DepositStatus.FUNDED
