"""The walk of a month's end: everybody who may have a fee to pay is asked for once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from shared.kernel.clock import Clock
from shared.management_fees.model import month_before
from shared.management_fees.ports import Stretch, Walks
from shared.market_data.calendar import next_session
from shared.portfolio.holders import SEGMENTS
from shared.portfolio.ports import Holders

IDLE = timedelta(minutes=15)
"""A segment that nobody has touched for so long is begun, or gone on with, by the next tick."""
PAGES = 5
"""Pages of one message; then the segment goes on with another one."""


class Told(Protocol):
    """What a walk tells others."""

    def segment(self, last: date, number: int) -> None:
        """A segment is to be walked."""

    def person(self, user_id: str, last: date) -> None:
        """Somebody's days until ``last`` are to be charged."""

    def unreadable(self, user_id: str) -> None:
        """Somebody's rows in the index are not as they should be; nothing is charged to them."""

    def counted(self, name: str, count: int) -> None:
        """A number of the walk."""


class Walk:
    """Walks the segments of the index of holders; whoever crashes is followed by another one."""

    def __init__(
        self,
        holders: Holders,
        walks: Walks,
        told: Told,
        clock: Clock,
        today: Callable[[], date | None],
    ) -> None:
        self._holders = holders
        self._walks = walks
        self._told = told
        self._clock = clock
        self._today = today

    def tick(self, as_of: date | None = None) -> int:
        """Once in a while: from the first session of a month on, send out the segments of the
        month before that nobody is at; how many. A month that is over may be asked for by any of
        the days after it: what was charged is found done. The future is not charged."""
        today = self._today()
        day = today if as_of is None else as_of
        if today is None or day is None or day > today:
            return 0
        _, last = month_before(day)
        if day < next_session(last).day:
            return 0
        now, known = self._clock.now(), self._walks.stretches(last)
        waiting = [
            number for number in range(SEGMENTS) if number not in known or _left(known[number], now)
        ]
        for number in waiting:
            self._told.segment(last, number)
        self._told.counted("FeeSegmentsLeft", len(waiting))
        return len(waiting)

    def walk(self, last: date, number: int) -> Stretch:
        """A segment from where it was left, some pages of it. A page is kept after its people
        were told of, so that a crash tells of them again, which charges nothing twice."""
        stretch = self._walks.stretch(last, number)
        for _ in range(PAGES):
            if stretch.done:
                return stretch
            page = self._holders.page(number, stretch.cursor)
            for holder in page.holders:
                self._told.person(holder.user_id, last)
            for user_id in page.unreadable:
                self._told.unreadable(user_id)
            stretch = replace(
                stretch,
                cursor=page.after,
                done=page.after is None,
                asked=stretch.asked + len(page.holders),
            )
            self._walks.keep(last, stretch, self._clock.now())
        if not stretch.done:
            self._told.segment(last, number)
        return stretch


def _left(stretch: Stretch, now: datetime) -> bool:
    touched = stretch.touched_at
    return not stretch.done and (touched is None or now - touched >= IDLE)
