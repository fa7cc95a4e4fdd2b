"""What must hold of every projection, whatever is asked."""

import tracemalloc
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.projections.assumptions import published
from shared.projections.model import Method, Projection, Question, Standing
from shared.projections.outcomes import needed, required, successes
from shared.projections.service import project
from shared.projections.simulating import Factors
from shared.strategies.founding import FOUNDING
from tests.projections.questions import question

PATHS = 200

questions = st.builds(
    lambda months, weights, **given: question(months, weights=[weights] * months, **given),
    months=st.integers(1, 30),
    weights=st.sampled_from([one.weights for one in FOUNDING]),
    worth_minor=st.integers(0, 10**9),
    monthly_minor=st.integers(0, 10**6),
    target_minor=st.integers(1, 10**9),
    wished_percent=st.integers(50, 95),
    method=st.sampled_from(list(Method)),
    assumptions=st.just(published().on(date(2026, 3, 2))),
    fee_bp=st.sampled_from([0, 25]),
)


def told(asked: Question, **changes: Any) -> Projection:
    return project(replace(asked, **changes), paths=PATHS)


def chance(found: Projection) -> Any:
    assert found.chance is not None
    return found.chance


@settings(max_examples=40, deadline=None)
@given(questions, st.integers(1, 10**6))
def test_more_money_never_lowers_an_amount_or_a_chance(asked: Question, more: int) -> None:
    before = told(asked)
    for name in ("monthly_minor", "worth_minor"):
        after = told(asked, **{name: getattr(asked, name) + more})
        assert chance(after).probability >= chance(before).probability
        for early, late in zip(before.spans, after.spans, strict=True):
            assert late.low >= early.low
            assert late.middle >= early.middle
            assert late.high >= early.high
    assert chance(told(asked, worth_minor=asked.worth_minor + more)).required_minor <= (
        chance(before).required_minor
    )


@settings(max_examples=40, deadline=None)
@given(questions, st.integers(1, 10**8))
def test_a_higher_target_is_never_likelier_and_never_cheaper(asked: Question, more: int) -> None:
    assert asked.target_minor is not None
    before, after = told(asked), told(asked, target_minor=asked.target_minor + more)
    assert chance(after).probability <= chance(before).probability
    assert chance(after).required_minor >= chance(before).required_minor
    assert after.spans == before.spans


@settings(max_examples=40, deadline=None)
@given(questions)
def test_ranges_are_in_order_and_the_same_question_has_the_same_answer(asked: Question) -> None:
    found = told(asked)
    assert all(0 <= one.low <= one.middle <= one.high for one in found.spans)
    assert found.spans[-1].months == asked.months
    assert found == told(asked)
    assert found.reached_minor <= found.spans[-1].middle
    assert told(asked, wished_percent=50).reached_minor == found.spans[-1].middle


@settings(max_examples=40, deadline=None)
@given(questions)
def test_what_is_required_is_enough_and_a_cent_less_is_not(asked: Question) -> None:
    found = chance(told(asked))
    enough = chance(told(asked, monthly_minor=found.required_minor))
    wished = needed(PATHS, asked.wished_percent)
    assert enough.probability * PATHS >= wished
    assert enough.standing is not Standing.SHORTFALL
    if found.required_minor:
        short = chance(told(asked, monthly_minor=found.required_minor - 1))
        assert short.probability * PATHS < wished
        assert short.standing is Standing.SHORTFALL
    assert (found.standing is Standing.SHORTFALL) == (asked.monthly_minor < found.required_minor)


@settings(max_examples=40, deadline=None)
@given(questions, st.integers(1, 45))
def test_more_certainty_costs_more_and_reaches_less(asked: Question, more: int) -> None:
    sure = min(asked.wished_percent + more, 95)
    before, after = told(asked), told(asked, wished_percent=sure)
    assert after.reached_minor <= before.reached_minor
    assert chance(after).required_minor >= chance(before).required_minor
    assert chance(after).probability == chance(before).probability


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(1, 500)), min_size=1, max_size=50),
    st.integers(0, 10**6),
    st.integers(1, 10**8),
    st.integers(50, 95),
)
def test_bisection_finds_what_sorting_each_paths_own_need_finds(
    paths: list[tuple[float, float]], worth: int, target: int, percent: int
) -> None:
    factors = Factors(np.array([a for a, _ in paths]), np.array([b for _, b in paths]))
    found = required(factors, worth, target, percent)
    needs = np.maximum((target - factors.start * worth) / factors.each, 0)
    exact = np.sort(needs)[needed(len(paths), percent) - 1]
    assert abs(found - np.ceil(exact)) <= 1
    assert successes(factors, worth, found, target) >= needed(len(paths), percent)


def test_another_seed_is_another_sample_of_the_same_futures() -> None:
    one, other = (project(question(60), paths=20_000, seed=seed) for seed in (7, 8))
    assert one != other
    assert one.spans[-1].middle == pytest.approx(other.spans[-1].middle, rel=0.01)


def test_memory_grows_with_the_paths_and_not_with_the_months() -> None:
    peaks = []
    for months in (24, 480):
        tracemalloc.start()
        project(question(months, target_minor=10**7), paths=10_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2
    assert peaks[1] < 10_000 * 8 * 16


def test_a_projection_of_no_months_is_nobodys_question() -> None:
    with pytest.raises(ValueError, match="a month ahead"):
        project(question(0))
