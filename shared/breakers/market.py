"""When the whole market's moves stop automatic orders, and when that ends. Pure.

Levels as of the exchanges' own rule (NYSE Rule 7.12): 7 and 13 per cent below the prior close halt
for 15 minutes, each once a session and not in its last 35 minutes; 20 per cent for the rest of the
session. Beside them a year's deviation (see ``volatility``) above ``STOPS_ABOVE``, until it is
below ``GOES_BELOW``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.breakers.names import BY_STAFF, MARKET, OVERRIDE
from shared.market_data.calendar import Session
from shared.market_data.model import Breaker, BreakerState

LEVELS = (Decimal("-0.07"), Decimal("-0.13"), Decimal("-0.20"))
LAST_LEVEL = len(LEVELS)
HALT = timedelta(minutes=15)
LATE = timedelta(minutes=35)
"""Before the bell: from 15:25 of a usual session on only the last level stops anything."""
STOPS_ABOVE, GOES_BELOW = Decimal("0.45"), Decimal("0.35")
TRIAL = timedelta(minutes=15)
"""So long orders flow on trial before it is closed."""
BY_LEVEL, BY_EWMA = "LEVEL_", "EWMA:"
"""How reasons begin."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the market; None is unknown and changes nothing."""

    now: datetime
    """Business time."""
    session: Session | None
    """Of today; None on a day without one."""
    fall: Decimal | None
    """Its return since the prior close."""
    deviation: Decimal | None
    """Of a year, today's return so far included."""

    @property
    def trading(self) -> bool:
        """Whether it is between the bells."""
        return self.session is not None and self.session.open <= self.now < self.session.close

    @property
    def level(self) -> int:
        """The highest level that is passed and may stop now; 0 for none."""
        if self.fall is None or self.session is None or not self.trading:
            return 0
        passed = sum(self.fall <= each for each in LEVELS)
        late = self.now >= self.session.close - LATE
        return passed if passed == LAST_LEVEL or not late else 0

    @property
    def wild(self) -> bool:
        """Known to be above where it stops."""
        return self.deviation is not None and self.deviation > STOPS_ABOVE

    @property
    def calm(self) -> bool:
        """Known to be below where it goes on."""
        return self.deviation is not None and self.deviation < GOES_BELOW


def judged(before: Breaker | None, seen: Seen) -> Breaker | None:
    """What the market's breaker becomes; None when it stays. One that people opened stays open."""
    if before is None or before.state is BreakerState.CLOSED:
        return _stopped(seen)
    if before.reason.startswith(OVERRIDE):
        # A person's word holds until there is nothing left to overrule.
        if seen.level == LAST_LEVEL:
            return _by_level(seen)
        over = seen.calm and seen.level == 0
        return _is(BreakerState.CLOSED, "CALM", seen) if over else None
    if before.reason.startswith(BY_STAFF):
        return None
    if before.reason.startswith(BY_LEVEL):
        return _after_level(before, seen)
    return _after_ewma(before, seen)


def _after_level(before: Breaker, seen: Seen) -> Breaker | None:
    same = seen.session is not None and seen.session.open <= before.since < seen.session.close
    if not (seen.trading and same):
        return _stopped(seen) or _is(BreakerState.CLOSED, "SESSION_OVER", seen)
    was = level_in(before.reason)
    if seen.level > was:
        return _by_level(seen)
    waited = not timedelta(0) <= seen.now - before.since < HALT
    if before.blocks and was < LAST_LEVEL and waited:
        if seen.wild:
            return _by_ewma(seen)
        # Half open until the session ends: the same level stops once.
        return _is(BreakerState.HALF_OPEN, f"{BY_LEVEL}{was}", seen)
    return _by_ewma(seen) if not before.blocks and seen.wild else None


def _after_ewma(before: Breaker, seen: Seen) -> Breaker | None:
    if before.blocks:
        half = BreakerState.HALF_OPEN
        return _is(half, f"{BY_EWMA}{seen.deviation:.4f}", seen) if seen.calm else None
    again = _stopped(seen)
    if again is not None:
        return again
    tried = not timedelta(0) <= seen.now - before.since < TRIAL
    return _is(BreakerState.CLOSED, "CALM", seen) if tried else None


def _stopped(seen: Seen) -> Breaker | None:
    if seen.level:
        return _by_level(seen)
    return _by_ewma(seen) if seen.wild else None


def _by_level(seen: Seen) -> Breaker:
    return _is(BreakerState.OPEN, f"{BY_LEVEL}{seen.level}:{seen.fall:.4f}", seen)


def _by_ewma(seen: Seen) -> Breaker:
    return _is(BreakerState.OPEN, f"{BY_EWMA}{seen.deviation:.4f}", seen)


def _is(state: BreakerState, reason: str, seen: Seen) -> Breaker:
    return Breaker(MARKET, state, reason, seen.now)


def level_in(reason: str) -> int:
    """The level that a reason names."""
    return int(reason.removeprefix(BY_LEVEL)[0])
