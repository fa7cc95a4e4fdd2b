"""The published rates of central banks, carried forward to any day."""

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Context, Decimal
from importlib.resources import files

PIVOT = "USD"
CURRENCIES = frozenset({PIVOT, "EUR", "KES", "ZAR"})
STATED = Context(prec=10)
"""What the API states of a rate that nobody published in this direction."""
EXACT = Context(prec=28)
REPEATS = timedelta(weeks=52)
"""After its last day a series goes on with what it was so long before, weekday by weekday."""

type Published = Sequence[tuple[date, Decimal]]


class NoRate(LookupError):
    """No rate was published on or before that day."""


class Series:
    """One currency's rates by day of publication, ascending."""

    def __init__(self, published: Published) -> None:
        self._days = [day for day, _ in published]
        self._rates = [rate for _, rate in published]

    def newest(self, on: date) -> tuple[date, Decimal]:
        """The day of publication and the rate that was newest then; raises NoRate before the
        first. After the last publication the series repeats itself."""
        last = self._days[-1]
        back = timedelta(0)
        while on - back > last:
            back += REPEATS
        at = bisect_right(self._days, on - back) - 1
        if at < 0 and not back:
            raise NoRate(on.isoformat())
        if back and (at < 0 or self._days[at] + back <= last):
            # Until the repetition's first publication the last one of all is the newest.
            return last, self._rates[-1]
        return self._days[at] + back, self._rates[at]


class RateSeries:
    """Units of each currency for one US dollar."""

    def __init__(self, per_dollar: Mapping[str, Published]) -> None:
        self._series = {name: Series(published) for name, published in per_dollar.items()}

    def rate(self, base: str, quote: str, on: date) -> tuple[date, Decimal]:
        """Units of `quote` for one `base`, and the day on which that was published: of two
        publications the older day.

        Shillings for a dollar are given as published, all others to 10 significant digits.

        Raises:
            NoRate: `on` lies before the first publication of one of them.
        """
        wanted = {base, quote} - {PIVOT} or self._series.keys()
        found = {name: self._series[name].newest(on) for name in wanted}
        day = min(published for published, _ in found.values())
        if base == quote:
            return day, Decimal(1)
        worth = {PIVOT: Decimal(1)} | {name: rate for name, (_, rate) in found.items()}
        return day, STATED.divide(worth[quote], worth[base])


def published_series() -> RateSeries:
    """What the Central Bank of Kenya and the European Central Bank published; the files lie
    beside this one and say where they come from."""
    shillings = [(day, Decimal(row["kes_per_usd"])) for day, row in _rows("cbk_kes.csv")]
    euros = list(_rows("ecb_usd_zar.csv"))
    return RateSeries(
        {
            "KES": shillings,
            "EUR": [(day, EXACT.divide(1, Decimal(row["usd_per_eur"]))) for day, row in euros],
            "ZAR": [
                (day, EXACT.divide(Decimal(row["zar_per_eur"]), Decimal(row["usd_per_eur"])))
                for day, row in euros
            ],
        }
    )


def _rows(file: str) -> list[tuple[date, dict[str, str]]]:
    text = (files("sandbox.fx") / file).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [(date.fromisoformat(row["date"]), row) for row in csv.DictReader(lines)]
