"""Model portfolios as data: one per risk score, versioned and dated.

Weights are basis points of what is invested. All assets of the universe appear in every model,
and the share of equity grows with the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.market_data.model import AssetType
from shared.market_data.universe import UNIVERSE

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class ModelPortfolio:
    """Target weights for one risk score; immutable once published."""

    id: str
    version: int
    score: int
    """The lowest risk score (1-5) for which it is suitable."""
    valid_from: date
    weights: Mapping[str, int]
    """Basis points by symbol, summing to 10 000."""

    def __post_init__(self) -> None:
        if sum(self.weights.values()) != WHOLE_BP or min(self.weights.values()) <= 0:
            raise ValueError(f"the weights of {self.id} do not make a whole")

    @property
    def equity_bp(self) -> int:
        """Basis points that are not bonds."""
        return sum(
            weight
            for symbol, weight in self.weights.items()
            if symbol not in UNIVERSE or UNIVERSE[symbol].type is not AssetType.BOND
        )


def model_id(score: int) -> str:
    """The model for a risk score."""
    return f"factor-{score}"


_V1 = date(2026, 1, 1)


def _model(score: int, version: int, valid_from: date, **weights: int) -> ModelPortfolio:
    return ModelPortfolio(
        model_id(score), version, score, valid_from, dict(sorted(weights.items()))
    )


MODELS: tuple[ModelPortfolio, ...] = (
    _model(1, 1, _V1, AAAB=8000, MTUM=200, QUAL=500, SIZE=200, USMV=800, VLUE=300),
    _model(2, 1, _V1, AAAB=6000, MTUM=500, QUAL=1000, SIZE=400, USMV=1400, VLUE=700),
    _model(3, 1, _V1, AAAB=4000, MTUM=900, QUAL=1500, SIZE=700, USMV=1700, VLUE=1200),
    _model(4, 1, _V1, AAAB=2000, MTUM=1400, QUAL=2100, SIZE=1000, USMV=1800, VLUE=1700),
    _model(5, 1, _V1, AAAB=500, MTUM=1800, QUAL=2600, SIZE=1300, USMV=1700, VLUE=2100),
)
"""Every published model. A change is a new version beside the old one, never an edit."""


def current(score: int, on: date) -> ModelPortfolio:
    """The newest model for a score that is in force on a day; KeyError when there is none."""
    known = [one for one in MODELS if one.score == score and one.valid_from <= on]
    if not known:
        raise KeyError(score)
    return max(known, key=lambda one: one.version)
