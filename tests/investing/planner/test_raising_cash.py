"""Selling what is furthest above target: vectors, an exact oracle, and properties."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.raising import drain, draw, trim
from shared.portfolio.valuation import drift

VALUES = {"VTI": 450_000, "VXUS": 150_000, "BND": 300_000, "BNDX": 100_000}
TARGETS = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}


@pytest.mark.parametrize(
    ("need", "sells"),
    [
        (15_000, {"BND": 15_000}),
        (100_000, {"BND": 50_000, "VTI": 50_000}),
        (400_000, {"BND": 150_000, "VTI": 210_000, "BNDX": 40_000}),
        (1_000_000, VALUES),
        (2_000_000, VALUES),
        (0, {}),
    ],
)
def test_what_is_furthest_above_its_target_is_sold_first(need, sells) -> None:
    assert drain(VALUES, TARGETS, need) == sells


def test_what_has_no_target_goes_first_and_in_proportion() -> None:
    values = {"OLD": 30_000, "ODD": 10_000, "VTI": 50_000}
    assert drain(values, {"VTI": 10_000}, 20_000) == {"OLD": 15_000, "ODD": 5_000}
    assert drain(values, {"VTI": 10_000}, 45_000) == {"OLD": 30_000, "ODD": 10_000, "VTI": 5_000}
    assert drain(values, values, 45_000) == {"OLD": 15_000, "ODD": 5_000, "VTI": 25_000}


def test_sales_that_are_too_small_are_made_by_the_others() -> None:
    sells = draw({"A": 10_050, "B": 10_000}, {"A": 5000, "B": 5000}, 1_100, 540)
    assert (sells.amounts, sells.missing_minor) == ({"A": 1_100}, 0)
    assert [(one.symbol, one.amount_minor) for one in sells.merged] == [("B", 525)]


def test_a_need_below_the_smallest_order_is_met_by_one_of_that_size() -> None:
    sells = draw({"A": 10_000, "B": 5_000}, {"A": 5000, "B": 5000}, 1, 100)
    assert (sells.amounts, sells.missing_minor) == ({"A": 100}, 0)


def test_more_than_there_is_cannot_be_raised() -> None:
    sells = draw({"A": 300, "B": 50}, {"A": 5000, "B": 5000}, 400, 100)
    assert (sells.amounts, sells.missing_minor) == ({"A": 300, "B": 50}, 50)


def test_a_rebalance_trims_to_the_target_and_not_below() -> None:
    assert trim(VALUES, TARGETS, 1_000_000) == {"BND": 50_000, "VTI": 50_000}
    assert trim({"A": 334, "OLD": 5}, {"A": 10_000}, 333) == {"A": 1, "OLD": 5}


symbols = st.sampled_from("ABCDEFGHIJ")
portfolios = st.dictionaries(symbols, st.integers(0, 10**9), max_size=10)
targets = st.dictionaries(symbols, st.integers(1, 10_000), min_size=1, max_size=10)
needs = st.integers(0, 10**9)


def oracle(values, weights, need) -> dict[str, Fraction]:
    """By bisection over the exact break points: slow, and by the formula itself."""

    def raised(level: Fraction) -> Fraction:
        return sum(
            (
                max(Fraction(0), worth - level * weights.get(name, 0))
                for name, worth in values.items()
            ),
            Fraction(0),
        )

    points = sorted(
        {Fraction(values[n], weights[n]) for n in values if n in weights} | {Fraction(0)}
    )
    high = next(point for point in points if raised(point) <= need)
    below = [point for point in points if point < high]
    if not below:
        return {name: Fraction(worth) for name, worth in values.items()}
    low = below[-1]
    share = (raised(low) - need) / (raised(low) - raised(high))
    level = low + share * (high - low)
    return {n: max(Fraction(0), worth - level * weights.get(n, 0)) for n, worth in values.items()}


@given(portfolios, targets, needs)
def test_the_level_is_that_of_the_exact_formula(values, weights, need) -> None:
    strangers = sum(worth for name, worth in values.items() if name not in weights)
    sells = drain(values, weights, need)
    assert sum(sells.values()) == min(need, sum(values.values()))
    assert all(0 < amount <= values[name] for name, amount in sells.items())
    if strangers < need < sum(values.values()):
        for name, exact in oracle(values, weights, need).items():
            assert abs(sells.get(name, 0) - exact) < 1


@given(portfolios, targets, needs, st.randoms())
def test_the_order_of_assets_does_not_matter(values, weights, need, random) -> None:
    mixed = dict(random.sample(list(values.items()), len(values)))
    other = dict(random.sample(list(weights.items()), len(weights)))
    assert drain(mixed, other, need) == drain(values, weights, need)
    assert draw(mixed, other, need, 100) == draw(values, weights, need, 100)


@given(portfolios, targets, needs, needs)
def test_who_needs_more_sells_no_less_of_anything(values, weights, one, other) -> None:
    less, more = sorted((one, other))
    few, many = drain(values, weights, less), drain(values, weights, more)
    assert all(many.get(name, 0) >= amount - 1 for name, amount in few.items())


@given(portfolios, targets, needs, st.integers(1, 500))
def test_no_sale_is_too_small_and_what_can_be_raised_is(values, weights, need, minimum) -> None:
    sells = draw(values, weights, need, minimum)
    for name, amount in sells.amounts.items():
        assert amount == values[name] or minimum <= amount < values[name]
    assert sells.missing_minor == max(0, need - sum(values.values()))
    assert sum(sells.amounts.values()) >= min(need, sum(values.values()))


@given(portfolios, targets)
def test_trimming_never_takes_a_portfolio_further_from_its_target(values, weights) -> None:
    whole = sum(weights.values())
    model = {name: weight * 10_000 // whole for name, weight in weights.items()}
    model[min(model)] += 10_000 - sum(model.values())
    sells = trim(values, model, sum(values.values()))
    after = {name: worth - sells.get(name, 0) for name, worth in values.items()}
    assert drift(after, model, sum(sells.values())) <= drift(values, model)
