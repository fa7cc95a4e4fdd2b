"""Made-up volumes of the size of real ones: the sources have none.

Each symbol has a usual day, drawn from a hash of its name, and each session 0.5 to 1.5 of it,
drawn from a hash of symbol and day. The same symbol and day always give the same volume; it grows
with the session.
"""

from datetime import date
from decimal import Decimal
from hashlib import sha256

LEAST, MOST = 600_000, 6_000_000
"""Shares on a usual day of some symbol."""
SHARES_A_TRADE = 120
MINUTES = 390
_STEPS = 2**16


def usual_volume(symbol: str) -> int:
    """Shares on a usual day."""
    return LEAST + (MOST - LEAST) * _drawn(symbol) // _STEPS


def volume_of(symbol: str, day: date, progress: Decimal) -> int:
    """Shares traded when ``progress`` (0 at the open, 1 at the close) of the session is over."""
    half = usual_volume(symbol) // 2
    whole = half + 2 * half * _drawn(f"{symbol}|{day.isoformat()}") // _STEPS
    return int(whole * progress)


def _drawn(text: str) -> int:
    return int.from_bytes(sha256(f"volume|{text}".encode()).digest()[:2])
