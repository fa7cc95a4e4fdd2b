"""The cache in a real server: fast, slow, gone, back again, and killed while many read."""

import threading
import time
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest

from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.money import Currency, Price
from shared.market_data.cache import CachedReads, CacheUnavailable
from shared.market_data.model import Quote
from shared.market_data.providers.valkey import (
    ANSWER_WITHIN,
    CONNECT_WITHIN,
    PREFIX,
    ValkeyCache,
    cache_at,
    iam_token,
)
from shared.market_data.store import MarketStore, quote_key
from shared.platform.memory import MemoryDatabase

SOON = timedelta(seconds=15)


def test_what_is_put_is_there_and_ends(valkey) -> None:
    cache = ValkeyCache(valkey.url)
    cache.put({"a": "1", "b": "2"}, SOON)
    assert cache.get(["a", "missing", "b"]) == {"a": "1", "b": "2"}
    cache.put({"a": "3"}, timedelta(milliseconds=20))
    deadline = time.monotonic() + 2
    while cache.get(["a"]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert cache.get(["a", "b"]) == {"b": "2"}


def test_one_of_many_gets_a_claim(valkey) -> None:
    caches = [ValkeyCache(valkey.url) for _ in range(5)]
    assert [cache.claim("fill", SOON) for cache in caches] == [True] + [False] * 4
    assert caches[4].claim("other", SOON)


def test_names_carry_the_format_and_lie_in_one_slot(valkey) -> None:
    cache = ValkeyCache(valkey.url)
    cache.put({"QUOTES/QUAL": "1"}, SOON)
    assert cache._connected().keys() == [f"{PREFIX}QUOTES/QUAL"] == ["{market}:1:QUOTES/QUAL"]


def test_a_server_that_hangs_is_given_up_within_the_budget(valkey) -> None:
    cache = ValkeyCache(valkey.url)
    cache.put({"a": "1"}, SOON)
    valkey.hang()
    try:
        for call in (lambda: cache.get(["a"]), lambda: cache.claim("b", SOON)):
            began = time.monotonic()
            with pytest.raises(CacheUnavailable, match="TimeoutError"):
                call()
            # Once, without a second attempt; the rest is room for a busy machine.
            assert time.monotonic() - began < (CONNECT_WITHIN + 4 * ANSWER_WITHIN).total_seconds()
    finally:
        valkey.go_on()

    def answered():
        try:
            return cache.get(["a"])
        except CacheUnavailable:
            # What a busy machine does not answer at once, it answers the next time.
            return None

    assert next(filter(None, (answered() for _ in range(50)))) == {"a": "1"}


def test_a_server_that_is_gone_is_said_to_be_and_found_when_it_is_back(valkey) -> None:
    cache = ValkeyCache(valkey.url)
    cache.put({"a": "1"}, SOON)
    valkey.kill()
    with pytest.raises(CacheUnavailable, match="ConnectionError"):
        cache.get(["a"])
    valkey.start()
    assert cache.get(["a"]) == {}


def test_an_address_that_is_none_is_a_cache_that_is_not_there() -> None:
    with pytest.raises(CacheUnavailable):
        ValkeyCache("nonsense://").get(["a"])


class Truth(MemoryDatabase):
    """A table whose price grows; readers are told what it was when."""

    def __init__(self):
        super().__init__()
        self.moments, self.reads = [], 0

    def price(self, value):
        now = SystemClock().now()
        price = Price(Decimal(value), Currency.USD)
        MarketStore(self).keep_quotes([Quote("QUAL", price, now, "test", now)])
        self.moments.append((time.monotonic(), value))

    def least(self, at):
        """The oldest price that may be served at a moment."""
        return max(value for moment, value in list(self.moments) if moment <= at)

    def get_many(self, keys):
        self.reads += 1
        return super().get_many(keys)


def test_killing_it_while_many_read_costs_nobody_a_right_price(valkey) -> None:
    truth, clock = Truth(), SystemClock()
    fresh, kept = timedelta(milliseconds=40), timedelta(milliseconds=200)
    truth.price(1)
    stop, wrong, served = threading.Event(), [], []

    def read():
        reads = CachedReads(
            truth,
            ValkeyCache(valkey.url),
            clock,
            lambda span: time.sleep(span.total_seconds()),
            fresh=fresh,
            kept=kept,
        )
        store = MarketStore(reads)
        while not stop.is_set():
            # The writer notes a price just after it is there: a moment of grace for that.
            allowed = truth.least(max(time.monotonic() - kept.total_seconds() - 0.05, first))
            try:
                value = int(store.read([quote_key("QUAL")]).quotes["QUAL"].price.value)
            except Exception as error:  # noqa: BLE001 - any failure is what must not be
                wrong.append(repr(error))
                return
            if value < allowed:
                wrong.append((value, allowed))
            served.append(value)

    first = time.monotonic()
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()

    def go_on(steps, start):
        for value in range(start, start + steps):
            time.sleep(0.02)
            truth.price(value)

    go_on(20, 2)
    valkey.kill()
    go_on(20, 22)
    valkey.start()
    go_on(10, 42)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert served[-1] >= 22


def many(truth, valkey, failures):
    """Readers of one table over one server, in a time that stands still."""
    clock, kept = FixedClock(SystemClock().now()), timedelta(minutes=5)

    def reader():
        cache = ValkeyCache(valkey.url)
        return CachedReads(truth, cache, clock, lambda span: None, failures.append, kept=kept)

    return [MarketStore(reader()) for _ in range(8)]


def rounds(truth, stores, number):
    """How often the table was asked for so many readings by each."""
    before = truth.reads
    for _ in range(number):
        for store in stores:
            assert store.read([quote_key("QUAL")]).quotes["QUAL"].price.value == 1
    return truth.reads - before


def test_many_readers_ask_the_table_once_and_each_time_where_the_cache_is_gone(valkey) -> None:
    truth = Truth()
    truth.price(1)
    for _ in range(5):
        failures = []
        stores = many(truth, valkey, failures)
        asked = rounds(truth, stores, 5)
        if not failures:
            break
        # On a busy machine the server answers too late, which is another test's matter.
        valkey.kill()
        valkey.start()
    assert (asked, failures) == (1, [])
    valkey.kill()
    assert rounds(truth, stores, 5) == 5 * len(stores)
    assert len(failures) == len(stores)


def test_a_token_for_aws_is_a_signed_request_to_connect() -> None:
    session = botocore.session.get_session()
    session.set_credentials("AKIA0", "secret")
    user, token = iam_token(session, "af-south-1", "baobab-prices", "functions")
    assert user == "functions"
    parts = urlsplit(f"https://{token}")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("baobab-prices", "/")
    assert (asked["Action"], asked["User"], asked["ResourceType"]) == (
        "connect",
        "functions",
        "ServerlessCache",
    )
    assert asked["X-Amz-Expires"] == "900"
    assert "/af-south-1/elasticache/aws4_request" in asked["X-Amz-Credential"]
    assert "secret" not in token


def test_a_cache_on_aws_speaks_tls_and_names_its_user(monkeypatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "af-south-1")
    cache = cache_at("rediss://functions@prices.example:6379", "baobab-prices")
    client = cache._connected()
    settings = client.connection_pool.connection_kwargs
    assert client.connection_pool.connection_class.__name__ == "SSLConnection"
    assert settings["host"] == "prices.example"
    assert settings["credential_provider"].get_credentials()[0] == "functions"
    assert "password" not in settings
    assert settings["socket_timeout"] == ANSWER_WITHIN.total_seconds()


def test_a_local_cache_asks_for_no_token() -> None:
    client = cache_at("redis://127.0.0.1:1")._connected()
    assert client.connection_pool.connection_kwargs.get("credential_provider") is None
