"""Questions about goals, as tests ask them."""

from datetime import date
from decimal import Decimal
from typing import Any

from shared.projections.assumptions import Assumptions, Expectation
from shared.projections.model import Question
from shared.strategies.model import AssetClass

ALL_EQUITY = {"QUAL": 10_000}


def assumed(mean: str = "0.06", deviation: str = "0.12", inflation_bp: int = 0) -> Assumptions:
    """The same of every asset."""
    one = Expectation(Decimal(mean), Decimal(deviation))
    return Assumptions(
        version=1,
        valid_from=date(2026, 1, 1),
        inflation_bp=inflation_bp,
        limits=dict.fromkeys(AssetClass, one),
        assets={},
        together=dict.fromkeys(AssetClass, Decimal(1)),
        across=Decimal(0),
    )


def question(months: int = 240, **changes: Any) -> Question:
    """Of 5,000.00 with 200.00 a month at 6 % with a deviation of 12 %, without fee or inflation."""
    given: dict[str, Any] = {
        "worth_minor": 500_000,
        "monthly_minor": 20_000,
        "target_minor": None,
        "weights": [ALL_EQUITY] * months,
        "assumptions": assumed(),
        "fee_bp": 0,
    }
    return Question(**given | changes)
