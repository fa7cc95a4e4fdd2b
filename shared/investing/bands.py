"""Whether a rebalance is due: bands around the target, the calendar, and the cooldown. Pure.

Weights are shares of the whole portfolio, cash included; cash has no target of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from shared.investing.inputs import Band, Inputs, Period, Rules
from shared.portfolio.valuation import WHOLE_BP, as_decimal, drift

CASH = "CASH"


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a rebalance is due, and the numbers that say so."""

    due: bool
    why: str
    """``BAND``, ``CALENDAR`` or ``CONTINUES`` when it is; ``WITHIN_BANDS`` or ``COOLDOWN``."""
    values: Mapping[str, str]


def due(inputs: Inputs, values: Mapping[str, int], targets: Mapping[str, int], today: date) -> Due:
    """Judge the portfolio of ``values`` (cents by symbol) and the cash of ``inputs``."""
    rules, last = inputs.rules, inputs.last_rebalanced
    if inputs.continues:
        return Due(True, "CONTINUES", {})
    if last is not None and today < last + timedelta(days=rules.cooldown_days):
        until = last + timedelta(days=rules.cooldown_days)
        return Due(False, "COOLDOWN", {"last": last.isoformat(), "until": until.isoformat()})
    breached = breaches(values, targets, inputs.available_minor, rules)
    if breached:
        return Due(True, "BAND", {"band": rules.band.value, **breached})
    if rules.every is not None and (
        last is None or _period(last, rules.every) < _period(today, rules.every)
    ):
        return Due(True, "CALENDAR", {"every": rules.every.value})
    distance = as_decimal(drift(values, targets, inputs.available_minor))
    return Due(False, "WITHIN_BANDS", {"band": rules.band.value, "drift": str(distance)})


def breaches(
    values: Mapping[str, int], targets: Mapping[str, int], cash: int, rules: Rules
) -> dict[str, str]:
    """What left its band, by symbol, as distance and limit; ``CASH`` and ``PORTFOLIO`` too."""
    whole = sum(values.values()) + cash
    if whole <= 0:
        return {}
    if rules.band is Band.PORTFOLIO:
        distance, limit = drift(values, targets, cash), Fraction(rules.portfolio_bp, WHOLE_BP)
        return {"PORTFOLIO": _over(distance, limit)} if distance > limit else {}
    found = {}
    for symbol in sorted(values.keys() | targets.keys()):
        weight = Fraction(values.get(symbol, 0), whole)
        target = Fraction(targets.get(symbol, 0), WHOLE_BP)
        distance, limit = abs(weight - target), _limit(target, rules)
        if distance > limit:
            found[symbol] = _over(distance, limit)
    share, limit = Fraction(cash, whole), Fraction(rules.absolute_bp, WHOLE_BP)
    # A share of nothing is nothing: for cash the absolute band holds in every case.
    if share > limit:
        found[CASH] = _over(share, limit)
    return found


def _limit(target: Fraction, rules: Rules) -> Fraction:
    absolute = Fraction(rules.absolute_bp, WHOLE_BP)
    relative = target * rules.relative_bp / WHOLE_BP
    match rules.band:
        case Band.ABSOLUTE:
            return absolute
        case Band.RELATIVE:
            return relative
        case _:
            return min(absolute, relative)


def _over(distance: Fraction, limit: Fraction) -> str:
    return f"{as_decimal(distance)} over {as_decimal(limit)}"


def _period(day: date, every: Period) -> tuple[int, int]:
    match every:
        case Period.MONTH:
            return day.year, day.month
        case Period.QUARTER:
            return day.year, (day.month - 1) // 3
        case Period.YEAR:
            return day.year, 0
