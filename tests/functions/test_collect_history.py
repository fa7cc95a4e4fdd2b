"""collect_history: what it gets is kept, and one source that fails does not spoil the other."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.clock import FixedClock
from shared.market_data.calendar import sessions
from shared.market_data.errors import SourceUnavailable
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore
from shared.market_data.universe import SYMBOLS
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import CheckMessage
from tests.functions.investing_workers import NOW, SECRETS

CHECK = CheckMessage("history", {})


@pytest.fixture
def collect(investing_worker, monkeypatch):
    handler = investing_worker("collect_history")
    database, clock = MemoryDatabase(), FixedClock(NOW)
    monkeypatch.setattr(
        handler, "platform", replace(handler.platform, database=database, clock=clock)
    )
    monkeypatch.setattr(handler, "book", HistoryStore(database))
    monkeypatch.setattr(handler, "secrets", SECRETS)
    asked, broken, told = [], set(), []

    class Wire:
        def __init__(self, base_url, key, secret):
            assert (base_url, key, secret) == ("http://127.0.0.1:9/data", "k", "s")

        def get(self, path, **parameters):
            asked.append(path)
            if path in broken:
                raise SourceUnavailable(source="test")
            if path == "/v1/corporate-actions":
                gone = {"id": "w", "symbol": "QUAL", "process_date": "2026-03-20"}
                return {"corporate_actions": {"worthless_removals": [gone, {}]}}
            days = sessions(NOW.date() - timedelta(days=40), NOW.date())
            one = Decimal(10)
            bars = [
                {"t": f"{each.day}T05:00:00Z", "v": 50}
                | dict.fromkeys(("o", "h", "l", "c", "vw"), one)
                for each in days
            ]
            return {"bars": dict.fromkeys(SYMBOLS, bars), "next_page_token": None}

    monkeypatch.setattr(handler, "wire_of", Wire)
    monkeypatch.setattr(
        handler, "metric", lambda name, value=1, **of: told.append((name, value, of["source"]))
    )
    hour = timedelta(hours=1)
    MarketStore(database).keep_clock(MarketClock(NOW, True, NOW + 20 * hour, NOW + hour, NOW))
    return handler, clock, asked, broken, told


def test_bars_and_announcements_are_kept(collect) -> None:
    handler, _, asked, _, told = collect
    handler.handle(CHECK)
    facts = handler.book.facts(SYMBOLS)
    assert facts.keys() == set(SYMBOLS)
    assert {(each.day.isoformat(), each.average_volume) for each in facts.values()} == {
        ("2026-02-27", 50)
    }
    assert [each.id for each in handler.book.announcements("QUAL")] == ["w"]
    assert asked == ["/v2/stocks/bars", "/v2/stocks/bars", "/v1/corporate-actions"]
    assert told == [("MarketEntriesUnreadable", 1, "announcements")]


@pytest.mark.parametrize("path", ["/v2/stocks/bars", "/v1/corporate-actions"])
def test_one_source_that_fails_does_not_spoil_the_other(collect, path) -> None:
    handler, _, _, broken, told = collect
    broken.add(path)
    handler.handle(CHECK)
    kept = (bool(handler.book.facts(SYMBOLS)), bool(handler.book.announcements("QUAL")))
    assert kept == (path != "/v2/stocks/bars", path != "/v1/corporate-actions")
    assert ("MarketSourceFailed", 1) in {each[:2] for each in told}


def test_without_the_markets_clock_nothing_is_asked(collect) -> None:
    handler, clock, asked, _, told = collect
    clock.advance(timedelta(hours=2))
    handler.handle(CHECK)
    assert (asked, told) == ([], [("MarketSourceFailed", 1, "clock")])


def test_another_check_is_not_taken(collect) -> None:
    with pytest.raises(TypeError):
        collect[0].handle(CheckMessage("market", {}))
