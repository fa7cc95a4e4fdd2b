"""Replayed daily closes out of the data files."""

import csv
import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources


class NoPrice(LookupError):
    """No close of the symbol is known on or before the day."""


@dataclass(frozen=True, slots=True)
class Series:
    """Closes of one symbol, oldest first."""

    symbol: str
    kind: str
    days: tuple[date, ...]
    closes: tuple[Decimal, ...]

    def close(self, day: date) -> Decimal:
        """The close of that day, or the newest earlier one: a session for which the source has
        no price keeps the last.

        Raises:
            NoPrice: the series begins later.
        """
        at = bisect_right(self.days, day) - 1
        if at < 0:
            raise NoPrice(f"{self.symbol} has no price before {self.days[0]}")
        return self.closes[at]


@cache
def replayed() -> dict[str, Series]:
    """Every series by symbol."""
    folder = resources.files("sandbox").joinpath("data")
    listed = json.loads(folder.joinpath("provenance.json").read_text())["files"]
    return {
        series.symbol: series
        for entry in listed
        for series in _columns(folder.joinpath(entry["file"]).read_text(), entry["kind"])
    }


def _columns(text: str, kind: str) -> list[Series]:
    header, *rows = csv.reader(text.splitlines())
    days = tuple(date.fromisoformat(row[0]) for row in rows)
    return [
        Series(symbol, kind, days, tuple(Decimal(row[column]) for row in rows))
        for column, symbol in enumerate(header[1:], start=1)
    ]
