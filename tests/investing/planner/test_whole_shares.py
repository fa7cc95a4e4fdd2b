"""Whole shares: the reference value, and an independent peer."""

import warnings
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.whole_shares import whole_shares

LAST = {"MTUM": "143.73", "QUAL": "111.883", "USMV": "71.134"}


@pytest.fixture(scope="module")
def peer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pypfopt.discrete_allocation import DiscreteAllocation
    return DiscreteAllocation


def of_peer(peer, weights, prices, budget):
    import pandas

    allocation = peer(weights, pandas.Series(prices), total_portfolio_value=budget)
    shares, left = allocation.greedy_portfolio()
    return {name: int(count) for name, count in shares.items()}, left


@pytest.mark.parametrize("budget", [1000, 2_500, 777, 400])
def test_the_peer_buys_the_same_shares(peer, budget) -> None:
    exact = {name: Fraction(Decimal(price)) for name, price in LAST.items()}
    ours = whole_shares({"MTUM": 5, "QUAL": 3, "USMV": 2}, exact, Fraction(budget))
    shares, left = of_peer(
        peer,
        {"MTUM": 0.5, "QUAL": 0.3, "USMV": 0.2},
        {name: float(price) for name, price in LAST.items()},
        budget,
    )
    if budget == 1000:
        assert (dict(ours.shares), ours.left) == (dict.fromkeys(LAST, 3), Fraction("19.759"))
    assert dict(ours.shares) == shares
    assert float(ours.left) == pytest.approx(left)


weights = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 100), min_size=1)
prices = st.fixed_dictionaries({name: st.integers(1, 500) for name in "ABCDEF"})


@given(weights, prices, st.integers(0, 10_000))
def test_what_is_spent_and_what_is_left_are_the_budget(wanted, costs, budget) -> None:
    exact = {name: Fraction(cost) for name, cost in costs.items()}
    found = whole_shares(wanted, exact, Fraction(budget))
    spent = sum(exact[name] * count for name, count in found.shares.items())
    assert spent + found.left == budget
    assert found.left >= 0
    assert all(count > 0 for count in found.shares.values())
    assert found.shares.keys() <= wanted.keys()
