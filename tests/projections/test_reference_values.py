"""Projections beside values that others computed: closed forms, and a published seed."""

from decimal import Decimal

import numpy as np
import numpy_financial as npf
import pytest

from shared.projections.history import past_months
from shared.projections.model import Method
from shared.projections.outcomes import reached_by, worths
from shared.projections.service import expected_of, project, wear_of
from shared.projections.simulating import Factors, accumulated, by_history, by_model
from shared.strategies.model import AssetClass
from tests.projections.questions import ALL_EQUITY, assumed, question

MONTHLY = 1.06 ** (1 / 12) - 1
TOLD = (6_275_304, 9_839_944, 16_007_896)


def at_end(months: int, mean: str, deviation: str, *, paths: int, seed: int = 7) -> Factors:
    expected = [assumed(mean, deviation).of_portfolio({"QUAL": 10_000})] * months
    for factors in accumulated(by_model(expected, Decimal(1), paths, seed)):
        last = factors
    return last


def test_the_peer_gives_the_value_that_everybody_quotes_for_it() -> None:
    assert npf.fv(0.05 / 12, 120, -100, -100) == 15692.92889433575


def test_without_swings_every_path_is_the_closed_form_of_the_peer() -> None:
    # (1 + mean)^(1/12) is 1 + 0.05/12, as the peer's own example has it.
    monthly = Decimal("0.05") / 12
    mean = str((1 + monthly) ** 12 - 1)
    factors = at_end(120, mean, "0", paths=3)
    assert factors.start * 100 + factors.each * 100 == pytest.approx(15692.92889433575, rel=1e-12)
    told = project(
        question(120, worth_minor=10_000, monthly_minor=10_000, assumptions=assumed(mean, "0")),
        paths=3,
    )
    last = told.spans[-1]
    assert last.low == last.middle == last.high == told.reached_minor
    assert last.middle in (1_569_292, 1_569_293)


def test_six_per_cent_over_twenty_years_come_to_the_closed_form() -> None:
    closed = -npf.fv(MONTHLY, 240, 200, 5000)
    assert round(closed, 2) == 106_723.40
    factors = at_end(240, "0.06", "0", paths=2)
    assert factors.start * 5000 + factors.each * 200 == pytest.approx(closed, rel=1e-12)


def test_forty_thousand_paths_of_seed_7_reproduce_the_published_range() -> None:
    factors = at_end(240, "0.06", "0.12", paths=40_000)
    worth = factors.start * 5000 + factors.each * 200
    error = worth.std() / np.sqrt(len(worth))
    assert round(worth.mean(), 1) == 106_613.6
    assert round(error) == 209
    assert abs(worth.mean() - 106_723.40) < 4 * error
    assert np.percentile(worth, [10, 50, 90]).round().tolist() == [62_752, 98_398, 160_075]
    # Ours are what at least 90, 50 and 10 of 100 paths reach: one path's worth each, where the
    # published numbers lie between two paths.
    ours = reached_by(worths(factors, 500_000, 20_000), 90, 50, 10)
    assert ours == pytest.approx(TOLD, abs=1)
    assert ours == pytest.approx((6_275_200, 9_839_800, 16_007_500), rel=3e-5)


def test_a_projection_of_the_same_question_has_the_same_numbers() -> None:
    told = project(question(target_minor=9_839_800))
    last = told.spans[-1]
    assert (last.low, last.middle, last.high) == pytest.approx(TOLD, abs=1)
    assert told.chance is not None
    assert told.chance.probability == Decimal("0.5")
    assert [one.months for one in told.spans] == list(range(12, 241, 12))
    assert told.paths == 40_000


def test_a_years_fee_and_inflation_wear_the_monthly_growth() -> None:
    asked = question(assumptions=assumed(inflation_bp=250), fee_bp=25)
    wear = wear_of(asked)
    assert abs(wear**12 - (1 - Decimal("0.0025") / 12) ** 12 / Decimal("1.025")) < Decimal("1e-20")
    told = project(question(12, monthly_minor=0, assumptions=assumed("0", "0", 250), fee_bp=0))
    # 5,000 dollars that earn nothing buy next year what 4,878.04 buy today.
    assert told.spans[-1].middle == 487_804
    fee = project(question(12, monthly_minor=0, assumptions=assumed("0", "0"), fee_bp=25))
    assert fee.spans[-1].middle == int(500_000 * (1 - Decimal("0.0025") / 12) ** 12)


def test_the_mean_of_both_methods_is_what_is_assumed() -> None:
    # A single month: in a block of history one is not independent of the next.
    asked = question(1)
    drawn = {
        Method.MODEL: by_model(expected_of(asked), Decimal(1), 40_000),
        Method.HISTORY: by_history(
            asked.weights, past_months(), asked.assumptions, Decimal(1), 40_000
        ),
    }
    for (growth,) in drawn.values():
        error = growth.std() / np.sqrt(len(growth))
        assert abs(growth.mean() - (1 + MONTHLY)) < 4 * error
        # The quality fund's own months swung by 15.6 % a year; 12 % are assumed here.
        assert 0.034 < growth.std() < 0.047


def test_history_goes_on_in_the_months_that_followed_each_other() -> None:
    past = past_months()[AssetClass.EQUITY].returns["QUAL"]
    assumptions = assumed("0.06")
    drawn = by_history([ALL_EQUITY] * 14, past_months(), assumptions, Decimal(1), 500)
    growths = np.array([growth.copy() for growth in drawn])
    grown = 1 + np.array(past) / 1e6
    centred = grown * (1 + MONTHLY) / grown.mean()
    places = np.abs(growths[:, :, None] - centred).argmin(axis=2)
    assert np.abs(growths - centred[places]).max() < 1e-12
    assert ((places[1:12] - places[:11]) % len(past) == 1).all()
    assert ((places[13] - places[12]) % len(past) == 1).all()
    # A block is a year: the next one begins anywhere.
    assert ((places[12] - places[11]) % len(past) == 1).mean() < 0.05


def test_bonds_and_equity_begin_their_blocks_apart() -> None:
    half = {"AAAB": 5_000, "QUAL": 5_000}
    pure = [{"AAAB": 10_000}, ALL_EQUITY]
    (both,) = by_history([half], past_months(), assumed(), Decimal(1), 5_000)
    bonds, equity = (
        next(by_history([one], past_months(), assumed(), Decimal(1), 5_000)) for one in pure
    )
    assert np.allclose(both, (bonds + equity) / 2, rtol=0, atol=1e-12)
    assert abs(np.corrcoef(bonds, equity)[0, 1]) < 0.05
