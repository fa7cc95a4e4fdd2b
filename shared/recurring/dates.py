"""On which days a standing order falls, and at what time of such a day it is charged. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from shared.kernel.errors import InvalidValue

CHARGED_AT = time(9)
"""Local time of the day on which an occurrence falls."""
OPENS, CLOSES = time(8), time(20)
"""Between these local times a phone may be prompted; nobody is woken for a payment."""
_DAY = timedelta(days=1)


class Zone(StrEnum):
    """Time zones of our people. None of them has summer time, so one offset says all."""

    NAIROBI = "Africa/Nairobi"
    JOHANNESBURG = "Africa/Johannesburg"
    LAGOS = "Africa/Lagos"


OFFSETS: Mapping[Zone, timezone] = {
    Zone.NAIROBI: timezone(timedelta(hours=3)),
    Zone.JOHANNESBURG: timezone(timedelta(hours=2)),
    Zone.LAGOS: timezone(timedelta(hours=1)),
}


class Frequency(StrEnum):
    """How often."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


DAYS: Mapping[Frequency, int] = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 31}
"""The last day that can be named: Sunday, or the 31st."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``day`` is 1 (Monday) to 7 of a week, or 1 to 31 of a month. In a month that is too short
    for it, its last day is meant. InvalidValue for any other day."""

    frequency: Frequency
    day: int

    def __post_init__(self) -> None:
        last = DAYS[self.frequency]
        if not 1 <= self.day <= last:
            raise InvalidValue(field="day", reason=f"must be 1 to {last}")

    def after(self, day: date) -> date:
        """The first occurrence later than a day."""
        if self.frequency is Frequency.WEEKLY:
            return day + timedelta(days=(self.day - day.isoweekday() - 1) % 7 + 1)
        this_month = day + relativedelta(day=self.day)
        if this_month > day:
            return this_month
        return day + relativedelta(day=1, months=1) + relativedelta(day=self.day)

    def first_from(self, day: date) -> date:
        """The first occurrence on a day or later."""
        return self.after(day - _DAY)

    def first_at(self, now: datetime, zone: Zone) -> date:
        """The first occurrence whose time to be charged has not passed."""
        day = self.first_from(local_day(now, zone))
        return day if charged_at(day, zone) > now else self.after(day)


def local_day(now: datetime, zone: Zone) -> date:
    """Which day it is there."""
    return now.astimezone(OFFSETS[zone]).date()


def charged_at(day: date, zone: Zone) -> datetime:
    """When an occurrence is due."""
    return datetime.combine(day, CHARGED_AT, OFFSETS[zone])


def awake_from(now: datetime, zone: Zone) -> datetime:
    """``now``, or the next moment at which a phone there may be prompted."""
    local = now.astimezone(OFFSETS[zone])
    if OPENS <= local.time() < CLOSES:
        return now
    day = local.date() if local.time() < OPENS else local.date() + _DAY
    return datetime.combine(day, OPENS, OFFSETS[zone])
