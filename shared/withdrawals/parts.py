"""A withdrawal of everything in as many payouts as the limits demand, and when each may leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.clock import Clock
from shared.kernel.money import Currency, Money
from shared.payouts.model import Payout
from shared.payouts.ports import Division, Part
from shared.withdrawals.conversion import STEPS, Conversion, converted
from shared.withdrawals.fresh_rates import KINDS
from shared.withdrawals.limits import DEBITED, PAID_OUT, VELOCITIES, Velocity
from shared.withdrawals.model import AccountKind, Asked, Desk
from shared.withdrawals.ports import PayoutAccounts

HEADROOM_BP = 500
"""So much less than the receiving side takes at once goes into one part: the rate may get better
until it is sent, and what is more than it takes would fail."""


def sizes(minor: int, kind: AccountKind, arrives: Conversion) -> list[int]:
    """Cents of each part, the largest first; together ``minor``. ``arrives`` is the whole at the
    rate of the request. The last two share what would leave the last one below the minimum."""
    limit, least = DEBITED[kind].maximum.minor, DEBITED[kind].minimum.minor
    takes = PAID_OUT.get(kind)
    if takes is not None and arrives.amount.minor:
        most = takes.maximum.minor * (10_000 - HEADROOM_BP) // 10_000
        limit = min(limit, most * arrives.debited.minor // arrives.amount.minor)
        worth = -(-takes.minimum.minor * arrives.debited.minor // arrives.amount.minor)
        least = max(least, 2 * worth)
    whole, rest = divmod(minor, limit)
    parts = [limit] * whole + ([rest] if rest else [])
    if len(parts) > 1 and parts[-1] < least:
        parts[-2:] = [parts[-2] - least, parts[-1] + least]
    return parts


def times(
    minors: Sequence[int],
    before: Iterable[Asked],
    now: datetime,
    velocities: Sequence[Velocity] = VELOCITIES,
) -> list[datetime]:
    """From when on each part may leave, so that no window ever has more than its limit; the
    first ones as early as possible. ``before`` are withdrawals that count already."""
    taken = [(one.at, one.debited_minor) for one in before]
    found = []
    for minor in minors:
        at = now
        while (later := _too_early(taken, minor, at, velocities)) is not None:
            at = later
        taken.append((at, minor))
        found.append(at)
    return found


def _too_early(
    taken: Sequence[tuple[datetime, int]],
    minor: int,
    at: datetime,
    velocities: Sequence[Velocity],
) -> datetime | None:
    """When the first of those that stand in its way counts no more; None when nothing does."""
    for limit in velocities:
        within = sorted(one for one in taken if one[0] > at - limit.window)
        total = sum(cents for _, cents in within)
        if within and (len(within) >= limit.count or total + minor > limit.total.minor):
            return within[0][0] + limit.window
    return None


@dataclass(frozen=True, slots=True)
class Divided:
    """See Divisions of payouts."""

    accounts: PayoutAccounts
    clock: Clock

    def of(self, payout: Payout, minor: int, followers: Sequence[str]) -> Division | None:
        """See Divisions. One read where there are several parts. What makes no whole unit of what
        arrives is in no part; whatever the number of parts is, none of the money is lost."""
        kind = KINDS[payout.rail]
        whole = _arriving(payout, minor)
        least = PAID_OUT.get(kind)
        too_little = least is not None and whole.amount < least.minimum
        if too_little or whole.debited < DEBITED[kind].minimum or whole.amount.minor <= 0:
            return None
        minors = sizes(minor, kind, whole)[: len(followers) + 1]
        if len(minors) == 1:
            return Division((_part(payout, minors[0], None),), [])
        now = self.clock.now()
        counter = self.accounts.counter(payout.user_id, payout.account_id or "")
        others = [one for one in counter.desk.asked if one.payout_id != payout.payout_id]
        at = times(minors, others, now)
        parts = [
            _part(payout, each, None if leaves <= now else leaves)
            for each, leaves in zip(minors, at, strict=True)
        ]
        after = _counted(counter.desk, payout, parts, followers)
        return Division(tuple(parts), [self.accounts.use(counter.desk, after)])


def _counted(desk: Desk, payout: Payout, parts: Sequence[Part], followers: Sequence[str]) -> Desk:
    """The desk with each part in the place of the whole."""
    names = [payout.payout_id, *followers]
    asked = tuple(one for one in desk.asked if one.payout_id != payout.payout_id)
    new = [
        Asked(name, payout.account_id or "", part.debited.minor, part.not_before)
        for name, part in zip(names, parts, strict=False)
    ]
    return replace(desk, asked=(*asked, *new))


def _part(payout: Payout, minor: int, not_before: datetime | None) -> Part:
    found = _arriving(payout, minor)
    return Part(found.debited, found.amount, not_before)


def _arriving(payout: Payout, minor: int) -> Conversion:
    """At the rate of the request: when it is over until the money is sent, another one holds."""
    step = STEPS[KINDS[payout.rail]]
    asked = Money(minor, Currency.USD)
    return converted(asked, payout.amount.currency, step, payout.quote)
