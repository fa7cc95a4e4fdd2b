"""Weights that are estimated offline, and what makes a proposal of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tools.optimise import CapsTooTight, in_basis_points


def test_weights_become_basis_points_by_largest_remainder() -> None:
    assert in_basis_points({"C": 1 / 3, "A": 1 / 3, "B": 1 / 3}, 10_000, 5_000) == {
        "A": 3334,
        "B": 3333,
        "C": 3333,
    }


def test_what_a_cap_cuts_off_goes_to_the_others() -> None:
    assert in_basis_points({"A": 0.8, "B": 0.15, "C": 0.05}, 10_000, 4_000) == {
        "A": 4000,
        "B": 4000,
        "C": 2000,
    }
    assert in_basis_points({"A": 1.0, "B": 0.0, "C": 0.0}, 10_000, 4_000) == {
        "A": 4000,
        "B": 3000,
        "C": 3000,
    }


def test_caps_that_leave_no_room_are_refused() -> None:
    with pytest.raises(CapsTooTight):
        in_basis_points({"A": 0.5, "B": 0.5}, 10_000, 4_999)
    assert in_basis_points({"A": 0.9, "B": 0.1}, 10_000, 5_000) == {"A": 5000, "B": 5000}


@given(
    weights=some.dictionaries(
        some.sampled_from("ABCDEFGH"), some.floats(0, 1), min_size=3, max_size=8
    ),
    total=some.integers(1, 10_000),
)
def test_basis_points_are_whole_and_within_the_cap(weights: dict[str, float], total: int) -> None:
    found = in_basis_points(weights, total, 4_000)
    assert sum(found.values()) == total
    assert all(0 < points <= 4_000 for points in found.values())
