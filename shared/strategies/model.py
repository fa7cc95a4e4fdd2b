"""Strategies: model portfolios, one per style and risk score, versioned and dated. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.market_data.model import AssetType
from shared.market_data.universe import UNIVERSE

WHOLE_BP = 10_000
SCORES = range(1, 6)
"""Risk scores, from cautious to bold."""


class Style(StrEnum):
    """What a strategy aims at."""

    GROWTH = "GROWTH"
    """The most worth that the risk score allows, spread over the factors."""
    INCOME = "INCOME"
    """Steady payouts: more bonds, and of the shares those that swing least."""


_PREFIX: Mapping[Style, str] = {Style.GROWTH: "factor", Style.INCOME: "income"}


class AssetClass(StrEnum):
    """What a weight stays within when a portfolio is changed for a person."""

    BONDS = "BONDS"
    EQUITY = "EQUITY"
    """Everything that is no bond."""


def class_of(symbol: str) -> AssetClass:
    """The class of a symbol; one that nobody knows counts as equity, the riskier of the two."""
    listing = UNIVERSE.get(symbol)
    bond = listing is not None and listing.type is AssetType.BOND
    return AssetClass.BONDS if bond else AssetClass.EQUITY


def equity_of(weights: Mapping[str, int]) -> int:
    """Basis points of weights that are not bonds."""
    return sum(points for name, points in weights.items() if class_of(name) is AssetClass.EQUITY)


def strategy_id(style: Style, score: int) -> str:
    """Under which the versions of a strategy lie."""
    return f"{_PREFIX[style]}-{score}"


STRATEGY_IDS: tuple[str, ...] = tuple(
    strategy_id(style, score) for style in Style for score in SCORES
)
"""All that there are: a style and a score each."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One version of the weights for one style and risk score; immutable once published.

    ``score`` is the lowest risk score (1-5) for which it is suitable. ``weights`` are basis points
    of what is invested, by symbol, summing to 10 000; ValueError when they do not.
    """

    id: str
    version: int
    score: int
    valid_from: date
    weights: Mapping[str, int]

    def __post_init__(self) -> None:
        if sum(self.weights.values()) != WHOLE_BP or min(self.weights.values()) <= 0:
            raise ValueError(f"the weights of {self.id} do not make a whole")

    @property
    def style(self) -> Style:
        """What it aims at."""
        prefix = self.id.partition("-")[0]
        return next(style for style, known in _PREFIX.items() if known == prefix)

    @property
    def equity_bp(self) -> int:
        """Basis points that are not bonds."""
        return equity_of(self.weights)


def in_force(versions: Iterable[Strategy], on: date) -> dict[str, Strategy]:
    """By id, the newest version of each strategy whose day has come."""
    found: dict[str, Strategy] = {}
    for one in versions:
        known = found.get(one.id)
        if one.valid_from <= on and (known is None or known.version < one.version):
            found[one.id] = one
    return found
