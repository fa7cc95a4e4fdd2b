"""Proposes weights for a growth strategy out of price history; people decide about them.

Run as `uv run --group market-data python -m tools.optimise --score 3 --method hrp`. It prints
basis points by symbol that sum to 10 000 and that a proposal takes. Nothing that runs imports it:
the platform consumes weights and never estimates any.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from shared.kernel.money import allocate
from shared.market_data.model import AssetType
from shared.market_data.universe import UNIVERSE
from shared.strategies.founding import FOUNDING
from shared.strategies.model import SCORES, WHOLE_BP, AssetClass, Style, class_of, strategy_id
from shared.strategies.proposals import CAPS_BP

METHODS = ("hrp", "min-variance")
FINE = 10**9
"""Weights of the estimators as whole numbers: enough that rounding decides nothing."""


class CapsTooTight(ValueError):
    """The caps of all assets together are less than what has to be spread over them."""


def history(symbols: Sequence[str]) -> Any:
    """Daily returns of these symbols, 2014 to 2022, out of the library's own data."""
    datasets = import_module("skfolio.datasets")
    preprocessing = import_module("skfolio.preprocessing")
    return preprocessing.prices_to_returns(datasets.load_factors_dataset()[list(symbols)])


def estimated(method: str, returns: Any, most: float = 1.0) -> dict[str, float]:
    """Weights by symbol that sum to one, none above ``most``.

    ``hrp`` is hierarchical risk parity (Lopez de Prado 2016); ``min-variance`` is the corner of
    mean-variance that needs no forecast of returns. Without a cap it puts everything into one
    asset, which is why there is one.
    """
    optimization = import_module("skfolio.optimization")
    model = (
        optimization.HierarchicalRiskParity(max_weights=most)
        if method == "hrp"
        else optimization.MeanRisk(max_weights=most)
    )
    weights = model.fit(returns).weights_
    return dict(zip(returns.columns, (float(each) for each in weights), strict=True))


def in_basis_points(weights: Mapping[str, float], total: int, cap: int) -> dict[str, int]:
    """``total`` basis points in proportion, none above ``cap``: the last points by largest
    remainder, what a cap cuts off to the others in proportion. Symbols without a point are left
    out. Raises CapsTooTight."""
    if cap * len(weights) < total:
        raise CapsTooTight(f"{len(weights)} assets of at most {cap} do not make {total}")
    fine = {name: max(0, round(weight * FINE)) for name, weight in sorted(weights.items())}
    full: dict[str, int] = {}
    while True:
        rest = {name: weight for name, weight in fine.items() if name not in full}
        if not any(rest.values()):
            # All that is left weighs nothing: what the caps cut off is spread evenly.
            rest = dict.fromkeys(rest, 1)
        left = total - sum(full.values())
        parts = dict(zip(rest, allocate(left, list(rest.values())), strict=True)) if rest else {}
        over = [name for name, points in parts.items() if points > cap]
        if not over:
            return {name: points for name, points in sorted((full | parts).items()) if points}
        full |= dict.fromkeys(over, cap)


def proposed(method: str, score: int) -> dict[str, int]:
    """Weights for the growth strategy of a score: its bonds as they are, its equity estimated."""
    founding = {one.id: one for one in FOUNDING}[strategy_id(Style.GROWTH, score)]
    bonds = {
        name: bp for name, bp in founding.weights.items() if class_of(name) is AssetClass.BONDS
    }
    symbols = [name for name in sorted(UNIVERSE) if class_of(name) is AssetClass.EQUITY]
    cap, equity = CAPS_BP[AssetType.ETF], WHOLE_BP - sum(bonds.values())
    most = min(1.0, cap / equity)
    return bonds | in_basis_points(estimated(method, history(symbols), most), equity, cap)


def main() -> None:
    """Print a proposal's weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--score", type=int, choices=list(SCORES), required=True)
    parser.add_argument("--method", choices=METHODS, default="hrp")
    given = parser.parse_args()
    print(json.dumps(proposed(given.method, given.score), indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
