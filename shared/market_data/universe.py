"""The assets that Baobab invests in, and what they are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.market_data.model import AssetType


@dataclass(frozen=True, slots=True)
class Listing:
    """What we say about an asset ourselves; the broker adds whether it trades."""

    name: str
    type: AssetType


UNIVERSE: Mapping[str, Listing] = {
    "AAAB": Listing("Model 10-year AAA bond", AssetType.BOND),
    "MTUM": Listing("US momentum factor ETF", AssetType.ETF),
    "QUAL": Listing("US quality factor ETF", AssetType.ETF),
    "SIZE": Listing("US size factor ETF", AssetType.ETF),
    "USMV": Listing("US minimum volatility ETF", AssetType.ETF),
    "VLUE": Listing("US value factor ETF", AssetType.ETF),
}
SYMBOLS: tuple[str, ...] = tuple(sorted(UNIVERSE))
"""All symbols, sorted."""
