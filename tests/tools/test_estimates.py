"""Weights that are estimated from the funds' history, by the packages of the group market-data."""

from datetime import date

import pytest

from shared.strategies.model import Style
from shared.strategies.proposals import Draft, check_form
from tools.optimise import estimated, history, proposed

FUNDS = ["MTUM", "QUAL", "SIZE", "USMV", "VLUE"]
TODAY = date(2026, 3, 2)


def test_estimates_are_those_of_the_published_history() -> None:
    returns = history(FUNDS)
    parity = estimated("hrp", returns)
    assert [round(parity[name], 6) for name in FUNDS] == [
        0.198634,
        0.226722,
        0.116179,
        0.356446,
        0.102019,
    ]
    corner = estimated("min-variance", returns)
    assert corner["USMV"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("method", ["hrp", "min-variance"])
@pytest.mark.parametrize("score", range(1, 6))
def test_a_proposal_takes_what_is_estimated(method: str, score: int) -> None:
    weights = proposed(method, score)
    check_form(Draft(Style.GROWTH, score, weights, TODAY), TODAY)
    assert max(points for name, points in weights.items() if name in FUNDS) <= 4000
