"""Possible futures as arrays: what each month may do to each of many paths.

A forecast is no book entry: growth is computed in binary fractions, and comes back to whole cents
in ``outcomes``. Month follows month over all paths, so that memory is a few numbers per path and
never paths times months.

Formula of a month, for a yearly mean ``mu`` and deviation ``sigma``: ``m = (1 + mu)^(1/12) - 1``,
``g = ln(1 + m) - sigma^2 / 24``, growth ``exp(g + sigma / sqrt(12) * z)``, whose mean is ``1 + m``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from shared.projections.assumptions import Assumptions, Expectation
from shared.projections.history import MILLION, PastMonths
from shared.strategies.model import WHOLE_BP, AssetClass

type Column = NDArray[np.float64]
"""A number for each path."""

SEED = 7
"""The same futures for every question: two answers differ by what was asked, and not by luck."""
BLOCK_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Factors:
    """Of a moment, for each path: what one cent that was there at the start has become, and what
    one cent at the end of each month has. Only valid until the next moment is asked for."""

    start: Column
    each: Column


def by_model(
    expected: Sequence[Expectation], wear: Decimal, paths: int, seed: int = SEED
) -> Iterator[Column]:
    """Growth of each month, drawn by itself. ``wear``: what fees and inflation leave of 1 in a
    month."""
    rng = np.random.default_rng(seed)
    mean = np.array([one.mean for one in expected], dtype=np.float64)
    sigma = np.array([one.deviation for one in expected], dtype=np.float64)
    drift = np.log1p(mean) / 12 - sigma**2 / 24 + np.log(np.float64(wear))
    swing = sigma / np.sqrt(12)
    for g, k in zip(drift, swing, strict=True):
        growth = rng.standard_normal(paths)
        growth *= k
        growth += g
        yield np.exp(growth, out=growth)


def by_history(
    weights: Sequence[Mapping[str, int]],
    past: Mapping[AssetClass, PastMonths],
    assumptions: Assumptions,
    wear: Decimal,
    paths: int,
    seed: int = SEED,
) -> Iterator[Column]:
    """Growth of each month, from blocks of a year of what there was. Each class begins its blocks
    in months of its own, and goes on at the first month after the last one."""
    rng = np.random.default_rng(seed)
    tables = {kind: _centred(past[kind], assumptions) for kind in sorted(past)}
    begun: dict[AssetClass, NDArray[np.int64]] = {}
    for month, shares in enumerate(weights):
        growth = np.ones(paths)
        for kind, table in tables.items():
            if month % BLOCK_MONTHS == 0:
                begun[kind] = rng.integers(0, len(table), size=paths)
            names = past[kind].returns
            points = np.array([shares.get(name, 0) for name in names], dtype=np.float64)
            months = table @ (points / WHOLE_BP)
            growth += months[(begun[kind] + month % BLOCK_MONTHS) % len(table)]
        growth *= np.float64(wear)
        yield growth


def _centred(past: PastMonths, assumptions: Assumptions) -> Column:
    """Months times assets: as they swung, around the mean that is assumed and not their own."""
    names = list(past.returns)
    grown = 1 + np.array([past.returns[name] for name in names], dtype=np.float64).T / MILLION
    assumed = np.array([assumptions.of_asset(name).mean for name in names], dtype=np.float64)
    centred: Column = grown * np.exp(np.log1p(assumed) / 12) / grown.mean(axis=0) - 1
    return centred


def accumulated(growths: Iterable[Column]) -> Iterator[Factors]:
    """What has become of what was there and of what was added, after each month in turn."""
    factors: Factors | None = None
    for growth in growths:
        if factors is None:
            factors = Factors(np.ones(len(growth)), np.zeros(len(growth)))
        factors.start[:] *= growth
        factors.each[:] *= growth
        factors.each[:] += 1
        yield factors
