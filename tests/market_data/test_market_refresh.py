"""Refreshing: each source on its own, newest wins, and prices in memory with their age."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, Price
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import (
    Asset,
    AssetType,
    Breaker,
    BreakerState,
    FxQuote,
    MarketClock,
    Quote,
)
from shared.market_data.price_book import PriceBook
from shared.market_data.service import refresh
from shared.market_data.store import (
    MarketStore,
    asset_key,
    breaker_key,
    clock_key,
    fx_key,
    quote_key,
)

SYMBOLS = ("AAAB", "QUAL")
KES, USD, EUR, ZAR = Currency.KES, Currency.USD, Currency.EUR, Currency.ZAR


class Source:
    """Every source at once; those named in ``broken`` give no answer."""

    def __init__(self, clock, broken=()):
        self.system, self.broken, self.asked = clock, set(broken), []
        self.rates = {KES: Decimal("129.02"), EUR: Decimal("0.85"), ZAR: Decimal("15.9")}
        self.unlisted = ()

    def _answer(self, name):
        self.asked.append(name)
        if name in self.broken:
            raise SourceUnavailable(source=name)

    def clock(self):
        self._answer("clock")
        now = self.system.now()
        hour = timedelta(hours=1)
        return MarketClock(now, True, now + 20 * hour, now + hour, now)

    def assets(self, symbols):
        self._answer("assets")
        now = self.system.now()
        return [Asset(name, name, AssetType.ETF, "id", True, True, now) for name in symbols]

    def latest(self, what, quotes=None):
        if quotes is not None:
            self._answer("fx")
            now = self.system.now()
            listed = [one for one in quotes if one not in self.unlisted]
            return [FxQuote(what, one, self.rates[one], now, "test", now) for one in listed]
        self._answer("quotes")
        now = self.system.now()
        return [Quote(one, Price(Decimal("10.5"), USD), now, "test", now) for one in what]


@pytest.fixture
def store(database):
    return MarketStore(database)


KEYS = [
    clock_key(),
    *(fx_key(USD, quote) for quote in (KES, EUR, ZAR)),
    *(quote_key(symbol) for symbol in SYMBOLS),
    *(asset_key(symbol) for symbol in SYMBOLS),
    breaker_key("trading"),
]


def test_everything_is_kept_and_read_in_one_request(store, clock) -> None:
    source = Source(clock)
    result = refresh(source, source, source, store, SYMBOLS)
    assert (dict(result.counts), result.failed) == (
        {"clock": 1, "assets": 2, "quotes": 2, "fx": 3},
        (),
    )
    view = store.read(KEYS)
    assert view.clock == source.clock()
    assert view.quotes["QUAL"] == source.latest(["QUAL"])[0]
    assert list(view.rates.values()) == source.latest(USD, [KES, EUR, ZAR])
    assert result.doubtful == ()
    assert view.assets["AAAB"].buyable
    assert view.breakers == {}


@pytest.mark.parametrize("broken", ["clock", "assets", "quotes", "fx"])
def test_one_broken_source_keeps_its_old_data_and_spoils_no_other(store, clock, broken) -> None:
    whole = Source(clock)
    refresh(whole, whole, whole, store, SYMBOLS)
    before = store.read(KEYS)
    clock.advance(timedelta(minutes=1))
    partly = Source(clock, {broken})
    result = refresh(partly, partly, partly, store, (*SYMBOLS, "SIZE"))
    assert result.failed == (broken,)
    after = store.read(KEYS)
    assert (after.clock == before.clock) == (broken == "clock")
    assert (after.quotes == before.quotes) == (broken == "quotes")
    assert (after.rates == before.rates) == (broken == "fx")


def test_known_assets_are_not_read_again(store, clock) -> None:
    source = Source(clock)
    refresh(source, source, source, store, SYMBOLS)
    source.asked.clear()
    refresh(source, source, source, store, SYMBOLS)
    assert source.asked == ["clock", "quotes", "fx"]


def test_an_older_answer_never_replaces_a_newer_quote(store, clock) -> None:
    late = Source(clock).latest(["QUAL"])
    clock.advance(timedelta(seconds=1))
    (newer,) = Source(clock).latest(["QUAL"])
    assert store.keep_quotes([newer]) == 1
    assert store.keep_quotes(late) == 0
    assert store.read([quote_key("QUAL")]).quotes["QUAL"] == newer


def test_a_breaker_blocks_until_it_is_closed(store, clock) -> None:
    now = clock.now()
    store.set_breaker(Breaker("trading", BreakerState.OPEN, "volatility", now))
    assert store.read(KEYS).breakers["trading"].blocks
    store.set_breaker(Breaker("trading", BreakerState.CLOSED, "calm", now))
    assert not store.read(KEYS).breakers["trading"].blocks


def test_a_pair_that_the_source_leaves_out_stays_old_and_spoils_no_other(store, clock) -> None:
    source = Source(clock)
    refresh(source, source, source, store, SYMBOLS)
    before = store.read(KEYS)
    clock.advance(timedelta(minutes=1))
    source.unlisted = (EUR,)
    assert refresh(source, source, source, store, SYMBOLS).failed == ("fx",)
    after = store.read(KEYS)
    assert after.rates[USD, EUR] == before.rates[USD, EUR]
    assert after.rates[USD, KES].fetched_at == after.rates[USD, ZAR].fetched_at == clock.now()


def test_a_rate_that_jumps_is_used_by_nobody_until_it_is_confirmed(store, clock) -> None:
    source = Source(clock)
    refresh(source, source, source, store, SYMBOLS)
    source.rates[KES] = Decimal("1.2902")
    for minutes in range(10):
        clock.advance(timedelta(minutes=1 if minutes else 0))
        assert refresh(source, source, source, store, SYMBOLS).doubtful == (KES,)
        view = store.read(KEYS)
        assert view.rates.keys() == {(USD, EUR), (USD, ZAR)}
        assert view.records[USD, KES].trusted.rate == Decimal("129.02")
        assert view.records[USD, KES].suspect.rate == Decimal("1.2902")
    clock.advance(timedelta(minutes=1))
    assert refresh(source, source, source, store, SYMBOLS).doubtful == ()
    assert store.read(KEYS).rates[USD, KES].rate == Decimal("1.2902")


def test_a_jump_that_the_source_takes_back_leaves_nothing_behind(store, clock) -> None:
    source = Source(clock)
    refresh(source, source, source, store, SYMBOLS)
    source.rates[KES] = Decimal("1.2902")
    refresh(source, source, source, store, SYMBOLS)
    source.rates[KES] = Decimal("129.10")
    clock.advance(timedelta(minutes=1))
    assert refresh(source, source, source, store, SYMBOLS).doubtful == ()
    record = store.read(KEYS).records[USD, KES]
    assert (record.trusted.rate, record.suspect) == (Decimal("129.10"), None)


def test_what_is_known_of_no_pair_is_nothing(store) -> None:
    assert store.rate_records([(USD, KES)]) == {}
    assert store.rate_records([]) == {}


def test_the_price_book_reads_once_and_again_when_it_is_old(store, clock) -> None:
    source = Source(clock)
    refresh(source, source, source, store, SYMBOLS)
    reads = []

    class Spy:
        def read(self, keys):
            reads.append(1)
            return store.read(keys)

    book = PriceBook(Spy(), clock, SYMBOLS)
    first = book.view()
    assert book.view() is first
    assert first.quotes.keys() == set(SYMBOLS)
    clock.advance(timedelta(seconds=15))
    assert book.view().quotes == first.quotes
    assert len(reads) == 2


def test_the_price_book_keeps_old_prices_when_the_table_cannot_be_read(clock) -> None:
    errors = []

    class Broken:
        def read(self, keys):
            raise ConnectionError

    book = PriceBook(Broken(), clock, SYMBOLS, on_failure=errors.append)
    assert book.view().quotes == {}
    assert book.view().quotes == {}
    assert len(errors) == 1
