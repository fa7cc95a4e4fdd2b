"""The market's clock, quotes and rates as values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, Price
from shared.market_data.model import FxQuote, MarketClock, Quote

SYSTEM = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUSINESS = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def clock(*, is_open, opens, closes):
    return MarketClock(BUSINESS, is_open, BUSINESS + opens, BUSINESS + closes, SYSTEM)


def test_business_time_runs_on_from_the_brokers_answer() -> None:
    one = clock(is_open=True, opens=20 * HOUR, closes=5 * HOUR)
    assert one.now(SYSTEM + timedelta(seconds=90)) == BUSINESS + timedelta(seconds=90)
    assert one.now(SYSTEM - HOUR) == BUSINESS


@pytest.mark.parametrize(
    ("is_open", "opens", "closes", "passed", "trades"),
    [
        (True, 20 * HOUR, 5 * HOUR, 0 * HOUR, True),
        (True, 20 * HOUR, HOUR / 2, HOUR / 2, False),
        (False, HOUR / 2, 7 * HOUR, 0 * HOUR, False),
        (False, HOUR / 2, 7 * HOUR, HOUR / 2, True),
        (True, 20 * HOUR, 5 * HOUR, HOUR + timedelta(seconds=1), False),
    ],
)
def test_open_is_known_between_two_answers(is_open, opens, closes, passed, trades) -> None:
    one = clock(is_open=is_open, opens=opens, closes=closes)
    assert one.open_at(SYSTEM + passed) is trades


def test_a_quote_is_stale_after_its_limit() -> None:
    quote = Quote("A", Price(Decimal(1), Currency.USD), BUSINESS, "test", SYSTEM)
    limit = timedelta(seconds=60)
    assert not quote.stale(limit, BUSINESS + limit)
    assert quote.stale(limit, BUSINESS + limit + timedelta(microseconds=1))
    assert quote.age(BUSINESS - HOUR) == timedelta(0)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_positive_and_finite(rate) -> None:
    with pytest.raises(ValueError, match="positive"):
        FxQuote(Currency.KES, Currency.USD, Decimal(rate), BUSINESS, "test", SYSTEM)
