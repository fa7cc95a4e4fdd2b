"""Cash-flow-first: reference vectors, and properties over all portfolios."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.rebalancing import Merged, budget_of, distribute, fill
from shared.portfolio.valuation import as_decimal, drift
from shared.strategies.founding import FOUNDING

VALUES = {"VTI": 450_000, "VXUS": 150_000, "BND": 300_000, "BNDX": 100_000}
TARGETS = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}


def after(values, buys):
    return {name: values.get(name, 0) + buys.get(name, 0) for name in {*values, *buys}}


@pytest.mark.parametrize(
    ("deposit", "buys", "drift_after"),
    [
        (50_000, {"VXUS": 50_000}, "0.064286"),
        (100_000, {"VXUS": 100_000}, "0.031818"),
        (
            250_000,
            {"VTI": 50_000, "VXUS": 162_500, "BND": 12_500, "BNDX": 25_000},
            "0.000000",
        ),
        (
            500_000,
            {"VTI": 150_000, "VXUS": 225_000, "BND": 75_000, "BNDX": 50_000},
            "0.000000",
        ),
    ],
)
def test_a_deposit_fills_the_most_underweight_first(deposit, buys, drift_after) -> None:
    assert str(as_decimal(drift(VALUES, TARGETS))) == "0.100000"
    assert fill(VALUES, TARGETS, deposit) == buys
    assert str(as_decimal(drift(after(VALUES, buys), TARGETS))) == drift_after


def test_cents_that_do_not_divide_go_by_largest_remainder_then_symbol() -> None:
    assert fill({}, {"C": 1, "A": 1, "B": 1}, 10_001) == {"A": 3334, "B": 3334, "C": 3333}
    weights = {"A": 40, "B": 25, "C": 25, "D": 10}
    assert fill({}, weights, 5) == {"A": 2, "B": 1, "C": 1, "D": 1}


def test_orders_below_the_minimum_flow_to_those_further_below_target() -> None:
    model = next(one for one in FOUNDING if one.score == 1)
    buys = distribute({}, model.weights, 1000, 100)
    # 2 % of 10.00 would be 0.20: the small ones are merged until every order is placeable.
    assert dict(buys.orders) == {"AAAB": 1000}
    assert {each.symbol for each in buys.merged} == {"MTUM", "QUAL", "SIZE", "USMV", "VLUE"}
    assert buys.left_minor == 0


def test_less_than_one_order_stays_cash() -> None:
    buys = distribute({}, {"A": 1, "B": 1}, 99, 100)
    assert dict(buys.orders) == {}
    assert buys.left_minor == 99
    assert buys.merged == (Merged("B", 49), Merged("A", 99))


def test_the_buffer_is_a_part_of_the_whole_portfolio_rounded_up() -> None:
    assert budget_of(10_000, {}, 25) == 9_975
    assert budget_of(10_001, {}, 25) == 9_975
    assert budget_of(2_000, {"A": 1_000_000}, 25) == 0
    assert budget_of(0, {}, 25) == 0


symbols = st.sampled_from("ABCDEFGHIJ")
portfolios = st.dictionaries(symbols, st.integers(0, 10**9), max_size=10)
targets = st.dictionaries(symbols, st.integers(1, 10_000), min_size=1, max_size=10)
budgets = st.integers(0, 10**9)


@given(portfolios, targets, budgets)
def test_nothing_is_sold_and_every_cent_is_placed(values, weights, budget) -> None:
    buys = fill(values, weights, budget)
    assert all(amount > 0 for amount in buys.values())
    assert sum(buys.values()) == budget
    assert buys.keys() <= weights.keys()


@given(portfolios, targets, budgets, st.integers(1, 500))
def test_no_order_is_too_small_and_no_cent_is_lost(values, weights, budget, minimum) -> None:
    buys = distribute(values, weights, budget, minimum)
    assert all(amount >= minimum for amount in buys.orders.values())
    assert sum(buys.orders.values()) + buys.left_minor == budget
    assert buys.left_minor == 0 or not buys.orders
    assert bool(buys.orders) == (budget >= minimum and budget > 0)


@given(portfolios, targets, budgets, st.integers(1, 500))
def test_the_distance_to_target_never_grows(values, weights, budget, minimum) -> None:
    whole = sum(weights.values())
    model = {name: weight * 10_000 // whole for name, weight in weights.items()}
    model[min(model)] += 10_000 - sum(model.values())
    model = {name: weight for name, weight in model.items() if weight}
    orders = distribute(values, model, budget, minimum).orders
    cash = budget - sum(orders.values())
    assert drift(after(values, orders), model, cash) <= drift(values, model, budget)


@given(portfolios, targets, budgets, st.randoms())
def test_the_order_of_assets_does_not_matter(values, weights, budget, random) -> None:
    shuffled = list(weights.items())
    random.shuffle(shuffled)
    mixed = dict(random.sample(list(values.items()), len(values)))
    assert fill(mixed, dict(shuffled), budget) == fill(values, weights, budget)
    assert distribute(mixed, dict(shuffled), budget, 100) == distribute(
        values, weights, budget, 100
    )


@given(portfolios, targets, budgets)
def test_what_is_bought_reaches_one_common_level(values, weights, budget) -> None:
    buys = fill(values, weights, budget)
    levels = [(values.get(name, 0) + amount) / weights[name] for name, amount in buys.items()]
    untouched = [values.get(name, 0) / weights[name] for name in weights.keys() - buys.keys()]
    # A cent of rounding is worth 1/weight of level.
    slack = sum(1 / weights[name] for name in weights)
    assert not levels or max(levels) - min(levels) <= slack + max(levels) * 1e-12
    assert not levels or all(level >= min(levels) - slack for level in untouched)
