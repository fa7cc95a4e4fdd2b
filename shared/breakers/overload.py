"""When there is more to do than is done: how late messages are, and how many fail. Pure.

A message of its own, the pulse, goes through each queue once a minute like any other. How long one
has been waiting is how late the queue is; whoever takes it tells what the same process did since
its last one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.breakers.names import BY_STAFF, OVERLOAD, OVERRIDE
from shared.market_data.model import Breaker, BreakerState

STOPS_LATER, GOES_WITHIN = timedelta(minutes=5), timedelta(minutes=2)
STOPS_ABOVE_BP, GOES_BELOW_BP = 5_000, 1_000
"""Share of messages that fail."""
ENOUGH = 20
"""Fewer messages say nothing about a share."""
WINDOW = timedelta(minutes=5)
TRIAL = timedelta(minutes=5)
"""So long orders flow on trial before it is closed."""
LATE, FAILING, CALM = "QUEUE", "ERRORS", "CALM"
"""How reasons begin."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one process did between two pulses that it took."""

    sent_at: datetime
    """When the pulse was sent."""
    handled: int
    failed: int
    """Of the handled ones."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of one queue. ``waiting_since`` is when the first pulse was sent that may not
    have been taken yet; None when the last one was."""

    sent_at: datetime | None = None
    waiting_since: datetime | None = None
    reports: tuple[Report, ...] = ()

    @property
    def taken_at(self) -> datetime | None:
        """When the newest pulse that was taken had been sent."""
        return max((each.sent_at for each in self.reports), default=None)

    def late(self, now: datetime) -> timedelta:
        """How long the first pulse that is not taken has been waiting."""
        if self.sent_at is None or self.waiting_since is None:
            return timedelta(0)
        taken = self.taken_at
        if taken is not None and taken >= self.sent_at:
            return timedelta(0)
        since = self.waiting_since if taken is None else max(self.waiting_since, taken)
        return max(timedelta(0), now - since)

    def sending(self, now: datetime) -> "tuple[datetime, datetime]":
        """When the next pulse is sent, and since when one is waiting then: after a pause in which
        none was sent, nothing that was taken counts as late."""
        if self.sent_at is None or self.waiting_since is None or not self.late(now):
            return now, now
        return now, max(self.waiting_since, self.taken_at or self.waiting_since)

    def failing_bp(self, now: datetime) -> int | None:
        """The share of failed messages of the last minutes; None when there are too few."""
        young = [each for each in self.reports if now - each.sent_at <= WINDOW]
        handled = sum(each.handled for each in young)
        if handled < ENOUGH:
            return None
        return sum(each.failed for each in young) * 10_000 // handled


def kept(reports: Sequence[Report], newest: Report) -> tuple[Report, ...]:
    """The reports to remember with one more: each pulse once, those of the last minutes."""
    others = [
        each
        for each in reports
        if each.sent_at != newest.sent_at and newest.sent_at - each.sent_at <= WINDOW
    ]
    return tuple(sorted((*others, newest), key=lambda each: each.sent_at))


def judged(before: Breaker | None, pulses: Mapping[str, Pulse], now: datetime) -> Breaker | None:
    """What the breaker becomes; None when it stays. One that people opened stays open."""
    if before is not None and before.reason.startswith(OVERRIDE):
        # A person's word holds until there is nothing left to overrule.
        calm = _calm(pulses, now)
        return Breaker(OVERLOAD, BreakerState.CLOSED, CALM, now) if calm else None
    if before is not None and before.blocks and before.reason.startswith(BY_STAFF):
        return None
    high = _high(pulses, now)
    state = BreakerState.CLOSED if before is None else before.state
    if state is not BreakerState.OPEN and high is not None:
        return Breaker(OVERLOAD, BreakerState.OPEN, high, now)
    if before is None or state is BreakerState.CLOSED or not _calm(pulses, now):
        return None
    if state is BreakerState.OPEN:
        return Breaker(OVERLOAD, BreakerState.HALF_OPEN, CALM, now)
    tried = not timedelta(0) <= now - before.since < TRIAL
    return Breaker(OVERLOAD, BreakerState.CLOSED, CALM, now) if tried else None


def _high(pulses: Mapping[str, Pulse], now: datetime) -> str | None:
    for queue, pulse in sorted(pulses.items()):
        late = pulse.late(now)
        if late > STOPS_LATER:
            return f"{LATE}:{queue}:{int(late.total_seconds())}"
        share = pulse.failing_bp(now)
        if share is not None and share > STOPS_ABOVE_BP:
            return f"{FAILING}:{queue}:{share}"
    return None


def _calm(pulses: Mapping[str, Pulse], now: datetime) -> bool:
    return all(
        pulse.late(now) < GOES_WITHIN and (pulse.failing_bp(now) or 0) < GOES_BELOW_BP
        for pulse in pulses.values()
    )
