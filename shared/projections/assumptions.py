"""What is assumed about markets: versioned and dated data, chosen by the day. Pure.

``assumptions.json`` holds the versions; ``tools/projection_data.py`` derives the numbers of its
assets from the price history beside it, within the limits of each class that stand there too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from shared.strategies.model import WHOLE_BP, AssetClass, class_of


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of a year: the mean return, and the standard deviation of its logarithm, as shares of 1."""

    mean: Decimal
    deviation: Decimal


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One version; it holds until the day before the next one's. Returns are nominal, in dollars,
    before fees; all numbers are basis points of a year."""

    version: int
    valid_from: date
    inflation_bp: int
    limits: Mapping[AssetClass, Expectation]
    """The most return and the least deviation that are assumed of a class, whatever history says;
    what is assumed of an asset that is not listed, too."""
    assets: Mapping[str, Expectation]
    together: Mapping[AssetClass, Decimal]
    """Correlation of two assets of one class."""
    across: Decimal
    """Correlation of equity and bonds."""

    def of_asset(self, symbol: str) -> Expectation:
        """What is assumed of one asset."""
        return self.assets.get(symbol, self.limits[class_of(symbol)])

    def of_portfolio(self, weights: Mapping[str, int]) -> Expectation:
        """Of weights in basis points that are kept up: means by weight, and the deviation by all
        correlations."""
        mean = Decimal(0)
        sums = dict.fromkeys(AssetClass, Decimal(0))
        squares = dict.fromkeys(AssetClass, Decimal(0))
        for symbol, points in weights.items():
            share, one = Decimal(points) / WHOLE_BP, self.of_asset(symbol)
            mean += share * one.mean
            sums[class_of(symbol)] += share * one.deviation
            squares[class_of(symbol)] += (share * one.deviation) ** 2
        variance = sum(
            (
                rho * sums[kind] ** 2 + (1 - rho) * squares[kind]
                for kind, rho in self.together.items()
            ),
            2 * self.across * sums[AssetClass.BONDS] * sums[AssetClass.EQUITY],
        )
        return Expectation(mean, variance.sqrt())


@dataclass(frozen=True, slots=True)
class AssumptionTable:
    """All versions by day. ValueError when two begin on one day, one has no number for a class, or
    one is out of bounds."""

    versions: tuple[Assumptions, ...]

    def __post_init__(self) -> None:
        days = [one.valid_from for one in self.versions]
        numbers = [one.version for one in self.versions]
        if days != sorted(set(days)) or numbers != sorted(set(numbers)) or not days:
            raise ValueError("each version begins after the one before")
        for one in self.versions:
            if set(one.limits) != set(AssetClass) or set(one.together) != set(AssetClass):
                raise ValueError("each class has its limits")
            if not 0 <= one.inflation_bp <= 2_000:
                raise ValueError("inflation is between nothing and twenty per cent")
            for asset in (*one.limits.values(), *one.assets.values()):
                if not (0 <= asset.mean < 1 and 0 <= asset.deviation < 1):
                    raise ValueError("a return and a deviation are shares of 1")

    def on(self, day: date) -> Assumptions:
        """Those in force on a day; before the first ones, the first ones."""
        found = [one for one in self.versions if one.valid_from <= day]
        return found[-1] if found else self.versions[0]


def table_of(versions: Sequence[Mapping[str, Any]]) -> AssumptionTable:
    """A table out of versions as they are written down, in any order."""
    read = [_version(one) for one in versions]
    return AssumptionTable(tuple(sorted(read, key=lambda one: one.valid_from)))


@cache
def published() -> AssumptionTable:
    """The table that is in force: ``assumptions.json`` beside this module."""
    text = resources.files("shared.projections").joinpath("assumptions.json").read_text()
    return table_of(json.loads(text)["versions"])


def _version(one: Mapping[str, Any]) -> Assumptions:
    correlation: Mapping[str, int] = one["correlation_bp"]
    return Assumptions(
        version=one["version"],
        valid_from=date.fromisoformat(one["valid_from"]),
        inflation_bp=one["inflation_bp"],
        limits={
            AssetClass(name): _expected(limits["most_return_bp"], limits["least_deviation_bp"])
            for name, limits in one["limits"].items()
        },
        assets={
            symbol: _expected(asset["return_bp"], asset["deviation_bp"])
            for symbol, asset in one["assets"].items()
        },
        together={kind: Decimal(correlation[kind]) / WHOLE_BP for kind in AssetClass},
        across=Decimal(correlation["ACROSS"]) / WHOLE_BP,
    )


def _expected(mean_bp: int, deviation_bp: int) -> Expectation:
    return Expectation(Decimal(mean_bp) / WHOLE_BP, Decimal(deviation_bp) / WHOLE_BP)
