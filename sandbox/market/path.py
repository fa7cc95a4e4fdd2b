"""A deterministic price path between two closes.

The sources have closes only. Between them the path follows the straight line and adds a bridge:
offsets at half-hour knots, drawn from a hash of symbol and day, zero at both ends, joined
linearly. The same symbol, day and moment always give the same price.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from hashlib import sha256

KNOTS = 13
# Largest distance from the straight line, as a fraction of the previous close.
BAND = Decimal("0.002")
PRICE_STEP = Decimal("0.0001")
HASH_RANGE = 2**16 - 1


@dataclass(frozen=True, slots=True)
class DayPath:
    """One session of one symbol."""

    symbol: str
    day: date
    previous_close: Decimal
    close: Decimal

    def price(self, progress: Decimal) -> Decimal:
        """The price when `progress` (0 at the open, 1 at the close) of the session is over."""
        at = progress * KNOTS
        knot = min(int(at), KNOTS - 1)
        rest = at - knot
        offset = self._offset(knot) * (1 - rest) + self._offset(knot + 1) * rest
        line = self.previous_close + (self.close - self.previous_close) * progress
        return quantized(line + offset)

    def extremes(self, start: Decimal, end: Decimal) -> tuple[Decimal, Decimal]:
        """Lowest and highest price from one progress to another; linear between knots."""
        knots = [Decimal(knot) / KNOTS for knot in range(1, KNOTS)]
        moments = [start, *(knot for knot in knots if start < knot < end), end]
        prices = [self.price(moment) for moment in moments]
        return min(prices), max(prices)

    def _offset(self, knot: int) -> Decimal:
        if knot in {0, KNOTS}:
            return Decimal(0)
        drawn = int.from_bytes(_digest(self.symbol, self.day)[2 * knot : 2 * knot + 2])
        return (Decimal(drawn) * 2 / HASH_RANGE - 1) * BAND * self.previous_close


@lru_cache(maxsize=1024)
def _digest(symbol: str, day: date) -> bytes:
    """32 bytes: two for each knot, and some to spare."""
    return sha256(f"{symbol}|{day.isoformat()}".encode()).digest()


def quantized(price: Decimal) -> Decimal:
    """A price of four decimal places."""
    return price.quantize(PRICE_STEP, ROUND_HALF_EVEN)
