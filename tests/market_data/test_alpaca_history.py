"""Alpaca's bars and corporate actions: every recorded kind, all pages, and what cannot be read."""

from datetime import date
from decimal import Decimal

import pytest

from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.bars import Adjustment, Bar
from shared.market_data.errors import SourceUnavailable
from shared.market_data.providers.alpaca_history import MOST_PAGES, AlpacaHistory

FIRST, LAST = date(2026, 2, 1), date(2026, 3, 2)
D = Decimal


class Wire:
    """Answers with the pages in turn, the last one for ever."""

    def __init__(self, *pages):
        self.pages, self.asked = list(pages), []

    def get(self, path, **parameters):
        self.asked.append((path, parameters))
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def entry(day="2026-03-02", **changes):
    made = {"t": f"{day}T05:00:00Z", "o": D("161.1"), "h": D("162"), "l": D("160.9")}
    return {**made, "c": D("161.5"), "v": 1_204_300, "n": 9_100, "vw": D("161.42"), **changes}


def test_bars_are_asked_for_by_the_day_and_read_exactly() -> None:
    wire = Wire({"bars": {"QUAL": [entry()]}, "next_page_token": None})
    answer = AlpacaHistory(wire).daily(["QUAL", "SIZE"], FIRST, LAST, Adjustment.ALL)
    assert answer.found == (
        Bar("QUAL", LAST, D("161.1"), D(162), D("160.9"), D("161.5"), 1_204_300, D("161.42")),
    )
    assert answer.unreadable == 0
    ((path, asked),) = wire.asked
    assert path == "/v2/stocks/bars"
    assert asked == {
        "symbols": "QUAL,SIZE",
        "timeframe": "1Day",
        "start": "2026-02-01",
        "end": "2026-03-02",
        "adjustment": "all",
        "feed": "sip",
        "limit": "10000",
    }


def test_all_pages_are_read() -> None:
    wire = Wire(
        {"bars": {"QUAL": [entry("2026-02-27")]}, "next_page_token": "a"},
        {"bars": {"QUAL": [entry()], "SIZE": [entry()]}, "next_page_token": "b"},
        {"bars": None, "next_page_token": None},
    )
    answer = AlpacaHistory(wire, "iex").daily(["QUAL", "SIZE"], FIRST, LAST, Adjustment.RAW)
    assert [(bar.symbol, bar.day.day) for bar in answer.found] == [
        ("QUAL", 27),
        ("QUAL", 2),
        ("SIZE", 2),
    ]
    assert [asked.get("page_token") for _, asked in wire.asked] == [None, "a", "b"]
    assert {asked["feed"] for _, asked in wire.asked} == {"iex"}


@pytest.mark.parametrize(
    "page",
    [
        {"bars": {}, "next_page_token": "same"},
        {"bars": {}, "next_page_token": 7},
        {"bars": [1]},
        {"bars": {"QUAL": {}}},
        [],
        None,
    ],
)
def test_an_answer_of_another_shape_or_without_an_end_is_none(page) -> None:
    with pytest.raises(SourceUnavailable):
        AlpacaHistory(Wire(page)).daily(["QUAL"], FIRST, LAST, Adjustment.RAW)


def test_pages_without_end_are_given_up() -> None:
    class Endless(Wire):
        def get(self, path, **parameters):
            self.asked.append(path)
            return {"bars": {}, "next_page_token": str(len(self.asked))}

    wire = Endless()
    with pytest.raises(SourceUnavailable):
        AlpacaHistory(wire).daily(["QUAL"], FIRST, LAST, Adjustment.RAW)
    assert len(wire.asked) == MOST_PAGES


@pytest.mark.parametrize(
    "broken",
    [
        {"c": 0},
        {"c": None},
        {"h": D(1)},
        {"v": True},
        {"v": -1},
        {"t": "yesterday"},
        {"vw": D("NaN")},
        {"o": D("Infinity")},
    ],
)
def test_one_bar_that_cannot_be_read_spoils_no_other(broken) -> None:
    bars = [entry("2026-02-27"), entry(**broken), "text", {}]
    answer = AlpacaHistory(Wire({"bars": {"QUAL": bars, "TSLA": [entry()]}})).daily(
        ["QUAL"], FIRST, LAST, Adjustment.RAW
    )
    assert [bar.day.day for bar in answer.found] == [27]
    assert answer.unreadable == 3


DIVIDEND = {
    "id": "d",
    "symbol": "QUAL",
    "cusip": "C",
    "rate": D("0.125"),
    "special": False,
    "foreign": True,
    "ex_date": "2026-05-04",
    "record_date": "2026-05-05",
    "payable_date": "2026-05-19",
    "process_date": "2026-05-19",
}
DAY = {"process_date": "2026-08-22", "ex_date": "2026-08-21"}
EFFECTIVE = {"process_date": "2026-08-22", "effective_date": "2026-08-21"}
MERGER = {"acquiree_symbol": "QUAL", "acquirer_symbol": "NEW", **EFFECTIVE}
KINDS = {
    "forward_splits": ({"symbol": "QUAL", "new_rate": 2, "old_rate": 1, **DAY}, (None, 1, 2, None)),
    "reverse_splits": (
        {"symbol": "QUAL", "new_rate": 1, "old_rate": 50, **DAY},
        (None, 50, 1, None),
    ),
    "unit_splits": (
        {"old_symbol": "QUAL", "new_symbol": "NEW", "old_rate": 1, "new_rate": 1, **EFFECTIVE},
        (None, 1, 1, "NEW"),
    ),
    "stock_dividends": ({"symbol": "QUAL", "rate": D("0.05"), **DAY}, (None, 1, D("1.05"), None)),
    "spin_offs": (
        {
            "source_symbol": "QUAL",
            "source_rate": D("19.35"),
            "new_symbol": "NEW",
            "new_rate": 1,
            **DAY,
        },
        (None, D("19.35"), 1, "NEW"),
    ),
    "cash_mergers": (
        {"acquiree_symbol": "QUAL", "rate": D("5.37"), **EFFECTIVE},
        (D("5.37"), None, None, None),
    ),
    "stock_mergers": (
        {**MERGER, "acquiree_rate": 1, "acquirer_rate": D("0.895")},
        (None, 1, D("0.895"), "NEW"),
    ),
    "stock_and_cash_mergers": (
        {**MERGER, "acquiree_rate": 1, "acquirer_rate": D("0.7733"), "cash_rate": D("7.8")},
        (D("7.8"), 1, D("0.7733"), "NEW"),
    ),
    "redemptions": (
        {"symbol": "QUAL", "rate": D("0.141134"), "process_date": "2026-08-21"},
        (D("0.141134"), None, None, None),
    ),
    "name_changes": (
        {"old_symbol": "QUAL", "new_symbol": "NEW", "process_date": "2026-08-21"},
        (None, None, None, "NEW"),
    ),
    "worthless_removals": (
        {"symbol": "QUAL", "process_date": "2026-08-21"},
        (None, None, None, None),
    ),
    "rights_distributions": (
        {"source_symbol": "QUAL", "new_symbol": "NEW", "rate": D("0.2"), **DAY},
        (None, 1, D("0.2"), "NEW"),
    ),
}


def announced(**groups):
    wire = Wire({"corporate_actions": groups, "next_page_token": None})
    return AlpacaHistory(wire).announcements(["QUAL"], FIRST, LAST)


def test_a_dividend_is_read_whole() -> None:
    assert announced(cash_dividends=[DIVIDEND]).found == (
        Announcement(
            id="d",
            kind=ActionKind.CASH_DIVIDEND,
            symbol="QUAL",
            effective=date(2026, 5, 4),
            record_date=date(2026, 5, 5),
            payable_date=date(2026, 5, 19),
            process_date=date(2026, 5, 19),
            cash=D("0.125"),
            foreign=True,
        ),
    )


@pytest.mark.parametrize("group", KINDS)
def test_each_kind_says_what_becomes_of_a_share(group) -> None:
    stated, (cash, old, new, becomes) = KINDS[group]
    answer = announced(**{group: [{"id": "x", **stated}]})
    (found,) = answer.found
    assert found.kind.value == group.removesuffix("s")
    assert (found.symbol, found.effective) == ("QUAL", date(2026, 8, 21))
    assert (found.cash, found.old_rate, found.new_rate) == (cash, old, new)
    assert found.new_symbol == becomes
    assert answer.unreadable == 0


def test_every_kind_that_we_name_is_read() -> None:
    assert {f"{kind.value}s" for kind in ActionKind} == {*KINDS, "cash_dividends"}


@pytest.mark.parametrize(
    "broken",
    [
        {"rate": 0},
        {"rate": D(-1)},
        {"rate": None},
        {"id": ""},
        {"id": 5},
        {"ex_date": "soon"},
        {"symbol": None},
    ],
)
def test_one_announcement_that_cannot_be_read_is_counted(broken) -> None:
    answer = announced(cash_dividends=[{**DIVIDEND, **broken}, DIVIDEND])
    assert [each.id for each in answer.found] == ["d"]
    assert answer.unreadable == 1


def test_a_kind_that_nobody_knows_is_counted_and_not_guessed() -> None:
    answer = announced(share_exchanges=[DIVIDEND], cash_dividends=[DIVIDEND])
    assert ([each.id for each in answer.found], answer.unreadable) == (["d"], 1)


def test_no_actions_at_all_are_an_answer() -> None:
    answer = AlpacaHistory(Wire({"corporate_actions": {}})).announcements(["QUAL"], FIRST, LAST)
    assert (answer.found, answer.unreadable) == ((), 0)
