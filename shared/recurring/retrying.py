"""When a failed charge is tried again, as data. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.payments.methods import UNREPEATABLE, Method
from shared.payments.model import Deposit
from shared.payments.reasons import Reason
from shared.payments.settlement import LATE
from shared.payments.states import DepositStatus

RETRIES: Mapping[Method, tuple[timedelta, ...]] = {
    Method.MPESA: (timedelta(hours=1), timedelta(days=1)),
    Method.CARD: (timedelta(days=1), timedelta(days=3)),
}
"""How long after the first, the second … failure the next attempt is made; then no more. These
are also the ways in which a standing order can be paid."""
DECLINED = frozenset({Reason.CANCELLED_BY_PAYER})
"""The person said no: asking again would be pestering."""
HOPELESS = frozenset({Reason.INVALID_PHONE, Reason.PAYER_NOT_ALLOWED})
"""The next attempt would fail in the same way."""
TOO_LATE = timedelta(days=3)
"""An occurrence that could not be asked for at all, because we or others were down, is given up
so long after its time; so is a retry."""
FAILURES_ALLOWED = 3
"""So many occurrences in a row that were not paid pause the order."""


def pause_after(method: Method, attempt: int, reason: Reason) -> timedelta | None:
    """Until the next attempt, after attempt number ``attempt`` (from 1) failed; None when there
    is to be none."""
    if reason in DECLINED | HOPELESS:
        return None
    pauses = RETRIES[method]
    return pauses[attempt - 1] if attempt <= len(pauses) else None


def certain_from(deposit: Deposit) -> datetime:
    """From when on it is certain that a deposit which ended unpaid stays unpaid.

    At once where its gateway said no and no other one was asked, and where the gateway was
    certainly never asked. Else when nobody looks any more: a silent gateway may have been paid.
    """
    ended_at = deposit.moves[-1].at
    if deposit.status is DepositStatus.FAILED and not deposit.open_attempts:
        return ended_at
    before = deposit.moves[-2].status if len(deposit.moves) > 1 else None
    if deposit.method in UNREPEATABLE and before is DepositStatus.CREATED:
        return ended_at
    return deposit.lapses_at + LATE
