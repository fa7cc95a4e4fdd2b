"""Monthly returns that there were, by class of assets: ``history.json`` beside this module. Pure.

Equity and bonds have months of their own: the yields behind the bonds end with 2018, and nothing
is known of what they did beside the funds' later years.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from shared.strategies.model import AssetClass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class PastMonths:
    """Of one class: the same months of each asset, in order, in millionths."""

    first: str
    last: str
    returns: Mapping[str, tuple[int, ...]]


@cache
def past_months() -> Mapping[AssetClass, PastMonths]:
    """All that is known, by class."""
    text = resources.files("shared.projections").joinpath("history.json").read_text()
    return {
        AssetClass(name): PastMonths(
            part["first"],
            part["last"],
            {symbol: tuple(months) for symbol, months in part["returns"].items()},
        )
        for name, part in json.loads(text)["classes"].items()
    }
