"""The last price after a split: in terms of the new shares, once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from shared.corporate_actions.repricing import Quotes
from shared.corporate_actions.running import round_over
from shared.kernel.money import Currency, Price
from shared.market_data.model import Quote
from shared.market_data.outliers import judged
from shared.market_data.store import MarketStore

OPEN = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


@pytest.fixture
def prices(world: Any) -> Any:
    store = MarketStore(world.database)
    earlier = world.clock.now() - timedelta(minutes=5)

    def keep(price: str, as_of: datetime) -> None:
        store.keep_quotes([Quote("QUAL", Price(Decimal(price), Currency.USD), as_of, "t", earlier)])

    def now() -> tuple[Decimal, str]:
        trusted = store.quote_records(["QUAL"])["QUAL"].trusted
        return trusted.price.value, trusted.source

    return keep, now, Quotes(store, world.facts, world.clock, lambda attempt: None)


def test_the_last_close_is_divided_once(prices: Any) -> None:
    keep, now, quotes = prices
    keep("88.99", OPEN - timedelta(hours=17))
    for _ in range(2):
        quotes.split("QUAL", Fraction(2), "s", OPEN)
    assert now() == (Decimal("44.495000"), "split:s")


def test_what_sources_state_before_the_first_trade_divides_or_restores_nothing(
    world: Any, prices: Any
) -> None:
    keep, now, quotes = prices
    keep("88.99", OPEN - timedelta(hours=17))
    quotes.split("QUAL", Fraction(2), "s", OPEN)
    store = MarketStore(world.database)
    known = store.quote_records(["QUAL"])["QUAL"]
    assert known.restated_until == OPEN
    late = world.clock.now() + timedelta(minutes=1)
    usd = Currency.USD
    old = Quote("QUAL", Price(Decimal("88.99"), usd), OPEN - timedelta(hours=1), "a", late)
    assert judged(known, old, old) == known
    new = Quote("QUAL", Price(Decimal("44.86"), usd), OPEN, "a", late)
    assert store.keep_quote_record(judged(known, new))
    assert now() == (Decimal("44.86"), "a")
    assert store.quote_records(["QUAL"])["QUAL"].restated_until is None


def test_a_price_of_the_new_shares_stays(prices: Any) -> None:
    keep, now, quotes = prices
    keep("44.86", OPEN)
    quotes.split("QUAL", Fraction(2), "s", OPEN)
    assert now() == (Decimal("44.86"), "t")


def test_without_a_price_there_is_nothing_to_divide(prices: Any) -> None:
    _, _, quotes = prices
    quotes.split("QUAL", Fraction(1, 10), "s", OPEN)


def test_the_end_of_a_run_divides_the_price_and_the_worth_stays(
    world: Any, prices: Any, make_split: Any
) -> None:
    keep, now, _ = prices
    keep("100", OPEN - timedelta(hours=17))
    user = world.person((date(2025, 6, 2), 3 * 10**9, 30_000))
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    while not round_over(run):
        run = runner.step(run)
    assert now()[0] * world.position(user).quantity_nanos == Decimal(300) * 10**9
