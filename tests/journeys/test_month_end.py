"""The last trading day of a month: two hundred people, one sweep, and every cent where it was."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.investing.model import Side
from shared.kernel.clock import to_text
from shared.kernel.ids import cell_of
from shared.ledger import accounts
from shared.platform.tables import Table
from shared.portfolio.model import BASE
from shared.rebalancing.rows import sweep_key
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Style, in_force, strategy_id
from tests.journeys.conftest import cases_about
from tests.journeys.test_market_hours import Market, market
from tests.journeys.test_replay import dead_letters
from tests.journeys.town import Town, Townsman
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

__all__ = ["market"]
pytestmark = pytest.mark.journey

PEOPLE, SCORE = 200, 4
WORTH = 1_000_000
"""Cents that everybody has in shares."""
REFRESHED_EVERY_S = 20
BESIDE = range(0, PEOPLE, 14)
"""Numbers of those who are far from their target; all others are within their bands."""
SPOILED = 1


def basis_points(number: int, weights: dict[str, int]) -> dict[str, int]:
    """Weights of somebody: those beside their target have too much of one and too little of two
    others; everybody else is off by up to two points of a hundred."""
    off = 700 + number if number in BESIDE else number
    little = off // 2
    moves = {"QUAL": off, "AAAB": little - off, "VLUE": -little}
    return {name: each + moves.get(name, 0) for name, each in weights.items()}


@pytest.fixture
def town(
    endpoints: Endpoints, aws: Callable[[str], Any], market: Market, officer: Person
) -> Iterator[Town]:
    """Whose people are gone after the test, and whose prices with them."""
    town = Town(endpoints, aws, market, cell_of(officer.user_id))
    yield town
    town.move_away()
    town.forget_quotes()


class Refreshing:
    """Prices of this minute while something is waited for, and not with every look."""

    def __init__(self, market: Market) -> None:
        self._market, self._at = market, time.monotonic()

    def sometimes(self) -> bool:
        """Whether it was time for it."""
        if time.monotonic() - self._at < REFRESHED_EVERY_S:
            return False
        self._market.refresh()
        self._at = time.monotonic()
        return True


def swept(town: Town, market: Market) -> None:
    """The schedule's message until everybody was looked at."""
    town.tick()
    refreshing = Refreshing(market)

    def look() -> bool:
        if town.swept():
            return True
        # While prices are old a segment waits, and another tick sends it once more.
        if refreshing.sometimes():
            town.tick()
        return False

    wait_for("all segments", look, seconds=300, every=300)


def everybody(town: Town, market: Market, due: list[Townsman], status: str) -> None:
    """Until the runs of all of them stand so."""
    left, refreshing = list(due), Refreshing(market)

    def look() -> bool:
        nonlocal left
        seen = zip(left, town.each(town.runs_of, left), strict=True)
        left = [one for one, runs in seen if not (runs and runs[0].status == status)]
        refreshing.sometimes()
        return not left

    try:
        wait_for(f"runs that are {status}", look, seconds=300, every=500)
    except TimeoutError:
        seen = town.each(town.runs_of, left)
        told = Counter(runs[0].status if runs else None for runs in seen)
        raise AssertionError(told) from None


def crash(town: Town) -> int:
    """The sweep died after the messages of half of its pages, and before it had kept the pages:
    their segments were begun half an hour ago, and are not done. How many."""
    day, segments = town.today(), town.sweeps.segments(town.today())
    table = town.tables[Table.CORE]
    then = to_text(town.clock.now() - timedelta(minutes=30))
    for number in sorted(segments)[::2]:
        key = sweep_key(day, f"SEGMENT#{number:02}")
        town._client.update_item(
            TableName=table,
            Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}},
            ConditionExpression="done = :yes",
            UpdateExpression="SET done = :no, touched_at = :then REMOVE #cursor",
            ExpressionAttributeNames={"#cursor": "cursor"},
            ExpressionAttributeValues={
                ":yes": {"BOOL": True},
                ":no": {"BOOL": False},
                ":then": {"S": then},
            },
        )
    return len(segments) // 2


def test_at_the_end_of_a_month_exactly_those_beside_their_targets_are_brought_there(
    town: Town, market: Market, officer: Person, aws: Callable[[str], Any]
) -> None:
    friday = town.last_session_of_the_month()
    weights = dict(in_force(FOUNDING, friday)[strategy_id(Style.GROWTH, SCORE)].weights)
    prices = town.prices(weights)
    wanted = []
    for number in range(PEOPLE):
        points = basis_points(number, weights)
        worths = {name: WORTH * each // 10_000 for name, each in points.items()}
        wanted.append({name: int(each * 10**7 / prices[name]) for name, each in worths.items()})
    dead = dead_letters(aws("sqs"))
    people = town.settle(wanted, SCORE)
    spoiled, due = people[SPOILED], [people[number] for number in BESIDE]
    town.spoil(spoiled, "SIZE")
    before = {one: town.distance(one, prices, weights) for one in due}
    assert min(before.values()) > Decimal("0.06")

    # Two ticks at once, and one more after a crash.
    town.tick()
    swept(town, market)
    assert crash(town) == 32
    swept(town, market)
    everybody(town, market, due, "SETTLING")
    sold = {one: town.orders_of(one) for one in due}
    assert {order.side for orders in sold.values() for order in orders} == {Side.BUY, Side.SELL}
    officer.refresh()
    assert len(cases_about(officer, "HOLDINGS_UNREADABLE", spoiled.user_id)) == 1

    # Sales settle, and what they brought is spent.
    market.close()
    market.open()
    swept(town, market)
    everybody(town, market, due, "COMPLETED")
    now = town.prices(weights)
    for one in due:
        (run,) = town.runs_of(one)
        assert (run.why, run.began_on, len(run.plan_ids)) == ("BAND", friday, 2)
        assert town.distance(one, now, weights) < Decimal("0.02") < before[one]

    books, orders = Counter[tuple[str, str]](), town.each(town.orders_of, people)
    whole = [one for one in people if one is not spoiled]
    for each in town.each(town.books_of, whole):
        books.update(each)
    assert books[accounts.customers_cash_at_broker(), BASE.asset] == sum(
        town.ledger.wallet(one.user_id, BASE).posted for one in whole
    )
    assert [bool(each) for each in orders] == [number in BESIDE for number in range(PEOPLE)]
    for one, kept in zip(people, orders, strict=True):
        names = [each["client_order_id"] for each in town.at_broker(one, "/orders?status=all")]
        assert sorted(names) == sorted(order.client_order_id for order in kept)
        assert len(names) == len(set(names))
    assert dead_letters(aws("sqs")) == dead
