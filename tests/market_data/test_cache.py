"""The price cache: believed for seconds, filled by one, and never more than a help."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Price
from shared.market_data.breakers import Switches
from shared.market_data.cache import (
    CACHED,
    FRESH,
    KEPT,
    LONGEST_REST,
    PAUSE,
    REST,
    CachedReads,
    CacheUnavailable,
)
from shared.market_data.model import Breaker, BreakerState, Quote
from shared.market_data.store import (
    BREAKERS,
    MarketStore,
    asset_key,
    breaker_key,
    clock_key,
    fx_key,
    quote_key,
)
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Key, Table

QUAL, SIZE = quote_key("QUAL"), quote_key("SIZE")
SECOND = timedelta(seconds=1)


class Counting(MemoryDatabase):
    """Remembers what was read in each request."""

    def __init__(self):
        super().__init__()
        self.reads = []

    def get_many(self, keys):
        self.reads.append(list(keys))
        return super().get_many(keys)


class Shelf:
    """See Cache; everything it holds is open to the test."""

    def __init__(self):
        self.texts, self.claims, self.broken, self.calls = {}, set(), (), []

    def _call(self, what):
        self.calls.append(what)
        if what in self.broken:
            raise CacheUnavailable(what)

    def get(self, names):
        self._call("get")
        return {name: self.texts[name] for name in names if name in self.texts}

    def put(self, values, kept):
        self._call("put")
        assert kept == KEPT
        self.texts |= values

    def claim(self, name, kept):
        self._call("claim")
        first = name not in self.claims
        self.claims.add(name)
        return first


class World:
    """One table, one shelf, and readers in front of them."""

    def __init__(self, clock):
        self.table, self.shelf, self.clock = Counting(), Shelf(), clock
        self.pauses, self.failures = [], []
        self.store = MarketStore(self.table)

    def reader(self, while_waiting=lambda: None):
        def pause(span):
            self.pauses.append(span)
            while_waiting()

        return CachedReads(self.table, self.shelf, self.clock, pause, self.failures.append)

    def price(self, value, symbol="QUAL"):
        now = self.clock.now()
        price = Price(Decimal(value), Currency.USD)
        self.store.keep_quotes([Quote(symbol, price, now, "test", now)])

    def later(self, span):
        self.clock.advance(span)
        self.shelf.claims.clear()


@pytest.fixture
def world(clock):
    made = World(clock)
    made.price("10")
    return made


def seen(reader, *keys):
    return MarketStore(reader).read(keys or [QUAL]).quotes["QUAL"].price.value


def test_a_second_reader_asks_the_table_nothing(world) -> None:
    assert seen(world.reader()) == seen(world.reader()) == 10
    assert world.table.reads == [[QUAL]]


def test_an_entry_says_what_the_row_says_and_when_it_was_read(world, clock) -> None:
    direct = world.store.read([QUAL]).quotes["QUAL"]
    world.reader().get_many([QUAL])
    (text,) = world.shelf.texts.values()
    assert json.loads(text)["read_at"] == to_text(clock.now())
    again = MarketStore(world.reader()).read([QUAL]).quotes["QUAL"]
    assert again == direct
    assert (again.as_of, again.source) == (direct.as_of, "test")


def test_a_fresh_entry_is_used_without_a_thought(world) -> None:
    seen(world.reader())
    world.later(FRESH - timedelta(microseconds=1))
    world.price("11")
    assert seen(world.reader()) == 10
    assert world.shelf.calls == ["get", "claim", "put", "get"]


def test_after_that_one_reads_for_all(world) -> None:
    seen(world.reader())
    world.later(FRESH)
    world.price("11")
    assert seen(world.reader()) == 11
    # The cache was not told in time: whoever is late still gets the older price, not the table.
    reads = len(world.table.reads)
    assert seen(world.reader()) == 11
    assert len(world.table.reads) == reads


def test_while_one_reads_others_use_what_is_there(world) -> None:
    seen(world.reader())
    world.later(FRESH)
    world.price("11")
    world.shelf.claims.add("claim:QUOTES/QUAL")
    assert seen(world.reader()) == 10
    assert world.pauses == []


def test_nothing_is_used_that_is_too_old_whoever_holds_the_claim(world) -> None:
    seen(world.reader())
    world.later(KEPT)
    world.price("11")
    world.shelf.claims.add("claim:QUOTES/QUAL")
    assert seen(world.reader()) == 11
    assert world.pauses == [PAUSE, PAUSE]


def test_who_finds_it_empty_waits_a_moment_for_the_one_who_fills_it(world) -> None:
    world.shelf.claims.add("claim:QUOTES/QUAL")
    filling = CachedReads(world.table, world.shelf, world.clock, lambda span: None)

    def fill():
        world.shelf.claims.clear()
        filling.get_many([QUAL])

    assert seen(world.reader(fill)) == 10
    assert world.table.reads == [[QUAL]]
    assert world.pauses == [PAUSE]


def test_what_is_not_there_is_remembered_as_absent(world) -> None:
    assert world.reader().get_many([SIZE]) == {}
    assert world.reader().get_many([SIZE]) == {}
    assert world.table.reads == [[SIZE]]
    world.price("7", "SIZE")
    world.later(FRESH)
    assert SIZE in world.reader().get_many([SIZE])


def test_breakers_and_people_are_always_read_from_the_table(world, clock) -> None:
    opened = Breaker("trading", BreakerState.OPEN, "volatility", clock.now())
    reader = world.reader()
    person = Key(Table.CORE, "USER#1", "WALLET#USD")
    wanted = [QUAL, breaker_key("trading"), person]
    assert MarketStore(reader).read(wanted).breakers == {}
    world.table.write(Switches(world.table).change(None, opened))
    assert MarketStore(reader).read(wanted).breakers["trading"].blocks
    assert world.table.reads == [wanted, wanted[1:]]
    assert set(world.shelf.texts) == {"QUOTES/QUAL"}
    assert BREAKERS not in CACHED


def test_only_what_can_be_cached_asks_the_cache(world) -> None:
    world.reader().get_many([breaker_key("trading")])
    assert world.shelf.calls == []
    names = {key.pk for key in (clock_key(), QUAL, asset_key("QUAL"))}
    assert names | {fx_key(Currency.USD, Currency.KES).pk} < CACHED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"read_at": 1, "item": null}',
        '{"read_at": "2026-03-02T15:30:00", "item": null}',
        '{"read_at": "2026-03-02T15:30:00Z", "item": []}',
        '{"read_at": "2026-03-02T15:30:00Z", "item": {"pk": {"S": "QUOTES"}}}',
        '{"read_at": "2026-03-02T15:30:00Z", "item": {"pk": {"S": "QUOTES"}, "sk": {"S": "SIZE"}, '
        '"kind": {"S": "quote"}}}',
        '{"read_at": "2026-03-02T15:30:00Z", "item": {"pk": {"S": "QUOTES"}, "sk": {"S": "QUAL"}}}',
        '{"read_at": "2026-03-02T15:30:01.1Z", "item": null}',
        '{"read_at": "2027-03-02T15:30:00Z", "item": null}',
    ],
)
def test_an_entry_that_makes_no_sense_is_none(world, text) -> None:
    world.shelf.texts["QUOTES/QUAL"] = text
    assert seen(world.reader()) == 10
    assert len(world.table.reads) == 1


@pytest.mark.parametrize("broken", ["get", "claim", "put"])
def test_a_cache_that_fails_at_any_call_costs_nobody_a_price(world, broken) -> None:
    world.shelf.broken = (broken,)
    assert seen(world.reader()) == 10
    assert [str(each) for each in world.failures] == [broken]


def test_a_cache_that_is_down_is_left_alone_for_longer_and_longer(world) -> None:
    world.shelf.broken = ("get",)
    reader, rest = world.reader(), REST
    for _ in range(8):
        asked = len(world.shelf.calls)
        assert seen(reader) == seen(reader) == 10
        assert len(world.shelf.calls) == asked + 1
        world.later(rest)
        rest = min(2 * rest, LONGEST_REST)
    world.shelf.broken = ()
    assert seen(reader) == 10
    world.shelf.broken = ("get",)
    world.later(FRESH)
    assert seen(reader) == 10
    asked = len(world.shelf.calls)
    world.later(REST)
    seen(reader)
    assert len(world.shelf.calls) == asked + 1


def test_a_table_that_fails_is_not_hidden_by_an_empty_cache(world) -> None:
    def broken(keys):
        raise ConnectionError

    world.table.get_many = broken
    with pytest.raises(ConnectionError):
        world.reader().get_many([QUAL])
    assert world.shelf.texts == {}


def test_everything_else_goes_to_the_table(world) -> None:
    reader = world.reader()
    store = MarketStore(reader)
    later = world.clock.now() + SECOND
    assert store.keep_quotes([Quote("SIZE", Price(Decimal(3), Currency.USD), later, "t", later)])
    page = reader.query(Table.MARKET, "QUOTES", "A", "Z", newest_first=True, limit=1)
    assert [item.sk for item in page.items] == ["SIZE"]
    assert reader.query(Table.MARKET, "QUOTES", "A", "Z", after="QUAL").items[0].sk == "SIZE"
    assert reader.pending(0, "9", 5).items == ()
    assert reader.waiting("KYC_REVIEW#0", "", 5) == ()
    assert world.shelf.calls == []
