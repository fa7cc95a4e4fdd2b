"""The trading calendar, the replayed series and the path between two closes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import BusinessClock
from sandbox.market.calendar import OutsideCalendar, nyse
from sandbox.market.clock import MarketClock
from sandbox.market.path import BAND, DayPath
from sandbox.market.quotes import Market
from sandbox.market.series import NoPrice, replayed

DAYS = st.dates(date(2018, 12, 31), date(2027, 12, 22))


@pytest.fixture
def market():
    """A market at a given moment of business time that does not flow."""

    def at(text):
        clock = BusinessClock(datetime.fromisoformat(text), monotonic_ns=lambda: 0)
        return Market(clock, nyse(), replayed())

    return at


@pytest.mark.parametrize(
    ("trade", "settles"),
    [
        ("2024-05-24", "2024-05-28"),
        ("2024-06-18", "2024-06-20"),
        ("2024-07-03", "2024-07-05"),
        ("2024-12-24", "2024-12-26"),
        ("2025-01-08", "2025-01-10"),
        ("2026-11-25", "2026-11-27"),
        ("2026-11-27", "2026-11-30"),
        ("2027-06-17", "2027-06-21"),
    ],
)
def test_a_trade_settles_on_the_next_session(trade, settles):
    assert nyse().settlement(date.fromisoformat(trade)) == date.fromisoformat(settles)


@pytest.mark.parametrize(
    ("year", "sessions", "half_days"),
    [(2024, 252, 3), (2025, 250, 3), (2026, 251, 2), (2027, 251, 1)],
)
def test_a_year_has_its_published_number_of_sessions(year, sessions, half_days):
    found = nyse().between(date(year, 1, 1), date(year, 12, 31))
    assert len(found) == sessions
    assert sum(session.close.hour == 13 for session in found) == half_days


@given(DAYS)
def test_sessions_are_in_order_and_never_overlap(day):
    calendar = nyse()
    session = calendar.on(day)
    if session is None:
        return
    assert session.day.weekday() < 5
    assert session.open < session.close < calendar.next_after(session.open).open
    assert calendar.before(day).close < session.open
    assert calendar.current(session.open) == session
    assert calendar.current(session.close) is None
    assert calendar.latest(session.close) == session


def test_outside_the_known_years_the_calendar_says_so():
    early, late = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    for ask in (
        lambda: nyse().latest(early),
        lambda: nyse().next_after(late),
        lambda: nyse().before(date(2018, 12, 24)),
        lambda: nyse().settlement(date(2027, 12, 31)),
    ):
        with pytest.raises(OutsideCalendar):
            ask()


def test_summer_time_keeps_the_opening_at_half_past_nine():
    before, after = nyse().on(date(2026, 3, 6)), nyse().on(date(2026, 3, 9))
    assert before.open.astimezone(UTC).hour == 14
    assert after.open.astimezone(UTC).hour == 13
    assert before.open.strftime("%H:%M") == after.open.strftime("%H:%M") == "09:30"


def test_the_next_bell_is_the_close_and_then_the_open():
    start = datetime.fromisoformat("2026-03-06T12:00:00-05:00")
    clock = BusinessClock(start, monotonic_ns=lambda: 0)
    market_clock = MarketClock(clock, nyse())
    assert market_clock.next_bell().isoformat() == "2026-03-06T16:00:00-05:00"
    clock.advance(timedelta(hours=4))
    assert market_clock.session() is None
    assert market_clock.next_bell().isoformat() == "2026-03-09T09:30:00-04:00"


def test_a_session_without_a_source_price_keeps_the_last():
    # The source market was closed on the day that is shifted to 2026-01-12.
    series = replayed()["MTUM"]
    assert date(2026, 1, 12) not in series.days
    assert nyse().on(date(2026, 1, 12)) is not None
    assert series.close(date(2026, 1, 12)) == series.close(date(2026, 1, 9))
    with pytest.raises(NoPrice):
        series.close(date(2018, 12, 26))


@given(
    symbol=st.sampled_from(sorted(replayed())),
    day=DAYS,
    progress=st.decimals(0, 1, places=6),
)
def test_the_path_joins_the_closes_and_stays_in_its_band(symbol, day, progress):
    previous, close = Decimal("100.5"), Decimal("103.25")
    path = DayPath(symbol, day, previous, close)
    assert path.price(Decimal(0)) == previous
    assert path.price(Decimal(1)) == close
    line = previous + (close - previous) * progress
    assert abs(path.price(progress) - line) <= BAND * previous + Decimal("0.0001")
    low, high = path.extremes(Decimal(0), progress)
    assert low <= path.price(progress) <= high
    assert path.price(progress) == DayPath(symbol, day, previous, close).price(progress)


def test_the_close_of_a_session_is_the_close_of_the_series(market):
    closed = market("2026-03-02T20:00:00-05:00")
    for symbol, series in replayed().items():
        tick = closed.traded(symbol)
        assert tick.price == series.close(date(2026, 3, 2))
        assert tick.at == datetime.fromisoformat("2026-03-02T16:00:00-05:00")
        assert tick.bid < tick.price < tick.ask


def test_a_late_feed_shows_an_older_price_than_the_exchange(market):
    late = market("2026-03-02T10:30:00-05:00")
    late.feed_delay = timedelta(minutes=10)
    assert late.published("MTUM") == market("2026-03-02T10:20:00-05:00").traded("MTUM")
    assert late.traded("MTUM") == market("2026-03-02T10:30:00-05:00").traded("MTUM")
    late.feed_delay = timedelta(hours=2)
    assert late.published("MTUM").at == datetime.fromisoformat("2026-02-27T16:00:00-05:00")


def test_a_halted_symbol_stands_still_and_the_others_do_not():
    clock = BusinessClock(
        datetime.fromisoformat("2026-03-02T10:30:00-05:00"), monotonic_ns=lambda: 0
    )
    market = Market(clock, nyse(), replayed())
    market.halt("MTUM")
    halted, other = market.traded("MTUM"), market.traded("QUAL")
    clock.advance(timedelta(days=2))
    assert market.traded("MTUM") == halted
    assert market.traded("QUAL").at > other.at
    assert market.bar("MTUM", nyse().on(date(2026, 3, 4))) is None
    market.resume("MTUM")
    assert market.traded("MTUM").at == market.traded("QUAL").at


def test_an_unknown_symbol_has_no_price(market):
    with pytest.raises(NoPrice):
        market("2026-03-02T10:30:00-05:00").traded("NOPE")


def test_a_shock_moves_every_later_price_and_no_earlier_one():
    start = datetime.fromisoformat("2026-03-02T12:00:00-05:00")
    clock = BusinessClock(start, monotonic_ns=lambda: 0)
    market, calm = (Market(clock, nyse(), replayed()) for _ in range(2))
    morning = calm.bar("MTUM", nyse().on(date(2026, 3, 2)))
    market.shock("MTUM", Decimal("0.9"))
    clock.advance(timedelta(hours=1))
    assert market.traded("MTUM", start - timedelta(seconds=1)) == calm.traded(
        "MTUM", start - timedelta(seconds=1)
    )
    assert market.traded("QUAL") == calm.traded("QUAL")
    tenth = Decimal("0.0001")
    assert abs(market.traded("MTUM").price - calm.traded("MTUM").price * 9 / 10) <= tenth
    today = market.bar("MTUM", nyse().on(date(2026, 3, 2)))
    assert (today.open, today.high) == (morning.open, morning.high)
    assert today.low <= today.close < morning.low
    clock.advance(timedelta(days=1))
    shocked_close = market.previous_close("MTUM")
    assert abs(shocked_close - calm.previous_close("MTUM") * 9 / 10) <= tenth
    tuesday = market.bar("MTUM", nyse().on(date(2026, 3, 3)))
    assert tuesday.open == shocked_close
    assert tuesday.low <= tuesday.close <= tuesday.high
    market.reset()
    assert market.traded("MTUM") == calm.traded("MTUM")
