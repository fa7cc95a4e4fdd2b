"""The fee of days as whole numbers: nothing is rounded before it is charged. Pure.

A day costs ``worth * annual_bp / 10,000 / 365``. In units of 1/3,650,000 of a cent that is the
whole number ``worth_minor * annual_bp``, so that sums of days are exact in any order and grouping.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.management_fees.terms import TermsTable

UNITS_PER_CENT = 10_000 * 365
"""Units of accrual in one cent: basis points times the days of a year, leap years too."""
_SHOWN = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class DayWorth:
    """What was held at the end of a day, in cents."""

    day: date
    minor: int
    unpriced: tuple[str, ...] = ()
    """Symbols of which no price was ever known until then: they count nothing."""


@dataclass(frozen=True, slots=True)
class Accrued:
    """The fee of some days, and how many of them were special."""

    units: int = 0
    days: int = 0
    waived_days: int = 0
    unpriced_days: int = 0

    def __add__(self, other: "Accrued") -> "Accrued":
        """Of both."""
        return Accrued(
            self.units + other.units,
            self.days + other.days,
            self.waived_days + other.waived_days,
            self.unpriced_days + other.unpriced_days,
        )


def fee_of(worth: DayWorth, terms: TermsTable) -> Accrued:
    """Of one day by the terms of that day."""
    found = terms.on(worth.day)
    unpriced = int(bool(worth.unpriced))
    if found is None or worth.minor < max(found.waived_below_minor, 1):
        return Accrued(0, 1, 1, unpriced)
    return Accrued(worth.minor * found.annual_bp, 1, 0, unpriced)


def accrued(worths: Iterable[DayWorth], terms: TermsTable) -> Accrued:
    """Of all of them."""
    total = Accrued()
    for worth in worths:
        total += fee_of(worth, terms)
    return total


def charged(units: int) -> tuple[int, int]:
    """Whole cents, and the units that are left for the next time: never more than has accrued."""
    return divmod(units, UNITS_PER_CENT)


def in_dollars(units: int) -> Decimal:
    """For showing: with six decimals, rounded half to even."""
    return (Decimal(units) / (UNITS_PER_CENT * 100)).quantize(_SHOWN)
