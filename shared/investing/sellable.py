"""Which of what is held an order can sell, and why another cannot. Pure."""

from collections.abc import Mapping

from shared.investing.inputs import Inputs
from shared.investing.plan import LeftOut


def sellable(inputs: Inputs, symbol: str) -> bool:
    """Whether it trades, and may be sold."""
    asset = inputs.assets.get(symbol)
    return asset is not None and asset.sellable


def why_not(inputs: Inputs, symbol: str) -> str:
    """The code of why it may not."""
    restricted = inputs.risk is not None and symbol in inputs.risk.restricted
    return "RESTRICTED" if restricted else "NOT_TRADABLE"


def crumb(inputs: Inputs, symbol: str, worth: int) -> bool:
    """Less than an order, of a position that an order cannot close: it stays as it is."""
    return worth < inputs.rules.minimum_order_minor and symbol in inputs.beside


def stuck(inputs: Inputs, values: Mapping[str, int], free: Mapping[str, int]) -> list[LeftOut]:
    """What no order can sell."""
    return [
        LeftOut(
            symbol=symbol,
            amount_minor=values[symbol],
            reason="BELOW_MIN" if sellable(inputs, symbol) else why_not(inputs, symbol),
        )
        for symbol in sorted(values.keys() - free.keys())
    ]
