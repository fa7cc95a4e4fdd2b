"""What a person's money is invested in on a day: strategy, glide path, exclusions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.strategies.fitting import with_at_most, without
from shared.strategies.glide import Path, equity_at
from shared.strategies.model import SCORES, Strategy, Style, equity_of, strategy_id


@dataclass(frozen=True, slots=True)
class Wish:
    """How money is to be invested. ``score`` is the risk score that counts, 1 to 5; with
    ``until`` the equity falls along ``path`` towards that day."""

    score: int
    style: Style = Style.GROWTH
    until: date | None = None
    path: Path = Path.SPENDING
    excluded: frozenset[str] = frozenset()

    @property
    def strategy_id(self) -> str:
        """The strategy that it starts from."""
        return strategy_id(self.style, self.score)


@dataclass(frozen=True, slots=True)
class Target:
    """Weights to aim for, in basis points summing to 10 000, and the version they come from.

    ``score`` is the lowest risk score for which they are suitable: the strategy's own. Later
    changes for the person never add equity.
    """

    id: str
    version: int
    score: int
    weights: Mapping[str, int]

    @property
    def equity_bp(self) -> int:
        """Basis points that are not bonds."""
        return equity_of(self.weights)


def target_of(wish: Wish, strategies: Mapping[str, Strategy], on: date) -> Target | None:
    """What to aim for on a day, out of the strategies in force by id; None when the one that the
    wish names is not among them. Raises NothingLeft when the exclusions leave no whole."""
    if wish.score not in SCORES:
        raise ValueError("a risk score is 1 to 5")
    strategy = strategies.get(wish.strategy_id)
    if strategy is None:
        return None
    weights = without(strategy.weights, wish.excluded)
    if wish.until is not None:
        weights = with_at_most(weights, equity_at(wish.path, wish.until, on))
    return Target(strategy.id, strategy.version, strategy.score, weights)
