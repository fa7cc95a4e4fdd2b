"""The published rates, carried forward to any day."""

import csv
from bisect import bisect_right
from datetime import date
from decimal import Context, Decimal
from importlib.resources import files

BASE, QUOTE = "USD", "KES"
CURRENCIES = frozenset({BASE, QUOTE})
INVERSE = Context(prec=10)


class NoRate(LookupError):
    """No rate was published on or before that day."""


class RateSeries:
    """KES per USD by day of publication, ascending."""

    def __init__(self, rates: list[tuple[date, Decimal]]) -> None:
        self._days = [day for day, _ in rates]
        self._rates = [rate for _, rate in rates]

    def rate(self, base: str, quote: str, on: date) -> tuple[date, Decimal]:
        """Units of `quote` for one `base`, and the day on which that was published.

        USD to KES is given as published; KES to USD is its inverse to 10 significant digits.

        Raises:
            NoRate: `on` lies before the first publication.
        """
        at = bisect_right(self._days, on) - 1
        if at < 0:
            raise NoRate(on.isoformat())
        if base == quote:
            return self._days[at], Decimal(1)
        published = self._rates[at]
        return self._days[at], published if base == BASE else INVERSE.divide(1, published)


def published_series() -> RateSeries:
    """The month-end means of the Central Bank of Kenya that lie beside this file."""
    text = (files("sandbox.fx") / "kes_usd_month_end.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return RateSeries(
        [
            (date.fromisoformat(row["date"]), Decimal(row["kes_per_usd"]))
            for row in csv.DictReader(lines)
        ]
    )
