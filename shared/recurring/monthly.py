"""What standing orders bring in a month. Pure."""

from collections.abc import Iterable, Mapping

from shared.kernel.money import Currency, Money
from shared.recurring.dates import Frequency
from shared.recurring.model import Schedule, ScheduleStatus

WEEKS, MONTHS = 52, 12
"""Of a year."""


def a_month(schedules: Iterable[Schedule]) -> Mapping[Currency, Money]:
    """The amounts of those that run, by currency. A weekly one counts 52 times in twelve months;
    each sum is rounded down to whole minor units once."""
    a_year: dict[Currency, int] = {}
    for one in schedules:
        if one.status is not ScheduleStatus.ACTIVE:
            continue
        times = WEEKS if one.rule.frequency is Frequency.WEEKLY else MONTHS
        currency = one.amount.currency
        a_year[currency] = a_year.get(currency, 0) + one.amount.minor * times
    return {currency: Money(minor // MONTHS, currency) for currency, minor in a_year.items()}
