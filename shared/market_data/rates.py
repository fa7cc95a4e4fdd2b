"""Which published rates may be used: young enough, no unconfirmed jump, crossed exactly. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from shared.kernel.money import Currency, FxRate
from shared.market_data.model import FxQuote

PIVOT = Currency.USD
"""Rates are kept as units of each currency for one of this; others are crossed through it."""
QUOTED = tuple(sorted(set(Currency) - {PIVOT}))
"""Currencies that people pay in or out with, besides dollars."""
READ_WITHIN = timedelta(days=1)
"""A rate that we read longer ago is not used."""
BUSINESS_DAYS = 4
"""Weekdays after its own day on which a published rate is still used. Central banks rest on
weekends and holidays: from Maundy Thursday to the Tuesday after Easter are three weekdays, and
the source may be a day behind."""
JUMP = Decimal("0.05")
"""A larger change since the last rate is not believed at once. The shilling's largest of 2024 to
2026 within a day was 4.8 %."""
CONFIRMED_AFTER = timedelta(minutes=10)
"""A jump that the source still states then, or on another day's publication, is real."""

_PRECISION = 38


@dataclass(frozen=True, slots=True)
class RateRecord:
    """What is known of a pair: the last rate that was believed, and a newer one that is not
    confirmed yet. While there is a suspect, nobody is quoted either of them."""

    trusted: FxQuote
    suspect: FxQuote | None = None


def judged(known: RateRecord | None, new: FxQuote) -> RateRecord:
    """The record after another reading of the source."""
    if known is None or _near(known.trusted, new):
        return RateRecord(new)
    suspect = known.suspect
    if suspect is None or not _near(suspect, new):
        return RateRecord(known.trusted, new)
    another_day = new.as_of.date() > suspect.as_of.date()
    if another_day or new.fetched_at - suspect.fetched_at >= CONFIRMED_AFTER:
        return RateRecord(new)
    return known


def _near(one: FxQuote, other: FxQuote) -> bool:
    low, high = sorted((one.rate, other.rate))
    return high - low <= low * JUMP


def usable(rate: FxQuote, now: datetime, business_now: datetime) -> bool:
    """Whether it is young enough: ``now`` is the system's time, in which it was read;
    ``business_now`` the market's, in which it was published."""
    if now - rate.fetched_at > READ_WITHIN:
        return False
    published, today = rate.as_of.date(), business_now.date()
    # Where the day begins earlier than here, a rate may be of tomorrow.
    return published <= today + timedelta(days=1) and _weekdays(published, today) <= BUSINESS_DAYS


def _weekdays(after: date, until: date) -> int:
    """Weekdays later than one day and not later than another."""
    weeks, days = divmod(max((until - after).days, 0), 7)
    rest = (after + timedelta(days=each) for each in range(1, days + 1))
    return weeks * 5 + sum(day.weekday() < 5 for day in rest)


def crossed(
    rates: Mapping[tuple[Currency, Currency], FxQuote], base: Currency, quote: Currency
) -> FxRate | None:
    """Units of ``quote`` for one of ``base``, to 38 digits, or None when a leg is missing.

    A published pair is taken as it is, its opposite is inverted (``…:inverse``), two others are
    crossed through dollars (``…:cross``); a cross is as old as the older of its legs.
    """
    if base is quote:
        return None
    direct = _leg(rates, base, quote)
    if direct is not None:
        return direct
    first, second = _leg(rates, base, PIVOT), _leg(rates, PIVOT, quote)
    if first is None or second is None:
        return None
    with localcontext(prec=_PRECISION):
        rate = first.rate * second.rate
    source = f"{first.source.partition(':')[0]}:cross"
    return FxRate(base, quote, rate, source, min(first.as_of, second.as_of))


def _leg(
    rates: Mapping[tuple[Currency, Currency], FxQuote], base: Currency, quote: Currency
) -> FxRate | None:
    stated = rates.get((base, quote))
    if stated is not None:
        return FxRate(base, quote, stated.rate, stated.source, stated.as_of)
    opposite = rates.get((quote, base))
    if opposite is None:
        return None
    with localcontext(prec=_PRECISION):
        rate = 1 / opposite.rate
    return FxRate(base, quote, rate, f"{opposite.source}:inverse", opposite.as_of)
