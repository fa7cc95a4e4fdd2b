"""How a deposit that nobody watches stands: paid, still awaited, or certainly unpaid. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from shared.payments.model import Deposit
from shared.payments.reasons import Reason
from shared.payments.settlement import LATE
from shared.payments.states import CREDITED, OPEN, DepositStatus
from shared.recurring.retrying import DECLINED, certain_from

DAILY = timedelta(days=1)
"""How often a deposit is looked at that a person of ours examines, or that stays open."""


class Standing(Enum):
    """What can be said of it now."""

    PAID = auto()
    AWAITED = auto()
    """An answer is to come, within minutes or hours."""
    WATCHED = auto()
    """A person of ours examines it, or it only counts as unpaid so far: look again then."""
    STAYS_OPEN = auto()
    """Its gateway keeps it open, though nobody should be able to pay it any more."""
    DECLINED = auto()
    """The person said no."""
    UNPAID = auto()
    """It certainly came to nothing."""


@dataclass(frozen=True, slots=True)
class Ending:
    """``look_at`` where it has to be looked at again, ``reason`` where it came to nothing."""

    standing: Standing
    look_at: datetime | None = None
    reason: Reason | None = None


def ending_of(deposit: Deposit, now: datetime) -> Ending:
    """What became of a deposit by now. Another one in its place may be made only when it is
    DECLINED or UNPAID."""
    if deposit.status in CREDITED:
        return Ending(Standing.PAID)
    if deposit.review:
        return Ending(Standing.WATCHED, now + DAILY)
    if deposit.status in OPEN:
        if now < deposit.lapses_at + LATE:
            return Ending(Standing.AWAITED)
        # No other attempt, however long that takes.
        return Ending(Standing.STAYS_OPEN, now + DAILY)
    if deposit.status is DepositStatus.CANCELLED:
        return Ending(Standing.DECLINED, reason=Reason.CANCELLED_BY_PAYER)
    certain_at = certain_from(deposit)
    if now < certain_at:
        # As far as we know nobody paid; the gateway is still asked.
        return Ending(Standing.WATCHED, certain_at)
    reason = deposit.reason or Reason.GATEWAY_REFUSED
    standing = Standing.DECLINED if reason in DECLINED else Standing.UNPAID
    return Ending(standing, reason=reason)
