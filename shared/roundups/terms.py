"""What is rounded up to, and from when on the pool is collected: dated data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shared.kernel.money import Currency, Money

MULTIPLIERS = range(1, 11)
"""How often a round-up may be counted."""
BATCH = 50
"""Purchases of one report: with the key and the pool they are one transaction."""
AT_MOST_OLD = timedelta(days=60)
"""Purchases further back are not taken: nobody expects them to be collected any more."""
AT_MOST_AHEAD = timedelta(minutes=5)
"""How far the clock of a card's feed may run before ours."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``whole`` is what amounts are rounded up to; the pool is collected from ``threshold`` on."""

    since: date
    whole: Money
    threshold: Money


def _terms(currency: Currency, since: date, whole: int, threshold: int) -> Terms:
    return Terms(since, Money(whole, currency), Money(threshold, currency))


TERMS: Mapping[Currency, tuple[Terms, ...]] = {
    Currency.USD: (_terms(Currency.USD, date(2026, 1, 1), 1_00, 5_00),),
    Currency.EUR: (_terms(Currency.EUR, date(2026, 1, 1), 1_00, 5_00),),
    # Prices are whole shillings: to the next shilling there would be nothing to round up.
    Currency.KES: (_terms(Currency.KES, date(2026, 1, 1), 100_00, 500_00),),
    Currency.ZAR: (_terms(Currency.ZAR, date(2026, 1, 1), 10_00, 100_00),),
}
"""By currency, the oldest first. Who starts has the terms of that day until they start again."""


def terms_on(currency: Currency, day: date) -> Terms:
    """Those in force on a day; before the first of all, the first."""
    several = TERMS[currency]
    in_force = [one for one in several if one.since <= day]
    return in_force[-1] if in_force else several[0]
