"""The market's breaker: levels and their times, deviation with hysteresis, unknown values."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.breakers.market import Seen, judged
from shared.breakers.names import MARKET
from shared.market_data.calendar import session_on
from shared.market_data.model import Breaker, BreakerState

SESSION = session_on(date(2020, 3, 16))
NOON = datetime(2020, 3, 16, 16, 0, tzinfo=UTC)
OPEN, HALF, CLOSED = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED


def seen(fall=None, deviation=None, at=NOON, session=SESSION):
    amount = [None if each is None else Decimal(each) for each in (fall, deviation)]
    return Seen(at, session, *amount)


def breaker(state, reason, since=NOON):
    return Breaker(MARKET, state, reason, since)


def told(after):
    return None if after is None else (after.state, after.reason)


@pytest.mark.parametrize(
    ("fall", "reason"),
    [
        ("-0.0699", None),
        ("-0.07", "LEVEL_1:-0.0700"),
        ("-0.1299", "LEVEL_1:-0.1299"),
        ("-0.13", "LEVEL_2:-0.1300"),
        ("-0.2", "LEVEL_3:-0.2000"),
        ("0.2", None),
    ],
)
def test_levels_stop_from_exactly_their_figure_on(fall, reason) -> None:
    expected = None if reason is None else (OPEN, reason)
    assert told(judged(None, seen(fall))) == expected


@pytest.mark.parametrize(
    ("minute", "fall", "stops"),
    [
        (datetime(2020, 3, 16, 19, 24, 59, tzinfo=UTC), "-0.13", True),
        (datetime(2020, 3, 16, 19, 25, tzinfo=UTC), "-0.13", False),
        (datetime(2020, 3, 16, 19, 25, tzinfo=UTC), "-0.20", True),
        (datetime(2020, 3, 16, 20, 0, tzinfo=UTC), "-0.20", False),
        (datetime(2020, 3, 16, 13, 29, tzinfo=UTC), "-0.20", False),
    ],
)
def test_from_1525_in_new_york_only_the_last_level_stops(minute, fall, stops) -> None:
    assert (judged(None, seen(fall, at=minute)) is not None) is stops


@pytest.mark.parametrize(
    ("minute", "fall", "stops"), [(24, "-0.07", True), (25, "-0.13", False), (25, "-0.20", True)]
)
def test_on_a_half_day_the_last_35_minutes_begin_at_1225(minute, fall, stops) -> None:
    half = session_on(date(2026, 11, 27))
    at = datetime(2026, 11, 27, 17, minute, tzinfo=UTC)
    assert (judged(None, seen(fall, at=at, session=half)) is not None) is stops


def test_a_level_stops_once_for_fifteen_minutes_and_the_next_one_again() -> None:
    first = breaker(OPEN, "LEVEL_1:-0.0710")
    assert judged(first, seen("-0.08", at=NOON + timedelta(minutes=14, seconds=59))) is None
    resumed = judged(first, seen("-0.08", at=NOON + timedelta(minutes=15)))
    assert told(resumed) == (HALF, "LEVEL_1")
    assert judged(resumed, seen("-0.12", at=NOON + timedelta(hours=2))) is None
    assert told(judged(resumed, seen("-0.131", at=NOON + timedelta(hours=2)))) == (
        OPEN,
        "LEVEL_2:-0.1310",
    )
    assert told(judged(first, seen("-0.21", at=NOON + timedelta(minutes=1)))) == (
        OPEN,
        "LEVEL_3:-0.2100",
    )


def test_the_last_level_stops_until_the_bell() -> None:
    worst = breaker(OPEN, "LEVEL_3:-0.2010")
    assert judged(worst, seen("-0.01", at=datetime(2020, 3, 16, 19, 59, tzinfo=UTC))) is None
    bell = datetime(2020, 3, 16, 20, 0, tzinfo=UTC)
    assert told(judged(worst, seen(at=bell))) == (CLOSED, "SESSION_OVER")
    assert told(judged(worst, seen(None, "0.8", at=bell))) == (OPEN, "EWMA:0.8000")


def test_a_halt_of_yesterday_is_over() -> None:
    halted = breaker(HALF, "LEVEL_1", NOON - timedelta(days=1))
    assert told(judged(halted, seen("-0.01"))) == (CLOSED, "SESSION_OVER")
    assert told(judged(halted, seen("-0.075"))) == (OPEN, "LEVEL_1:-0.0750")


def test_deviation_stops_above_45_and_goes_on_below_35() -> None:
    assert judged(None, seen(None, "0.45")) is None
    stopped = judged(None, seen(None, "0.4501"))
    assert told(stopped) == (OPEN, "EWMA:0.4501")
    assert judged(stopped, seen(None, "0.35")) is None
    trial = judged(stopped, seen(None, "0.3499"))
    assert told(trial) == (HALF, "EWMA:0.3499")
    assert judged(trial, seen(None, "0.44", at=NOON + timedelta(minutes=14))) is None
    assert told(judged(trial, seen(None, "0.46"))) == (OPEN, "EWMA:0.4600")
    assert told(judged(trial, seen(None, "0.36", at=NOON + timedelta(minutes=15)))) == (
        CLOSED,
        "CALM",
    )


@pytest.mark.parametrize("before", [None, breaker(OPEN, "EWMA:0.5000"), breaker(OPEN, "LEVEL_1:x")])
def test_what_is_unknown_changes_nothing(before) -> None:
    assert judged(before, seen()) is None


def test_what_people_stopped_no_measure_lets_go() -> None:
    by_hand = breaker(OPEN, "STAFF")
    for later in (seen("0.01", "0.1"), seen("-0.21", "0.9"), seen(at=NOON + timedelta(days=30))):
        assert judged(by_hand, later) is None


def test_what_people_let_go_stays_on_trial_until_it_is_calm() -> None:
    overruled = breaker(HALF, "STAFF_OVERRIDE")
    assert judged(overruled, seen("-0.08", "0.6")) is None
    assert told(judged(overruled, seen("-0.01", "0.2"))) == (CLOSED, "CALM")
    assert told(judged(overruled, seen("-0.2", "0.6"))) == (OPEN, "LEVEL_3:-0.2000")
