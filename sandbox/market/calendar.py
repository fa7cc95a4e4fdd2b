"""Sessions of the New York Stock Exchange, from its published holidays."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
OPEN = time(9, 30)
CLOSE = time(16, 0)
HALF_DAY_CLOSE = time(13, 0)
SATURDAY = 5


class OutsideCalendar(ValueError):
    """The day lies outside the years whose holidays are known."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day; `open` and `close` carry New York's offset."""

    day: date
    open: datetime
    close: datetime

    def holds(self, instant: datetime) -> bool:
        """True from the opening bell until just before the closing bell."""
        return self.open <= instant < self.close


class TradingCalendar:
    """All sessions of the known years, in order."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._sessions = tuple(sessions)
        self._days = [session.day for session in self._sessions]
        self._opens = [session.open for session in self._sessions]

    @property
    def first(self) -> date:
        """The first session's day."""
        return self._days[0]

    @property
    def last(self) -> date:
        """The last session's day."""
        return self._days[-1]

    def on(self, day: date) -> Session | None:
        """The session of that day, None on weekends and holidays."""
        at = bisect_left(self._days, day)
        return self._sessions[at] if at < len(self._days) and self._days[at] == day else None

    def between(self, start: date, end: date) -> tuple[Session, ...]:
        """Sessions from `start` to `end`, both included."""
        return self._sessions[bisect_left(self._days, start) : bisect_right(self._days, end)]

    def current(self, instant: datetime) -> Session | None:
        """The session that is running."""
        session = self.latest(instant)
        return session if session.holds(instant) else None

    def latest(self, instant: datetime) -> Session:
        """The newest session that has begun.

        Raises:
            OutsideCalendar: none has.
        """
        at = bisect_right(self._opens, instant) - 1
        if at < 0:
            raise OutsideCalendar(f"the calendar begins on {self.first}")
        return self._sessions[at]

    def next_after(self, instant: datetime) -> Session:
        """The first session that has not begun yet.

        Raises:
            OutsideCalendar: there is none.
        """
        at = bisect_right(self._opens, instant)
        if at == len(self._opens):
            raise OutsideCalendar(f"the calendar ends on {self.last}")
        return self._sessions[at]

    def before(self, day: date) -> Session:
        """The last session before that day.

        Raises:
            OutsideCalendar: there is none.
        """
        at = bisect_left(self._days, day) - 1
        if at < 0:
            raise OutsideCalendar(f"the calendar begins on {self.first}")
        return self._sessions[at]

    def settlement(self, trade: date) -> date:
        """The day on which a trade of that day settles: the next session (T+1).

        Raises:
            OutsideCalendar: there is none.
        """
        at = bisect_right(self._days, trade)
        if at == len(self._days):
            raise OutsideCalendar(f"the calendar ends on {self.last}")
        return self._days[at]


@cache
def nyse() -> TradingCalendar:
    """The calendar of the data file."""
    text = resources.files("sandbox").joinpath("data/nyse_sessions.json").read_text()
    published = json.loads(text)
    closed = {date.fromisoformat(day) for day in published["closed"]}
    half = {date.fromisoformat(day) for day in published["half_days"]}
    day, last = (date.fromisoformat(published[key]) for key in ("first", "last"))
    sessions = []
    while day <= last:
        if day.weekday() < SATURDAY and day not in closed:
            close = HALF_DAY_CLOSE if day in half else CLOSE
            sessions.append(Session(day, _new_york(day, OPEN), _new_york(day, close)))
        day += timedelta(days=1)
    return TradingCalendar(sessions)


def _new_york(day: date, at: time) -> datetime:
    return datetime.combine(day, at, NEW_YORK)
