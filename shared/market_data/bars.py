"""Daily bars: what a symbol did in each session, and what follows from the newest of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

VOLUME_DAYS = 20
"""So many sessions a usual day's volume is the mean of."""


class Adjustment(StrEnum):
    """What has been done to prices of the past."""

    RAW = "raw"
    """Nothing: what was traded. For worth and volumes."""
    ALL = "all"
    """Splits and dividends taken out, so that one day compares with another. For returns."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one symbol; prices in US dollars, ``volume`` in shares.

    Raises:
        ValueError: the four prices contradict each other, or are none.
    """

    symbol: str
    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    vwap: Decimal
    """The mean price of the day's trades, weighted by their size."""

    def __post_init__(self) -> None:
        prices = (self.open, self.high, self.low, self.close, self.vwap)
        if not all(price.is_finite() and price > 0 for price in prices) or self.volume < 0:
            raise ValueError("prices are positive and finite, and a volume is not negative")
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError("a session opens and closes between its lowest and highest price")


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """What rules ask of a symbol's history, kept in one small row."""

    symbol: str
    day: date
    """The newest session that the bars know."""
    close: Decimal
    """Of that session, as it was traded."""
    previous_close: Decimal | None
    average_volume: int | None
    """Shares on a usual day; None while that is not known."""


def average_volume(bars: Sequence[Bar], days: int = VOLUME_DAYS) -> int | None:
    """The mean volume of the newest ``days`` bars, in whole shares rounded down.

    None when there are fewer bars, or when the source counts no volume at all: nobody may take
    an unknown volume for a small one.
    """
    newest = sorted(bars, key=lambda bar: bar.day)[-days:]
    if len(newest) < days:
        return None
    return sum(bar.volume for bar in newest) // days or None


def facts_of(bars: Sequence[Bar]) -> DailyFacts | None:
    """The facts of one symbol's raw bars; None without any."""
    ordered = sorted(bars, key=lambda bar: bar.day)
    if not ordered:
        return None
    last, before = ordered[-1], ordered[-2] if len(ordered) > 1 else None
    return DailyFacts(
        symbol=last.symbol,
        day=last.day,
        close=last.close,
        previous_close=None if before is None else before.close,
        average_volume=average_volume(ordered),
    )


def to_lines(bars: Sequence[Bar]) -> str:
    """Bars of one symbol as text, one line a session, oldest first."""
    return "\n".join(
        f"{bar.day.isoformat()} {bar.open:f} {bar.high:f} {bar.low:f} {bar.close:f} "
        f"{bar.volume} {bar.vwap:f}"
        for bar in sorted(bars, key=lambda bar: bar.day)
    )


def from_lines(symbol: str, text: str) -> list[Bar]:
    """What ``to_lines`` wrote."""
    return [_bar(symbol, *line.split(" ")) for line in text.splitlines()]


def _bar(symbol: str, day: str, *numbers: str) -> Bar:
    opened, high, low, close, volume, vwap = numbers
    prices = (Decimal(opened), Decimal(high), Decimal(low), Decimal(close))
    return Bar(symbol, date.fromisoformat(day), *prices, int(volume), Decimal(vwap))
