"""What the law of a country says about gains, as dated data with a source for each row. Pure."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from shared.portfolio.lots import LotMethod


@dataclass(frozen=True, slots=True)
class Regime:
    """One row. Rates in basis points of a gain; 0 where none is estimated."""

    country: str
    """ISO 3166-1 alpha-3; empty for every country without a row."""
    valid_from: date
    method: LotMethod
    short_bp: int
    long_bp: int
    wash_days: int
    """Days before and after a sale at a loss; 0 where the law knows no wash sales."""
    source: str

    @property
    def silent(self) -> bool:
        """Whether it says nothing that would change a plan."""
        return self.method is LotMethod.FIFO and not (
            self.short_bp or self.long_bp or self.wash_days
        )


NO_REGIME = Regime("", date.min, LotMethod.FIFO, 0, 0, 0, "")
"""First in, first out, and no estimate: where nothing is known nothing is guessed."""


@cache
def regimes() -> tuple[Regime, ...]:
    """The table of the repository."""
    text = resources.files("shared.taxes").joinpath("regimes.json").read_text()
    return tuple(
        Regime(
            country=row["country"],
            valid_from=date.fromisoformat(row["valid_from"]),
            method=LotMethod(row["method"]),
            short_bp=row["short_bp"],
            long_bp=row["long_bp"],
            wash_days=row["wash_days"],
            source=row["source"],
        )
        for row in json.loads(text)
    )


def regime_of(country: str | None, day: date) -> Regime:
    """The newest row of a country that is in force; its oldest one for a day before all of them,
    so that a report of an early year is not without the law."""
    rows = sorted(
        (row for row in regimes() if row.country == country), key=lambda row: row.valid_from
    )
    if not rows:
        return NO_REGIME
    return next((row for row in reversed(rows) if row.valid_from <= day), rows[0])


def named(country: str | None) -> str:
    """What may be kept in the clear of a country of tax residence: its code where a row of the
    table says something, and nothing of all other countries."""
    spoken = {row.country for row in regimes() if not row.silent}
    return country if country in spoken and country is not None else ""
