"""refresh_market: what it gets is kept, and what fails does not spoil the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock, to_text
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore, clock_key
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import (
    CheckMessage,
)
from tests.functions.investing_workers import NOW, SECRETS


@pytest.fixture
def refresh(investing_worker, monkeypatch):
    handler = investing_worker("refresh_market")
    database, clock = MemoryDatabase(), FixedClock(NOW)
    platform = replace(handler.platform, database=database, clock=clock)
    monkeypatch.setattr(handler, "platform", platform)
    monkeypatch.setattr(handler, "store", MarketStore(database))
    monkeypatch.setattr(handler, "secrets", SECRETS)
    asked = []

    class Wire:
        def __init__(self, base_url, key, secret):
            self.base_url = base_url

        def get(self, path, **parameters):
            asked.append(path)
            if path == "/v1/clock":
                hours = [to_text(NOW + timedelta(hours=count)) for count in (20, 5)]
                return {
                    "timestamp": to_text(NOW),
                    "is_open": True,
                    "next_open": hours[0],
                    "next_close": hours[1],
                }
            raise SourceUnavailable(source="test")

    monkeypatch.setattr(handler, "wire_of", Wire)
    return handler, clock, asked


def test_a_refresh_keeps_what_it_gets_and_does_not_fail_for_the_rest(refresh) -> None:
    handler, _, asked = refresh
    handler.handle(CheckMessage("market", {}))
    view = handler.store.read([clock_key()])
    assert isinstance(view.clock, MarketClock)
    assert asked == ["/v1/clock", "/v1/assets", "/v2/stocks/quotes/latest"]


def test_many_wishes_at_once_are_one_refresh(refresh) -> None:
    handler, clock, asked = refresh
    handler.handle(CheckMessage("market", {}))
    count = len(asked)
    handler.handle(CheckMessage("market", {}))
    assert len(asked) == count
    clock.advance(timedelta(seconds=2))
    handler.handle(CheckMessage("market", {}))
    assert len(asked) == 2 * count


def test_refresh_takes_only_its_own_check(refresh) -> None:
    with pytest.raises(TypeError):
        refresh[0].handle(CheckMessage("sweep", {}))
