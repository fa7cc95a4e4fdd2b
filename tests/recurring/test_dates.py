"""Days of standing orders: ends of months, leap years, zones, and hours in which nobody sleeps."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidValue
from shared.recurring.dates import (
    CLOSES,
    OFFSETS,
    OPENS,
    Frequency,
    Rule,
    Zone,
    awake_from,
    charged_at,
    local_day,
)

DAYS = st.dates(date(2020, 1, 1), date(2100, 12, 31))
INSTANTS = st.integers(1_577_836_800, 4_102_444_800).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.sampled_from(list(Zone))
MONTHLY = st.builds(Rule, st.just(Frequency.MONTHLY), st.integers(1, 31))
WEEKLY = st.builds(Rule, st.just(Frequency.WEEKLY), st.integers(1, 7))


def course(rule: Rule, start: date, count: int) -> list[date]:
    days = [rule.first_from(start)]
    while len(days) < count:
        days.append(rule.after(days[-1]))
    return days


def test_the_31st_is_the_last_day_of_every_month() -> None:
    found = course(Rule(Frequency.MONTHLY, 31), date(2026, 1, 31), 14)
    assert [day.isoformat() for day in found] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-31",
        "2026-08-31",
        "2026-09-30",
        "2026-10-31",
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
        "2027-02-28",
    ]


@pytest.mark.parametrize(
    ("day", "year", "expected"),
    [
        (29, 2028, 29),
        (29, 2027, 28),
        (30, 2028, 29),
        (28, 2028, 28),
        (29, 2100, 28),
        (31, 2000, 29),
    ],
)
def test_february_has_the_day_or_its_last_one(day: int, year: int, expected: int) -> None:
    rule = Rule(Frequency.MONTHLY, day)
    assert rule.first_from(date(year, 2, 1)) == date(year, 2, expected)
    assert rule.after(date(year, 2, expected)) == date(year, 3, day)


@given(MONTHLY, DAYS)
def test_every_month_has_one_occurrence_on_the_right_day(rule: Rule, start: date) -> None:
    days = course(rule, start, 30)
    assert days[0] >= start
    for day in days:
        last = calendar.monthrange(day.year, day.month)[1]
        assert day.day == min(rule.day, last)
    months = [day.year * 12 + day.month for day in days]
    assert months == list(range(months[0], months[0] + 30))
    assert months[0] - (start.year * 12 + start.month) in (0, 1)


@given(WEEKLY, DAYS)
def test_every_week_has_one_occurrence_on_the_right_day(rule: Rule, start: date) -> None:
    days = course(rule, start, 10)
    assert timedelta(0) <= days[0] - start <= timedelta(days=6)
    assert {day.isoweekday() for day in days} == {rule.day}
    assert {later - day for day, later in pairwise(days)} == {timedelta(weeks=1)}


@given(MONTHLY | WEEKLY, INSTANTS, ZONES)
def test_the_first_occurrence_to_come_has_not_passed_and_none_is_left_out(
    rule: Rule, now: datetime, zone: Zone
) -> None:
    day = rule.first_at(now, zone)
    assert charged_at(day, zone) > now
    before = rule.first_from(local_day(now, zone) - timedelta(days=40))
    while rule.after(before) < day:
        before = rule.after(before)
    assert charged_at(before, zone) <= now


@pytest.mark.parametrize(
    ("frequency", "day"),
    [
        (Frequency.WEEKLY, 0),
        (Frequency.WEEKLY, 8),
        (Frequency.MONTHLY, 32),
        (Frequency.MONTHLY, -1),
    ],
)
def test_other_days_do_not_exist(frequency: Frequency, day: int) -> None:
    with pytest.raises(InvalidValue):
        Rule(frequency, day)


@given(INSTANTS, ZONES)
def test_zones_are_as_the_world_has_them(now: datetime, zone: Zone) -> None:
    known = tz.gettz(zone.value)
    assert known is not None
    assert now.astimezone(known).utcoffset() == OFFSETS[zone].utcoffset(None)
    assert local_day(now, zone) == now.astimezone(known).date()


def test_occurrences_are_due_at_nine_there() -> None:
    assert charged_at(date(2026, 2, 28), Zone.NAIROBI) == datetime(2026, 2, 28, 6, 0, tzinfo=UTC)
    assert charged_at(date(2026, 2, 28), Zone.LAGOS) == datetime(2026, 2, 28, 8, 0, tzinfo=UTC)


@given(INSTANTS, ZONES)
def test_nobody_is_prompted_before_eight_or_from_twenty_on(now: datetime, zone: Zone) -> None:
    then = awake_from(now, zone)
    assert OPENS <= then.astimezone(OFFSETS[zone]).time() < CLOSES
    assert now <= then <= now + timedelta(hours=12)
    local = now.astimezone(OFFSETS[zone]).time()
    assert (then == now) == (OPENS <= local < CLOSES)


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        (time(7, 59, 59, 999_999), "2026-03-01T08:00"),
        (time(8), "2026-03-01T08:00"),
        (time(19, 59, 59), "2026-03-01T19:59:59"),
        (time(20), "2026-03-02T08:00"),
        (time(23, 59), "2026-03-02T08:00"),
        (time(0), "2026-03-01T08:00"),
    ],
)
def test_the_edges_of_the_day(local: time, opens: str) -> None:
    zone = OFFSETS[Zone.NAIROBI]
    now = datetime.combine(date(2026, 3, 1), local, zone)
    then = datetime.fromisoformat(opens).replace(tzinfo=zone)
    assert awake_from(now, Zone.NAIROBI) == then
