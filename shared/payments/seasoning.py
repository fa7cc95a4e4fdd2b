"""Money that the payer's bank may still take back: how much of it is forwarded at once. Pure.

Of one person at most the *invest-now cap* is at the broker and still disputable. A deposit above
it waits in SETTLED until older ones season, until its own time is over, or until staff lets it go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.payments.methods import DISPUTABLE
from shared.payments.model import Deposit
from shared.payments.states import DepositStatus

LOOKED_AT = timedelta(days=1)
"""A deposit that waits is looked at so often: refunds and disputes make room at no fixed time."""
MOST = 90
"""Deposits of one person that may be forwarded and disputable at once."""
_FORWARDED = frozenset({DepositStatus.FUNDING, DepositStatus.FUNDED})


@dataclass(frozen=True, slots=True)
class Exposure:
    """One person's deposits that were forwarded while they could be disputed, as of a version."""

    user_id: str
    version: int
    deposits: tuple[Deposit, ...] = ()

    def at_risk(self, now: datetime) -> tuple[Deposit, ...]:
        """Those that still count."""
        return tuple(one for one in self.deposits if at_risk(one, now))


def seasoned_at(deposit: Deposit) -> datetime | None:
    """From when on the payer's bank cannot take it back; None where it never can."""
    window = DISPUTABLE.get(deposit.method)
    if window is None or deposit.settled_at is None:
        return None
    return deposit.settled_at + window


def at_risk(deposit: Deposit, now: datetime) -> int:
    """Of a deposit: cents at the broker that the payer's bank may still take back, or is taking.

    What went back to the payer counts no more; of that a fraction of a cent is left out, so that
    the sum is never too small.
    """
    until = seasoned_at(deposit)
    if until is None or now >= until:
        return 0
    status = deposit.before if deposit.status is DepositStatus.DISPUTED else deposit.status
    if status not in _FORWARDED:
        return 0
    credited = deposit.forwarded.minor
    return credited - credited * deposit.refunded_minor // deposit.amount.minor


def waits_until(
    deposit: Deposit, exposure: Exposure, cap_minor: int, now: datetime
) -> datetime | None:
    """When to look at a deposit again that is above the cap now; None when it may go."""
    own = seasoned_at(deposit)
    if deposit.released or own is None or now >= own:
        return None
    others: Sequence[Deposit] = [
        one for one in exposure.at_risk(now) if one.deposit_id != deposit.deposit_id
    ]
    room = cap_minor - deposit.forwarded.minor - sum(at_risk(one, now) for one in others)
    if room >= 0 and len(others) < MOST:
        return None
    wakes_at = min(own, now + LOOKED_AT)
    left = len(others)
    for until, minor in sorted((seasoned_at(one) or own, at_risk(one, now)) for one in others):
        room, left = room + minor, left - 1
        if room >= 0 and left < MOST:
            return min(wakes_at, until)
    return wakes_at
