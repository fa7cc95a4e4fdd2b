"""Bars and announcements: parsed, merged, corrected, withdrawn, and collected without gaps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.bars import (
    Adjustment,
    Bar,
    DailyFacts,
    average_volume,
    facts_of,
    from_lines,
    to_lines,
)
from shared.market_data.calendar import sessions
from shared.market_data.errors import SourceUnavailable
from shared.market_data.history import KEPT, Collected, collect_announcements, collect_bars
from shared.market_data.history_store import HistoryStore
from shared.market_data.ports import Answered

RAW, ALL = Adjustment.RAW, Adjustment.ALL
# Monday after the bell; the session of Friday 2026-02-27 is the one before.
MONDAY = datetime(2026, 3, 2, 21, 45, tzinfo=UTC)
TODAY = MONDAY.date()


def bar(day, close="10", volume=100, symbol="QUAL"):
    price = Decimal(close)
    return Bar(symbol, day, price, price, price, price, volume, price)


class Past:
    """A source with a bar of 100 shares for each session of each symbol."""

    def __init__(self, **changes):
        self.asked, self.closes, self.stated = [], {}, []
        self.unreadable, self.broken = 0, None
        vars(self).update(changes)

    def daily(self, symbols, first, last, adjustment):
        self.asked.append((tuple(symbols), first, last, adjustment))
        if self.broken is adjustment:
            raise SourceUnavailable(source="test")
        days = [one.day for one in sessions(first, last + timedelta(days=5))]
        found = [
            bar(day, self.closes.get((day, adjustment), "10"), symbol=symbol)
            for symbol in symbols
            for day in days
        ]
        return Answered(tuple(found), self.unreadable)

    def announcements(self, symbols, first, last):
        if self.broken:
            raise SourceUnavailable(source="test")
        return Answered(tuple(self.stated), self.unreadable)


@pytest.fixture
def book(database):
    return HistoryStore(database)


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": Decimal(11)},
        {"high": Decimal(9)},
        {"open": Decimal(0)},
        {"vwap": Decimal("NaN")},
        {"volume": -1},
    ],
)
def test_a_bar_that_contradicts_itself_is_none(wrong) -> None:
    with pytest.raises(ValueError, match=r"price|opens"):
        replace(bar(TODAY), **wrong)


def test_bars_are_kept_as_text_to_the_last_digit() -> None:
    bars = [
        Bar(
            "QUAL",
            TODAY,
            Decimal("161.0001"),
            Decimal("162.10"),
            Decimal("160.9"),
            Decimal("161.5"),
            123_456_789,
            Decimal("161.243517"),
        ),
        bar(date(2026, 2, 27)),
    ]
    assert from_lines("QUAL", to_lines(bars)) == [bars[1], bars[0]]


def test_a_usual_day_is_the_mean_of_the_newest_twenty() -> None:
    days = [one.day for one in sessions(date(2026, 1, 2), TODAY)][-21:]
    bars = [bar(day, volume=count) for count, day in enumerate(days, start=1)]
    assert average_volume(bars) == sum(range(2, 22)) // 20
    assert average_volume(list(reversed(bars))) == average_volume(bars)
    assert average_volume(bars[:19]) is None


def test_a_source_without_volumes_knows_no_usual_day() -> None:
    days = [one.day for one in sessions(date(2026, 1, 2), TODAY)]
    assert average_volume([bar(day, volume=0) for day in days]) is None


def test_facts_are_those_of_the_newest_bar() -> None:
    bars = [bar(TODAY, "12"), bar(date(2026, 2, 27), "11")]
    assert facts_of(bars) == DailyFacts("QUAL", TODAY, Decimal(12), Decimal(11), None)
    assert facts_of(bars[:1]) == DailyFacts("QUAL", TODAY, Decimal(12), None, None)
    assert facts_of([]) is None


def test_bars_of_many_years_are_read_by_days(book) -> None:
    days = [date(2024, 12, 30), date(2024, 12, 31), date(2025, 1, 2), date(2026, 3, 2)]
    assert book.keep_bars("QUAL", RAW, [bar(day) for day in days]) == 3
    assert [one.day for one in book.bars("QUAL", RAW, days[1], days[2])] == days[1:3]
    assert [one.day for one in book.bars("QUAL", RAW, days[0], days[-1])] == days
    assert book.bars("QUAL", ALL, days[0], days[-1]) == []
    assert book.bars("SIZE", RAW, days[0], days[-1]) == []


def test_a_corrected_bar_replaces_its_day_and_no_other(book) -> None:
    friday = date(2026, 2, 27)
    book.keep_bars("QUAL", RAW, [bar(friday), bar(TODAY)])
    assert book.keep_bars("QUAL", RAW, [bar(friday)]) == 0
    assert book.keep_bars("QUAL", RAW, [bar(friday, "10.5")]) == 1
    assert [one.close for one in book.bars("QUAL", RAW, friday, TODAY)] == [
        Decimal("10.5"),
        Decimal(10),
    ]


def test_the_first_reading_takes_five_years_of_both_kinds(book) -> None:
    source = Past()
    done = collect_bars(source, book, ("QUAL", "SIZE"), MONDAY)
    assert [(each[0], each[2], each[3]) for each in source.asked] == [
        (("QUAL", "SIZE"), TODAY, RAW),
        (("QUAL", "SIZE"), TODAY, ALL),
    ]
    assert {each[1] for each in source.asked} == {TODAY - KEPT}
    assert done == Collected(rows=2 * 2 * 6)
    expected = [one.day for one in sessions(TODAY - KEPT, TODAY)]
    assert [one.day for one in book.bars("SIZE", RAW, TODAY - KEPT, TODAY)] == expected
    assert book.facts(["QUAL", "TSLA"]) == {
        "QUAL": DailyFacts("QUAL", TODAY, Decimal(10), Decimal(10), 100)
    }


def test_what_is_known_is_not_read_again(book) -> None:
    source = Past()
    collect_bars(source, book, ("QUAL",), MONDAY)
    source.asked.clear()
    assert collect_bars(source, book, ("QUAL",), MONDAY + timedelta(hours=3)) == Collected()
    assert source.asked == []


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-03-02T15:30", "2026-02-27"),  # the session runs
        ("2026-03-02T21:10", "2026-02-27"),  # its bar is not published yet
        ("2026-03-02T21:30", "2026-03-02"),
        ("2026-11-27T18:30", "2026-11-27"),  # a half day
        ("2026-03-01T12:00", "2026-02-27"),  # a Sunday
    ],
)
def test_a_session_counts_when_it_is_over_and_published(book, now, last) -> None:
    source = Past()
    collect_bars(source, book, ("QUAL",), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert book.facts(["QUAL"])["QUAL"].day == date.fromisoformat(last)
    late = date.fromisoformat(last) + timedelta(days=1)
    assert book.bars("QUAL", RAW, late, late + timedelta(days=9)) == []


def test_the_next_day_reads_the_newest_raw_bars_and_all_adjusted_ones(book) -> None:
    friday = date(2026, 2, 27)
    source = Past()
    collect_bars(source, book, ("QUAL",), MONDAY - timedelta(days=3))
    source.asked.clear()
    # A dividend on Monday changes every adjusted price before it, and no traded one.
    source.closes = {(one.day, ALL): "9.9" for one in sessions(TODAY - KEPT, friday)}
    collect_bars(source, book, ("QUAL", "SIZE"), MONDAY)
    assert source.asked == [
        (("SIZE",), TODAY - KEPT, TODAY, RAW),
        (("QUAL",), friday - timedelta(days=10), TODAY, RAW),
        (("QUAL", "SIZE"), TODAY - KEPT, TODAY, ALL),
    ]
    old = date(2023, 5, 2)
    assert book.bars("QUAL", ALL, old, old)[0].close == Decimal("9.9")
    assert book.bars("QUAL", RAW, old, old)[0].close == Decimal(10)


def test_a_reading_that_dies_half_way_is_done_again(book) -> None:
    source = Past(broken=ALL)
    with pytest.raises(SourceUnavailable):
        collect_bars(source, book, ("QUAL",), MONDAY)
    assert book.facts(["QUAL"]) == {}
    source.broken = None
    collect_bars(source, book, ("QUAL",), MONDAY)
    assert book.facts(["QUAL"])["QUAL"].day == TODAY
    assert len(book.bars("QUAL", ALL, TODAY - KEPT, TODAY)) == len(sessions(TODAY - KEPT, TODAY))


def dividend(**changes):
    made = Announcement("a1", ActionKind.CASH_DIVIDEND, "QUAL", date(2026, 3, 16))
    return replace(made, cash=Decimal("0.46"), payable_date=date(2026, 3, 20), **changes)


def test_announcements_are_kept_corrected_and_withdrawn(book) -> None:
    split = Announcement("a2", ActionKind.FORWARD_SPLIT, "SIZE", date(2026, 4, 1))
    split = replace(split, old_rate=Decimal(1), new_rate=Decimal(2))
    source = Past(stated=[dividend(), split])
    assert collect_announcements(source, book, ("QUAL", "SIZE"), MONDAY).announcements == 2
    assert collect_announcements(source, book, ("QUAL", "SIZE"), MONDAY) == Collected()
    later = dividend(special=True)
    source.stated = [replace(later, effective=date(2026, 3, 17)), split]
    assert collect_announcements(source, book, ("QUAL", "SIZE"), MONDAY).announcements == 1
    assert [each.effective.day for each in book.announcements("QUAL")] == [17]
    source.stated = [split]
    assert collect_announcements(source, book, ("QUAL", "SIZE"), MONDAY).announcements == 1
    assert [each.withdrawn for each in book.announcements("QUAL")] == [True]
    assert book.announcements("SIZE") == [split]
    source.stated = [dividend(), split]
    collect_announcements(source, book, ("QUAL", "SIZE"), MONDAY)
    assert book.announcements("QUAL") == [dividend()]


def test_what_is_long_over_is_not_withdrawn_by_silence(book) -> None:
    source = Past(stated=[dividend()])
    collect_announcements(source, book, ("QUAL",), MONDAY)
    source.stated = []
    much_later = MONDAY + timedelta(days=120)
    assert collect_announcements(source, book, ("QUAL",), much_later) == Collected()
    assert book.announcements("QUAL") == [dividend()]


def test_an_entry_that_nobody_can_read_withdraws_nothing(book) -> None:
    source = Past(stated=[dividend()])
    collect_announcements(source, book, ("QUAL",), MONDAY)
    source.stated, source.unreadable = [], 1
    assert collect_announcements(source, book, ("QUAL",), MONDAY) == Collected(unreadable=1)
    assert book.announcements("QUAL") == [dividend()]


def test_another_persons_symbol_is_not_kept(book) -> None:
    source = Past(stated=[replace(dividend(), symbol="TSLA")])
    assert collect_announcements(source, book, ("QUAL",), MONDAY) == Collected()
    assert book.announcements("TSLA") == []
