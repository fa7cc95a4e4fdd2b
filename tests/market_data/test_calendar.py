"""Sessions: the drawn file against the library, early bells, closures, and when trades settle."""

from datetime import UTC, date, datetime, timedelta

import exchange_calendars
import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.market_data import calendar
from shared.market_data.calendar import (
    OutsideCalendar,
    close_of,
    last_closed,
    next_session,
    previous_session,
    session_on,
    sessions,
    settlement_day,
)
from tools import sessions as drawing

# The library warns of its own calls to pandas.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

FIRST, LAST = date(1990, 1, 1), date(2030, 12, 31)


@pytest.fixture(scope="module")
def library():
    return exchange_calendars.get_calendar("XNYS", start=str(FIRST), end=str(LAST))


def test_the_file_is_what_the_library_gives() -> None:
    assert drawing.rendered() == drawing.FILE.read_text()
    assert drawing.main(["--check"]) == 0


def test_a_file_that_differs_is_noticed(tmp_path, monkeypatch, capsys) -> None:
    other = tmp_path / "xnys.json"
    other.write_text(drawing.FILE.read_text().replace("2025", "2026"))
    monkeypatch.setattr(drawing, "FILE", other)
    assert drawing.main(["--check"]) == 1
    assert "differs" in capsys.readouterr().err
    assert drawing.main([]) == 0
    assert other.read_text() == drawing.rendered()


def test_every_bell_of_forty_one_years_is_the_librarys(library) -> None:
    ours = {one.day: (one.open, one.close) for one in sessions(FIRST, LAST)}
    rows = library.schedule[["open", "close"]].itertuples()
    theirs = {row[0].date(): (row[1].to_pydatetime(), row[2].to_pydatetime()) for row in rows}
    assert len(ours) == 10_322
    assert ours == theirs


@pytest.mark.parametrize(
    ("trade", "settles"),
    [
        ("2024-05-24", "2024-05-28"),  # Memorial Day lies between
        ("2024-05-28", "2024-05-29"),
        ("2024-06-18", "2024-06-20"),
        ("2024-07-03", "2024-07-05"),
        ("2024-12-24", "2024-12-26"),
        ("2025-01-08", "2025-01-10"),  # nobody had planned the closure of the 9th
        ("2026-11-25", "2026-11-27"),
        ("2026-11-27", "2026-11-30"),
    ],
)
def test_a_trade_settles_on_the_day_that_the_rule_names(trade, settles) -> None:
    assert settlement_day(date.fromisoformat(trade)) == date.fromisoformat(settles)


def test_an_order_of_a_day_without_a_session_settles_after_the_next_one() -> None:
    assert settlement_day(date(2026, 11, 26)) == date(2026, 11, 30)
    assert settlement_day(date(2026, 11, 28)) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("day", "bell"),
    [
        ("2024-07-03", "2024-07-03T17:00"),
        ("2024-12-24", "2024-12-24T18:00"),
        ("2026-11-27", "2026-11-27T18:00"),
        ("2026-11-30", "2026-11-30T21:00"),
        ("2026-03-06", "2026-03-06T21:00"),
        ("2026-03-09", "2026-03-09T20:00"),  # New York put its clocks forward in between
    ],
)
def test_the_bell_rings_in_universal_time(day, bell) -> None:
    expected = datetime.fromisoformat(bell).replace(tzinfo=UTC)
    assert close_of(date.fromisoformat(day)) == expected


@pytest.mark.parametrize("day", ["2025-01-09", "2024-05-27", "2026-11-28", "2012-10-29"])
def test_a_closed_day_has_no_session(day) -> None:
    assert session_on(date.fromisoformat(day)) is None
    assert close_of(date.fromisoformat(day)) is None


def test_an_early_day_says_so() -> None:
    half, whole = session_on(date(2026, 11, 27)), session_on(date(2026, 11, 25))
    assert (half.early, whole.early) == (True, False)


def test_the_last_closed_session_changes_with_the_bell() -> None:
    bell = close_of(date(2026, 11, 27))
    assert last_closed(bell - timedelta(microseconds=1)).day == date(2026, 11, 25)
    assert last_closed(bell).day == date(2026, 11, 27)
    assert last_closed(bell + timedelta(days=2)).day == date(2026, 11, 27)


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2031, 1, 1)])
@pytest.mark.parametrize("ask", [session_on, settlement_day, close_of, previous_session])
def test_what_nobody_knows_is_not_guessed(ask, day) -> None:
    with pytest.raises(OutsideCalendar):
        ask(day)


def test_the_ends_of_the_known_years_are_no_answers() -> None:
    with pytest.raises(OutsideCalendar):
        next_session(LAST)
    with pytest.raises(OutsideCalendar):
        settlement_day(LAST)
    with pytest.raises(OutsideCalendar):
        previous_session(date(1990, 1, 2))
    with pytest.raises(OutsideCalendar):
        sessions(date(1989, 12, 1), LAST)


@given(some.dates(date(1990, 1, 3), date(2030, 12, 1)))
def test_settlement_is_later_never_on_a_closed_day_and_keeps_the_order_of_trades(day) -> None:
    settles = settlement_day(day)
    assert settles > day
    assert session_on(settles) is not None
    assert settlement_day(day + timedelta(days=1)) >= settles


def test_nothing_heavy_is_loaded_for_it() -> None:
    assert not {"pandas", "numpy", "exchange_calendars"} & vars(calendar).keys()
