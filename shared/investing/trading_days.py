"""What was planned for a person lately, in one small row of their state: rules about turnover,
day trades and duplicates look at it. It is written with each plan that has orders."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.investing.inputs import Cause, Inputs
from shared.investing.model import Side
from shared.investing.plan import Decision
from shared.investing.rules.facts import TradedDay, TradedUsed
from shared.investing.rules.settlement import day_of, day_trades_between
from shared.investing.rules.sizes import digest_of
from shared.platform import keys
from shared.platform.tables import InstantAttribute, Item, Put, Row, Table
from shared.platform.work import Write

KEPT = timedelta(days=14)
"""Longer than any rule looks back at what was traded."""
LOST_KEPT = timedelta(days=30)
"""As long as a purchase can make an earlier loss count for nothing."""


class TradingDaysRow(Row):
    """Lines of JSON, a day each, oldest first; which symbols is known of the newest day alone."""

    TABLE: ClassVar[Table] = Table.CORE
    KIND: ClassVar[str] = "trading_days"

    lines = UnicodeAttribute()
    planned_at = InstantAttribute()
    orders = UnicodeAttribute()


def traded_from(items: Sequence[Item]) -> TradedUsed:
    """Out of the rows about trading in a person's state."""
    for item in items:
        if item.kind == TradingDaysRow.KIND:
            row = item.to(TradingDaysRow)
            days = tuple(_day_from(json.loads(line)) for line in row.lines.splitlines())
            return TradedUsed(days=days, at=row.planned_at, orders=row.orders)
    return TradedUsed()


def traded(user_id: str, inputs: Inputs, decision: Decision) -> list[Write]:
    """The write ``trading_days`` of a plan with orders. It has no condition of its own: whoever
    plans for the same person meanwhile loses the race for the wallet."""
    if not decision.orders or inputs.risk is None:
        return []
    now = inputs.risk.asked_at
    today = (inputs.business_now or now).date()
    before = inputs.risk.traded.days
    kept = [
        _counted(each) if today - KEPT < each.day else TradedDay(day=each.day, lost=each.lost)
        for each in before
        if each.day < today and (today - KEPT < each.day or _still_lost(each, today))
    ]
    days = [*kept, _with(day_of(before, today), inputs, decision)]
    row = TradingDaysRow(
        pk=keys.user(user_id),
        sk=keys.TRADING_DAYS,
        lines="\n".join(json.dumps(_told(each), separators=(",", ":")) for each in days),
        planned_at=now,
        orders=digest_of(decision.orders),
    )
    return [Put("trading_days", row)]


def _with(today: TradedDay, inputs: Inputs, decision: Decision) -> TradedDay:
    bought = {each.symbol for each in decision.orders if each.side is Side.BUY}
    sold = {each.symbol for each in decision.orders if each.side is Side.SELL}
    rebalanced = decision.proceeds_minor if inputs.cause is Cause.REBALANCE else 0
    return TradedDay(
        day=today.day,
        bought_minor=today.bought_minor + decision.notional_minor,
        sold_minor=today.sold_minor + rebalanced,
        day_trades=today.day_trades + day_trades_between(today, bought, sold),
        bought=tuple(sorted(bought | set(today.bought))),
        sold=tuple(sorted(sold | set(today.sold))),
        lost=tuple(sorted(_lost(inputs, decision) | set(today.lost))),
    )


def _still_lost(day: TradedDay, today: date) -> bool:
    return bool(day.lost) and today - LOST_KEPT <= day.day


def _lost(inputs: Inputs, decision: Decision) -> set[str]:
    if not inputs.tax.wash_days:
        return set()
    return {
        symbol
        for symbol, sale in decision.sales.items()
        if sale.short_minor < 0 or sale.long_minor < 0
    }


def _counted(day: TradedDay) -> TradedDay:
    return day.model_copy(update={"bought": (), "sold": ()})


def _told(day: TradedDay) -> dict[str, Any]:
    known = {
        "day": day.day.isoformat(),
        "in": day.bought_minor,
        "out": day.sold_minor,
        "trades": day.day_trades,
        "bought": " ".join(day.bought),
        "sold": " ".join(day.sold),
        "lost": " ".join(day.lost),
    }
    return {name: value for name, value in known.items() if value}


def _day_from(given: dict[str, Any]) -> TradedDay:
    return TradedDay(
        day=date.fromisoformat(given["day"]),
        bought_minor=given.get("in", 0),
        sold_minor=given.get("out", 0),
        day_trades=given.get("trades", 0),
        bought=tuple(given.get("bought", "").split()),
        sold=tuple(given.get("sold", "").split()),
        lost=tuple(given.get("lost", "").split()),
    )
