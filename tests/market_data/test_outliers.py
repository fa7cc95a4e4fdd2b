"""Prices that jump: in doubt until a second source or time confirms them, and used by nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.kernel.money import Currency, Price
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import Asset, AssetType, FxQuote, MarketClock, Quote
from shared.market_data.outliers import CONFIRMED_AFTER, QuoteRecord, judged, jumps
from shared.market_data.service import refresh
from shared.market_data.store import MarketStore, quote_key

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def quote(value, minutes=0, source="alpaca:quote"):
    at = AT + minutes * MINUTE
    return Quote("QUAL", Price(Decimal(value), Currency.USD), at, source, at)


KNOWN = QuoteRecord(quote("100"))


@pytest.mark.parametrize("value", ["110", "90.91", "100", "100.01"])
def test_a_price_that_moves_as_prices_do_is_believed(value) -> None:
    new = quote(value, 1)
    assert not jumps(KNOWN, new)
    assert judged(KNOWN, new) == QuoteRecord(new)


@pytest.mark.parametrize("value", ["110.01", "90.90", "50", "1000", "0.01"])
def test_a_jump_is_in_doubt_and_the_old_price_stays(value) -> None:
    new = quote(value, 1)
    assert judged(KNOWN, new) == QuoteRecord(KNOWN.trusted, new)


def test_the_first_price_of_all_has_nothing_to_be_compared_with() -> None:
    assert judged(None, quote("5")) == QuoteRecord(quote("5"))


def test_a_second_source_that_agrees_confirms_at_once() -> None:
    new = quote("50", 1)
    assert judged(KNOWN, new, quote("51", 1, "ibkr")) == QuoteRecord(new)
    assert judged(KNOWN, new, quote("51.01", 1, "ibkr")).suspect == new


def test_a_second_source_that_speaks_of_another_time_confirms_nothing() -> None:
    new = quote("50", 10)
    assert judged(KNOWN, new, quote("50", 4, "ibkr")).suspect == new


def test_a_jump_that_the_feed_goes_on_stating_is_real() -> None:
    record = judged(KNOWN, quote("50", 1))
    for minutes in (2, 3):
        record = judged(record, quote("51", minutes))
        assert record == QuoteRecord(KNOWN.trusted, quote("50", 1))
    assert judged(record, quote("51", 4)) == QuoteRecord(quote("51", 4))


def test_a_feed_that_repeats_one_quote_confirms_nothing() -> None:
    stuck = quote("50", 1)
    record = judged(KNOWN, stuck)
    much_later = replace(stuck, fetched_at=stuck.fetched_at + 10 * CONFIRMED_AFTER)
    assert judged(record, much_later) == record


def test_time_confirms_nothing_that_a_second_source_contradicts() -> None:
    record = judged(KNOWN, quote("50", 1))
    for minutes in range(2, 60):
        record = judged(record, quote("50", minutes), quote("100", minutes, "ibkr"))
        assert record.trusted == KNOWN.trusted
        assert record.doubtful


def test_a_jump_that_is_taken_back_leaves_nothing_behind() -> None:
    assert judged(judged(KNOWN, quote("50", 1)), quote("101", 2)) == QuoteRecord(quote("101", 2))


@given(some.lists(some.tuples(some.integers(1, 400), some.integers(1, 400)), max_size=12))
def test_whatever_comes_nobody_acts_on_a_jump_that_is_a_moment_old(moves) -> None:
    record = KNOWN
    for minute, (value, other) in enumerate(moves, start=1):
        before, new = record, quote(str(value), minute)
        second = quote(str(other), minute, "ibkr")
        record = judged(before, new, second)
        assert record.trusted in (before.trusted, new)
        if record.trusted == new and jumps(before, new):
            assert abs(value - other) <= Decimal("0.02") * min(value, other)


class Source:
    """All sources at once; prices by symbol, None for silence."""

    def __init__(self, clock, **prices):
        self.system, self.prices, self.asked = clock, prices, []
        self.broken, self.behind = False, timedelta(0)

    def clock(self):
        now = self.system.now()
        return MarketClock(now, True, now + 20 * MINUTE, now + MINUTE, now)

    def assets(self, symbols):
        now = self.system.now()
        return [Asset(name, name, AssetType.ETF, "id", True, True, now) for name in symbols]

    def latest(self, what, quotes=None):
        now = self.system.now()
        if quotes is not None:
            return [FxQuote(what, one, Decimal(1), now, "test", now) for one in quotes]
        self.asked.append(tuple(what))
        if self.broken:
            raise SourceUnavailable(source="test")
        return [
            Quote(one, Price(Decimal(value), Currency.USD), now - self.behind, "test", now)
            for one in what
            if (value := self.prices.get(one)) is not None
        ]


SYMBOLS = ("QUAL", "SIZE")


@pytest.fixture
def market(database, clock):
    store = MarketStore(database)
    first = Source(clock, QUAL="100", SIZE="50")
    second = Source(clock, QUAL="100", SIZE="50")
    return store, first, second, lambda: refresh(first, first, first, store, SYMBOLS, second)


def view(store):
    return store.read([quote_key(symbol) for symbol in SYMBOLS])


def test_a_second_source_is_not_asked_while_nothing_is_odd(market) -> None:
    store, _, second, run = market
    assert run().counts["quotes"] == 2
    assert second.asked == []
    assert view(store).quotes.keys() == set(SYMBOLS)


def test_a_quote_in_doubt_is_shown_and_not_acted_upon(market, clock) -> None:
    store, first, second, run = market
    run()
    clock.advance(MINUTE)
    first.prices["QUAL"] = "10"
    result = run()
    assert (result.suspects, second.asked) == (("QUAL",), [("QUAL",)])
    seen = view(store)
    assert seen.quotes.keys() == {"SIZE"}
    assert seen.shown["QUAL"].price.value == Decimal(100)
    assert [seen.in_doubt(each) for each in ("QUAL", "SIZE", "TSLA")] == [True, False, False]
    record = seen.quote_records["QUAL"]
    assert (record.trusted.price.value, record.suspect.price.value) == (Decimal(100), Decimal(10))
    second.prices["QUAL"] = "10.1"
    clock.advance(MINUTE)
    assert run().suspects == ()
    assert view(store).quotes["QUAL"].price.value == Decimal(10)
    assert view(store).quote_records["QUAL"].suspect is None


def test_without_a_second_source_time_confirms(market, clock) -> None:
    store, first, _, _ = market
    refresh(first, first, first, store, SYMBOLS)
    first.prices["QUAL"] = "10"
    for expected in (("QUAL",), ("QUAL",), ("QUAL",), ()):
        clock.advance(MINUTE)
        assert refresh(first, first, first, store, SYMBOLS).suspects == expected
    assert view(store).quotes["QUAL"].price.value == Decimal(10)


def test_the_second_source_stands_in_for_one_that_is_down(market, clock) -> None:
    store, first, second, run = market
    run()
    clock.advance(MINUTE)
    first.broken, second.prices = True, {"QUAL": "101"}
    result = run()
    assert result.failed == ("quotes",)
    assert result.counts["quotes"] == 1
    seen = view(store).quotes
    assert (seen["QUAL"].price.value, seen["QUAL"].as_of) == (Decimal(101), clock.now())
    assert seen["SIZE"].as_of == clock.now() - MINUTE


def test_both_sources_down_keep_what_was_known(market, clock) -> None:
    store, first, second, run = market
    run()
    before = view(store)
    clock.advance(MINUTE)
    first.broken = second.broken = True
    assert run().failed == ("quotes", "second")
    assert view(store) == before


def test_the_second_source_is_taken_where_the_first_is_late(market, clock) -> None:
    store, first, second, run = market
    run()
    clock.advance(timedelta(minutes=10))
    first.behind, second.prices = timedelta(minutes=9), {"QUAL": "102"}
    run()
    seen = view(store).quotes
    assert (seen["QUAL"].price.value, seen["QUAL"].as_of) == (Decimal(102), clock.now())
    assert seen["SIZE"].as_of == clock.now() - timedelta(minutes=9)


def test_a_run_that_was_overtaken_changes_nothing(market, clock) -> None:
    store, first, _, run = market
    run()
    (old,) = first.latest(["QUAL"])
    clock.advance(MINUTE)
    (new,) = first.latest(["QUAL"])
    assert store.keep_quote_record(QuoteRecord(new))
    suspect = replace(new, price=Price(Decimal(1), Currency.USD))
    # It builds on a price that is no more the last one.
    assert not store.keep_quote_record(QuoteRecord(old, suspect))
    assert not store.keep_quote_record(QuoteRecord(old))
    assert view(store).quote_records["QUAL"] == QuoteRecord(new)


def test_after_a_split_the_old_price_is_no_news_however_many_state_it() -> None:
    opens = AT + 60 * MINUTE
    restated = QuoteRecord(quote("50", source="split:s"), restated_until=opens)
    for minutes in (1, 10, 59):
        old = quote("100", minutes)
        assert judged(restated, old, quote("100", minutes, "ibkr")) == restated
    new = quote("51", 60)
    assert judged(restated, new) == QuoteRecord(new)
    jump = quote("100", 61)
    assert judged(restated, jump) == replace(restated, suspect=jump)
