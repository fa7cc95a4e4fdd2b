"""Valuation: exact worths and weights, and what is not known stays unknown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.kernel.money import Currency, Money, Price
from shared.ledger.model import Wallet
from shared.market_data.model import Quote
from shared.portfolio.model import Position, State
from shared.portfolio.valuation import drift, value

USD = Currency.USD
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def held(symbol, shares, cost):
    return Position("u", symbol, int(Decimal(shares) * 10**9), cost)


def quote(symbol, price, age=0):
    at = NOW - timedelta(seconds=age)
    return Quote(symbol, Price(Decimal(price), USD), at, "test", NOW)


def test_four_quarters_against_thirty_and_twenty_have_a_drift_of_ten_percent() -> None:
    values = dict.fromkeys("ABCD", 2_500)
    targets = {"A": 3000, "B": 2000, "C": 3000, "D": 2000}
    assert drift(values, targets) == Fraction(1, 10)


def test_cash_counts_as_distance() -> None:
    assert drift({"A": 9_975}, {"A": 10_000}, 25) == Fraction(25, 10_000)
    assert drift({}, {"A": 10_000}) == 0


def test_holdings_have_value_weight_and_target() -> None:
    quotes = {"A": quote("A", "118.07"), "B": quote("B", "50")}
    result = value(
        [held("B", "1", 4_900), held("A", "0.5", 6_000), held("C", "0", 0)],
        Money(100, USD),
        quotes,
        business_now=NOW,
        max_age=MINUTE,
        targets_bp={"A": 6_000, "B": 4_000},
    )
    # 59.035 is rounded half to even: 59.04.
    assert [(one.position.symbol, one.value.minor) for one in result.holdings] == [
        ("A", 5_904),
        ("B", 5_000),
    ]
    assert result.total == Money(11_004, USD)
    assert [str(one.weight) for one in result.holdings] == ["0.536532", "0.454380"]
    assert [str(one.target) for one in result.holdings] == ["0.600000", "0.400000"]
    assert str(result.drift) == "0.063468"
    assert (result.stale, result.as_of) == (False, NOW)


def test_without_a_price_there_is_no_total_and_no_weight() -> None:
    result = value(
        [held("A", "1", 100), held("B", "1", 100)],
        Money(0, USD),
        {"A": quote("A", "10")},
        business_now=NOW,
        max_age=MINUTE,
        targets_bp={"A": 10_000},
    )
    assert (result.total, result.drift, result.stale) == (None, None, True)
    assert [one.value for one in result.holdings] == [Money(1_000, USD), None]
    assert [one.weight for one in result.holdings] == [None, None]


@pytest.mark.parametrize(
    ("age", "now", "stale"), [(60, NOW, False), (61, NOW, True), (0, None, True)]
)
def test_a_price_is_stale_by_the_markets_clock(age, now, stale) -> None:
    quotes = {"A": quote("A", "10", age)}
    result = value([held("A", "1", 100)], Money(0, USD), quotes, business_now=now, max_age=MINUTE)
    assert result.stale is stale
    assert result.total == Money(1_000, USD)


def test_cash_alone_is_a_portfolio() -> None:
    result = value([], Money(500, USD), {}, business_now=NOW, max_age=MINUTE)
    assert (result.total, result.as_of, result.stale) == (Money(500, USD), None, False)


def test_net_deposits_do_not_change_by_buying() -> None:
    before = State("u", wallets={USD: Wallet("u", USD, posted=10_000)})
    bought = State(
        "u",
        wallets={USD: Wallet("u", USD, posted=4_000)},
        positions={"A": held("A", "1", 6_000)},
    )
    assert before.net_deposits == bought.net_deposits == Money(10_000, USD)


def test_the_average_price_is_cost_per_share() -> None:
    assert held("A", "0.3", 1_000).average_price == Money(3_333, USD)
    assert held("A", "0", 0).average_price is None
