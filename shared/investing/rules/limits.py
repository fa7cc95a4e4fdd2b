"""Limits on how a portfolio moves: its loss since the last close, and its turnover. Pure."""

from datetime import timedelta
from fractions import Fraction

from shared.investing.inputs import Cause
from shared.investing.plan import Check, Outcome
from shared.investing.rules.facts import Parameters
from shared.investing.rules.judging import (
    Proposed,
    checked,
    graded,
    named,
    share_of,
    shown,
    told,
)
from shared.investing.rules.names import Rule
from shared.investing.rules.settlement import day_of, turned_over
from shared.kernel.money import NANOS_PER_SHARE


def daily_loss(proposed: Proposed, parameters: Parameters) -> Check:
    """The fall of what is held since the last close: warns above ``warn_bp``, and above
    ``max_bp`` automatic orders wait for another day. What has no known close says nothing; when
    that is all, it warns."""
    inputs, closes = proposed.inputs, proposed.risk.daily
    before, now, unknown = Fraction(0), Fraction(0), []
    for symbol, nanos in inputs.held.items():
        day, price = closes.get(symbol), inputs.prices.get(symbol)
        if day is None or day.close is None or price is None:
            unknown.append(symbol)
            continue
        shares = Fraction(nanos, NANOS_PER_SHARE)
        before += shares * Fraction(day.close)
        now += shares * Fraction(price.price)
    loss = max(Fraction(0), 1 - now / before) if before else Fraction(0)
    limit = share_of(parameters, "max_bp")
    outcome = graded(loss, share_of(parameters, "warn_bp"), limit)
    if unknown and not before:
        outcome = Outcome.WARN
    return told(
        Rule.DAILY_LOSS, outcome, loss=shown(loss), limit=shown(limit), unknown=named(unknown)
    )


def turnover(proposed: Proposed, parameters: Parameters) -> Check:
    """What rebalances sell, of the whole: at most ``day_bp`` in a day; in ``days`` calendar days
    warns above ``warn_bp`` and fails above ``max_bp``."""
    if proposed.inputs.cause is not Cause.REBALANCE:
        return checked(Rule.TURNOVER, True, today="0", days="0")
    whole, new = proposed.whole_before, sum(proposed.sold.values())
    days = proposed.risk.traded.days
    first = proposed.today - timedelta(days=parameters["days"] - 1)
    more = Fraction(new, whole or 1)
    today = turned_over((day_of(days, proposed.today),), whole) + more
    lately = turned_over(tuple(each for each in days if each.day >= first), whole) + more
    outcome = graded(lately, share_of(parameters, "warn_bp"), share_of(parameters, "max_bp"))
    if new and today > share_of(parameters, "day_bp"):
        outcome = Outcome.FAIL
    if not new:
        # What was traded before is no reason against buying with what it brought.
        outcome = Outcome.PASS
    return told(Rule.TURNOVER, outcome, today=shown(today), days=shown(lately))
