"""Rules about when money and shares change hands. Pure."""

from datetime import date
from fractions import Fraction

from shared.investing.inputs import LotUsed
from shared.investing.plan import Check, Outcome
from shared.investing.rules.facts import Parameters, TradedDay
from shared.investing.rules.judging import Proposed, checked, named, told
from shared.investing.rules.names import Rule
from shared.market_data.calendar import OutsideCalendar, previous_session, settlement_day


def settled_funds(proposed: Proposed, parameters: Parameters) -> Check:
    """All purchases together are paid with cash that has settled."""
    cost, inputs = sum(proposed.bought.values()), proposed.inputs
    return checked(
        Rule.SETTLED_FUNDS,
        cost <= inputs.settled_minor,
        bought_minor=cost,
        settled_minor=inputs.settled_minor,
        unsettled_minor=inputs.unsettled_minor,
    )


def good_faith(proposed: Proposed, parameters: Parameters) -> Check:
    """Shares that have not settled are not sold while cash is unsettled that may have paid for
    them; without such cash selling them only warns."""
    inputs, early = proposed.inputs, []
    for order in proposed.sales:
        lots = inputs.lots.get(order.symbol, ())
        settled = inputs.held[order.symbol] - sum(
            lot.nanos for lot in lots if _unsettled(lot, proposed.today)
        )
        if order.nanos > settled:
            early.append(order.symbol)
    outcome = Outcome.PASS
    if early:
        outcome = Outcome.FAIL if inputs.unsettled_minor > 0 else Outcome.WARN
    return told(
        Rule.GOOD_FAITH, outcome, early=named(early), unsettled_minor=inputs.unsettled_minor
    )


def _unsettled(lot: LotUsed, today: date) -> bool:
    try:
        return settlement_day(lot.acquired) > today
    except OutsideCalendar:
        # Nobody knows its session: what is older than a week has settled all the same.
        return (today - lot.acquired).days < 7


def pattern_day_trading(proposed: Proposed, parameters: Parameters) -> Check:
    """More than ``day_trades`` in ``sessions`` sessions in an account that may borrow and is
    worth less than ``equity_minor`` cents. An account of cash alone is only warned."""
    new = day_trades_of(proposed)
    first = _sessions_back(proposed.today, parameters["sessions"] - 1)
    recent = [each for each in proposed.risk.traded.days if each.day >= first]
    count = new + sum(each.day_trades for each in recent)
    over = new > 0 and count > parameters["day_trades"]
    binding = proposed.risk.margin and proposed.whole_before < parameters["equity_minor"]
    outcome = (Outcome.FAIL if binding else Outcome.WARN) if over else Outcome.PASS
    return told(
        Rule.PATTERN_DAY_TRADING,
        outcome,
        day_trades=count,
        limit=parameters["day_trades"],
        sessions=parameters["sessions"],
        account="MARGIN" if proposed.risk.margin else "CASH",
    )


def day_trades_of(proposed: Proposed) -> int:
    """Symbols whose other side was planned today already."""
    today = day_of(proposed.risk.traded.days, proposed.today)
    sold = {each.symbol for each in proposed.sales}
    return day_trades_between(today, set(proposed.bought), sold)


def day_trades_between(before: TradedDay, bought: set[str], sold: set[str]) -> int:
    """Symbols that become day trades by these orders: the other side was planned on that day
    already, and the same side was not."""
    first_sales, first_buys = sold - set(before.sold), bought - set(before.bought)
    return len(first_sales & set(before.bought)) + len(first_buys & set(before.sold))


def day_of(days: tuple[TradedDay, ...], day: date) -> TradedDay:
    """What was planned on a day; nothing when it is not among them."""
    return next((each for each in days if each.day == day), TradedDay(day=day))


def _sessions_back(day: date, count: int) -> date:
    for _ in range(count):
        day = previous_session(day).day
    return day


def turned_over(days: tuple[TradedDay, ...], whole: int) -> Fraction:
    """What rebalances sold on these days, as a share of the whole."""
    return Fraction(sum(each.sold_minor for each in days), whole or 1)
