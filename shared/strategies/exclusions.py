"""Assets that a person does not want, and whether the rest still makes portfolios. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.kernel.errors import InvalidValue
from shared.market_data.universe import UNIVERSE
from shared.strategies.errors import TooNarrow
from shared.strategies.fitting import without
from shared.strategies.model import Strategy
from shared.strategies.proposals import CAPS_BP


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Symbols that a person does not want; ``version`` 0 before they ever chose."""

    user_id: str
    symbols: frozenset[str] = frozenset()
    version: int = 0

    def changed(self, symbols: frozenset[str]) -> "Exclusions":
        """With these and no others."""
        return replace(self, symbols=symbols, version=self.version + 1)


def check_exclusions(symbols: frozenset[str], strategies: Iterable[Strategy]) -> None:
    """Whether every one of the strategies can do without these symbols, so that no later score,
    style or goal of the person is stuck. Raises InvalidValue for a symbol that is not invested in,
    NothingLeft for a class without assets, and TooNarrow where one asset would exceed its cap."""
    if not symbols <= UNIVERSE.keys():
        raise InvalidValue(field="symbols", reason="must be assets that we invest in")
    for strategy in strategies:
        for name, points in without(strategy.weights, symbols).items():
            cap = CAPS_BP[UNIVERSE[name].type]
            if points > cap:
                raise TooNarrow(symbol=name, percent=cap // 100)
