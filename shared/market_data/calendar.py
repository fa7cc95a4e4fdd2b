"""Sessions of the New York Stock Exchange: which days, until when, and when a trade settles.

The days are a file drawn from exchange_calendars by ``tools/sessions.py`` and compared with it by
a test, so that no function carries pandas. It knows closures that nobody had planned, too: they
appear with the next drawing. Whether the market trades *now* is the broker's clock's to say.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

_SATURDAY = 5
_OPEN, _CLOSE = time(9, 30), time(16, 0)
_WINTER, _SUMMER = timedelta(hours=5), timedelta(hours=4)
"""How far New York's clock is behind UTC."""


class OutsideCalendar(ValueError):
    """The day lies outside of the years whose sessions are known."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day with its bells in UTC."""

    day: date
    open: datetime
    close: datetime

    @property
    def early(self) -> bool:
        """Whether it ends before the usual bell."""
        return self.close - self.open < timedelta(hours=6, minutes=30)


@cache
def _known() -> tuple[tuple[date, ...], Mapping[date, Session]]:
    text = resources.files("shared.market_data").joinpath("xnys.json").read_text()
    found: dict[date, Session] = {}
    for year, facts in json.loads(text)["years"].items():
        found |= {session.day: session for session in _year(int(year), facts)}
    return tuple(found), found


def _year(year: int, facts: Mapping[str, Any]) -> list[Session]:
    closed = {date.fromisoformat(f"{year}-{day}") for day in facts["closed"]}
    early = {f"{year}-{day}": bell for day, bell in facts["early"].items()}
    summer, winter = (date.fromisoformat(f"{year}-{day}") for day in facts["summer"])
    made, day = [], date(year, 1, 1)
    while day.year == year:
        if day.weekday() < _SATURDAY and day not in closed:
            behind = _SUMMER if summer <= day <= winter else _WINTER
            bell = early.get(day.isoformat())
            close = _CLOSE if bell is None else time.fromisoformat(bell)
            made.append(Session(day, _utc(day, _OPEN, behind), _utc(day, close, behind)))
        day += timedelta(days=1)
    return made


def _utc(day: date, at: time, behind: timedelta) -> datetime:
    return datetime.combine(day, at, UTC) + behind


def _within(day: date) -> None:
    days, _ = _known()
    if not date(days[0].year, 1, 1) <= day <= date(days[-1].year, 12, 31):
        raise OutsideCalendar(f"sessions are known from {days[0].year} to {days[-1].year}")


def session_on(day: date) -> Session | None:
    """The session of that day; None on weekends and holidays.

    Raises:
        OutsideCalendar: nobody knows.
    """
    _within(day)
    return _known()[1].get(day)


def sessions(first: date, last: date) -> tuple[Session, ...]:
    """All sessions from one day to another, both included, in order.

    Raises:
        OutsideCalendar: one of the days is not known.
    """
    _within(first)
    _within(last)
    days, by_day = _known()
    chosen = days[bisect_left(days, first) : bisect_right(days, last)]
    return tuple(by_day[day] for day in chosen)


def next_session(after: date) -> Session:
    """The first session after a day, which needs to be none itself.

    Raises:
        OutsideCalendar: it is not known.
    """
    _within(after)
    days, by_day = _known()
    at = bisect_right(days, after)
    if at >= len(days):
        raise OutsideCalendar(f"sessions are known until {days[-1].year}")
    return by_day[days[at]]


def previous_session(before: date) -> Session:
    """The last session before a day.

    Raises:
        OutsideCalendar: it is not known.
    """
    _within(before)
    days, by_day = _known()
    at = bisect_left(days, before) - 1
    if at < 0:
        raise OutsideCalendar(f"sessions are known from {days[0].year}")
    return by_day[days[at]]


def close_of(day: date) -> datetime | None:
    """When that day's session ends, in UTC; None on a day without one.

    Raises:
        OutsideCalendar: nobody knows.
    """
    session = session_on(day)
    return None if session is None else session.close


def last_closed(now: datetime) -> Session:
    """The newest session that is over.

    Raises:
        OutsideCalendar: nobody knows.
    """
    today = session_on(now.astimezone(UTC).date())
    if today is not None and today.close <= now:
        return today
    return previous_session(now.astimezone(UTC).date())


def settlement_day(trade_day: date) -> date:
    """When cash and shares of a trade of that day change hands: with the next session (T+1, SEC
    Rule 15c6-1 as of 2024-05-28, applied to earlier, replayed days as well). An order of a day
    without a session waits for the next one and settles after that.

    Raises:
        OutsideCalendar: it is not known.
    """
    traded = trade_day if session_on(trade_day) is not None else next_session(trade_day).day
    return next_session(traded).day
