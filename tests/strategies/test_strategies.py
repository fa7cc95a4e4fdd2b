"""Strategies as published data."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.market_data.model import AssetType
from shared.market_data.universe import UNIVERSE
from shared.platform.tables import Put
from shared.strategies.book import StrategyBook
from shared.strategies.founding import FOUNDING
from shared.strategies.model import STRATEGY_IDS, Strategy, Style, in_force, strategy_id
from shared.strategies.rows import (
    CURRENT_KEYS,
    StrategyStore,
    keep_in_force,
    strategies_in,
    strategy_from,
    strategy_key,
)

TODAY = date(2026, 3, 2)
CAPS = {AssetType.BOND: 9000, AssetType.ETF: 4000, AssetType.STOCK: 1000}


def newer(**changes: Any) -> Strategy:
    given = {"version": 2, "valid_from": TODAY, "weights": {"AAAB": 5_000, "QUAL": 5_000}}
    return replace(in_force(FOUNDING, TODAY)["factor-3"], **(given | changes))


def test_each_style_has_a_whole_strategy_per_score_of_known_assets_within_their_caps() -> None:
    assert sorted(one.id for one in FOUNDING) == sorted(STRATEGY_IDS)
    for one in FOUNDING:
        assert sum(one.weights.values()) == 10_000
        assert one.weights.keys() == UNIVERSE.keys()
        assert all(bp <= CAPS[UNIVERSE[symbol].type] for symbol, bp in one.weights.items())
        assert one.id == strategy_id(one.style, one.score)


def test_a_bolder_score_holds_more_equity_and_income_never_more_than_growth() -> None:
    found = in_force(FOUNDING, TODAY)
    shares = {
        style: [found[strategy_id(style, score)].equity_bp for score in range(1, 6)]
        for style in Style
    }
    assert shares == {
        Style.GROWTH: [2000, 4000, 6000, 8000, 9500],
        Style.INCOME: [1500, 2500, 3500, 4500, 5500],
    }


def test_no_strategy_is_in_force_before_its_date_and_the_newest_of_those_due_is() -> None:
    assert in_force(FOUNDING, date(2025, 12, 31)) == {}
    later = newer(valid_from=TODAY + timedelta(days=1))
    known = (*FOUNDING, later)
    assert in_force(known, TODAY)["factor-3"].version == 1
    assert in_force(reversed(known), TODAY + timedelta(days=1))["factor-3"] == later


def test_weights_that_are_no_whole_are_refused() -> None:
    for weights in ({"AAAB": 9_999}, {"AAAB": 10_001}, {"AAAB": 10_001, "QUAL": -1}):
        with pytest.raises(ValueError, match="whole"):
            newer(weights=weights)
    with pytest.raises(ValueError, match="whole"):
        newer(weights={"AAAB": 10_000, "QUAL": 0})


def test_founding_strategies_are_published_once_and_read_back(database: Any) -> None:
    assert keep_in_force(database, TODAY) == 2 * len(FOUNDING)
    assert keep_in_force(database, TODAY) == 0
    key, first = strategy_key("factor-4"), strategy_key("factor-4", "1")
    found = database.get_many([key, first])
    expected = in_force(FOUNDING, TODAY)
    assert [strategy_from(found[one]) for one in (key, first)] == [expected["factor-4"]] * 2
    assert strategies_in(database.get_many(CURRENT_KEYS)) == expected
    assert StrategyStore(database).in_force() == expected


def test_a_published_version_takes_effect_on_its_day_and_not_before(database: Any) -> None:
    keep_in_force(database, TODAY)
    store = StrategyStore(database)
    day = TODAY + timedelta(days=5)
    database.write(store.publish(newer(valid_from=day)))
    assert keep_in_force(database, day - timedelta(days=1)) == 0
    assert store.in_force()["factor-3"].version == 1
    assert keep_in_force(database, day) == 1
    assert store.in_force()["factor-3"] == newer(valid_from=day)
    assert keep_in_force(database, day) == 0
    assert len(store.versions()) == len(FOUNDING) + 1


def test_an_older_reading_does_not_put_an_older_version_in_force(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in_force(database, TODAY)
    before = database.query
    store = StrategyStore(database)
    pages = [before(key.table, key.pk, "a", "z~") for key in CURRENT_KEYS[:1]]
    database.write(store.publish(newer()))
    keep_in_force(database, TODAY)
    # Somebody who had read just before, and whose pointer differs, writes now.
    stale = [item for item in pages[0].items if item.sk != "factor-3#current"]
    monkeypatch.setattr(database, "query", lambda *_: replace(pages[0], items=tuple(stale)))
    assert keep_in_force(database, TODAY) == 0
    monkeypatch.undo()
    assert store.in_force()["factor-3"] == newer()


def test_a_version_that_is_there_is_never_replaced(database: Any) -> None:
    keep_in_force(database, TODAY)
    store = StrategyStore(database)
    write = store.publish(newer(version=1))
    assert isinstance(write, Put)
    with pytest.raises(Exception, match="strategy"):
        database.write(write)
    assert in_force(store.versions(), TODAY)["factor-3"] == in_force(FOUNDING, TODAY)["factor-3"]


class Failing:
    """A store that answers or not, and counts."""

    def __init__(self) -> None:
        self.asked, self.broken = 0, False
        self.known: dict[str, Strategy] = {}

    def in_force(self) -> dict[str, Strategy]:
        self.asked += 1
        if self.broken:
            raise ConnectionError
        return self.known


def test_the_book_reads_once_a_minute_and_keeps_what_it_knows(clock: FixedClock) -> None:
    store, told = Failing(), []
    book = StrategyBook(store, clock, on_failure=told.append)
    assert book.in_force() == in_force(FOUNDING, clock.now().date())
    store.known = {"factor-3": newer()}
    clock.advance(timedelta(seconds=59))
    assert book.in_force()["factor-3"].version == 1
    clock.advance(timedelta(seconds=1))
    assert book.in_force()["factor-3"].version == 2
    store.broken = True
    clock.advance(timedelta(minutes=2))
    assert (book.in_force()["factor-3"].version, len(told)) == (2, 1)
    book.in_force()
    assert store.asked == 3


def test_a_book_that_never_read_anything_knows_nothing(clock: FixedClock) -> None:
    store = Failing()
    store.broken = True
    assert StrategyBook(store, clock).in_force() == {}
