"""Exactness of amounts, quantities, prices and rates."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidValue
from shared.kernel.money import (
    Currency,
    CurrencyMismatch,
    FxRate,
    Money,
    Price,
    Quantity,
    allocate,
)

USD, KES = Currency.USD, Currency.KES


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("0", 0),
        ("1", 100),
        ("100.01", 10001),
        ("0.5", 50),
        ("-3.20", -320),
        ("9999999999999", 999999999999900),
    ],
)
def test_amounts_are_read_exactly(text: str, minor: int) -> None:
    assert Money.parse(text, USD) == Money(minor, USD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.001",
        "01",
        "1e3",
        "NaN",
        "Infinity",
        "+1",
        " 1",
        "1 ",
        "1,0",
        ".5",
        "1.",
        "\uff11\uff12",
        "1_0",
        "--1",
        "10000000000000",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        Money.parse(text, USD)


@given(st.integers(-(10**14), 10**14))
def test_an_amount_survives_its_text(minor: int) -> None:
    money = Money(minor, KES)
    assert Money.parse(money.amount, KES) == money


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, USD) + Money(1, KES)
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, USD) < Money(1, KES)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10001, (1, 1, 1), (3334, 3334, 3333)),
        (5, (4000, 2500, 2500, 1000), (2, 1, 1, 1)),
        (0, (1, 2), (0, 0)),
        (-100, (1, 2), (-33, -67)),
        (7, (0, 1), (0, 7)),
    ],
)
def test_largest_remainder_gives_the_published_splits(
    total: int, weights: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    assert allocate(total, weights) == parts


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_the_parts_always_sum_to_the_whole(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            allocate(total, weights)
        return
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_a_price_values_nano_shares_with_one_rounding() -> None:
    price = Price(Decimal("181.36"), USD)
    assert price.value_of(Quantity.parse("0.05513895")) == Money(1000, USD)
    assert price.value_of(Quantity.parse("0.05513895"), ROUND_DOWN) == Money(999, USD)
    assert price.quantity_for(Money(1000, USD), ROUND_DOWN) == Quantity.parse("0.055138950")
    assert price.quantity_for(Money(1000, USD), ROUND_UP) == Quantity.parse("0.055138951")


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_price_is_positive_and_finite(value: str) -> None:
    with pytest.raises(InvalidValue):
        Price(Decimal(value), USD)


def test_shillings_become_dollars_at_the_stored_rate() -> None:
    rate = FxRate(KES, USD, Decimal("0.00774"), "quote", datetime(2026, 1, 30, tzinfo=UTC))
    assert rate.convert(Money(650_000, KES), ROUND_HALF_EVEN) == Money(5031, USD)
    with pytest.raises(CurrencyMismatch):
        rate.convert(Money(1, USD), ROUND_HALF_EVEN)
