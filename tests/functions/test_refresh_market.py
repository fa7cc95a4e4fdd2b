"""refresh_market: what it gets is kept, and what fails does not spoil the rest."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from functions.refresh_market import second
from shared.kernel.clock import FixedClock, to_text
from shared.kernel.money import Currency, Price
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import MarketClock, Quote
from shared.market_data.store import MarketStore, clock_key, quote_key
from shared.market_data.universe import SYMBOLS
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import (
    CheckMessage,
)
from shared.platform.secrets import MemorySecrets
from tests.functions.investing_workers import NOW, SECRETS


class Other:
    """The second source, which states these prices."""

    def __init__(self, quotes):
        self.quotes, self.asked = quotes, []

    def latest(self, symbols):
        self.asked += symbols
        return self.quotes


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
    monkeypatch.setattr(second, "second_source", lambda url, token, clock: Other([]))
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


def test_where_the_first_source_is_silent_the_second_one_is_asked(refresh, monkeypatch) -> None:
    handler, _, _ = refresh
    stated = Quote("QUAL", Price(Decimal("112.34"), Currency.USD), NOW, "ibkr:quote", NOW)
    other = Other([stated])
    monkeypatch.setattr(second, "second_source", lambda url, token, clock: other)
    handler.handle(CheckMessage("market", {}))
    assert other.asked == list(SYMBOLS)
    assert handler.store.read([quote_key(name) for name in SYMBOLS]).quotes == {"QUAL": stated}


def test_a_stage_without_a_second_source_has_old_prices_and_no_failure(
    refresh, monkeypatch
) -> None:
    handler, _, _ = refresh
    none = MemorySecrets({"broker": {"key": "k", "secret": "s"}, "ibkr": {}})
    monkeypatch.setattr(handler, "secrets", none)

    def never(url, token, clock):
        raise AssertionError("it was asked")

    monkeypatch.setattr(second, "second_source", never)
    handler.handle(CheckMessage("market", {}))
    view = handler.store.read([clock_key(), *(quote_key(name) for name in SYMBOLS)])
    assert view.clock is not None
    assert view.quotes == {}
