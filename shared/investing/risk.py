"""From rows to what the rules look at: one way for execution and for previews. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from shared.investing.borrowing import borrows_from
from shared.investing.rules.facts import DayUsed, Risk
from shared.investing.rules.names import Rule
from shared.investing.rules.table import reference, rule_table
from shared.investing.trading_days import traded_from
from shared.market_data.bars import DailyFacts
from shared.market_data.calendar import OutsideCalendar, previous_session
from shared.market_data.store import MarketView
from shared.platform import keys
from shared.platform.tables import Item

HELD = "HELD"
"""Why trading of an account is stopped when its row does not say."""


def risk_of(
    trading: Sequence[Item],
    market: MarketView,
    symbols: Iterable[str],
    today: date,
    now: datetime,
    *,
    wash_sales: bool = False,
) -> Risk:
    """The rules in force ``today``, by the market's clock, and what they look at: ``trading`` are
    the rows about trading of the person's state, ``symbols`` what is held or aimed for. About
    ``wash_sales`` only those are asked whose law knows them."""
    table, known = rule_table(), reference()
    wanted = sorted(symbols)
    return Risk(
        table=table.version,
        rules={
            rule: given
            for rule, given in _in_force(today).items()
            if wash_sales or rule is not Rule.WASH_SALE
        },
        reference=known.version,
        classes={symbol: known.assets[symbol] for symbol in wanted if symbol in known.assets},
        daily={
            symbol: day_used(market.daily[symbol], today)
            for symbol in wanted
            if symbol in market.daily
        },
        restricted={symbol: one.restriction for symbol, one in sorted(market.restricted.items())},
        hold=hold_of(trading),
        margin=bool(borrows_from(trading)),
        traded=traded_from(trading),
        asked_at=now,
    )


def _in_force(today: date) -> Mapping[Rule, Mapping[str, int]]:
    return {
        rule: {"version": one.version, **one.parameters}
        for rule, one in rule_table().on(today).items()
    }


def day_used(facts: DailyFacts, today: date) -> DayUsed:
    """The close before today's session, when the bars know it, and the usual volume."""
    try:
        prior = previous_session(today).day
    except OutsideCalendar:
        return DayUsed(close=None, volume=facts.average_volume)
    close = facts.close if facts.day == prior else None
    if facts.day == today:
        close = facts.previous_close
    return DayUsed(close=close, volume=facts.average_volume)


def hold_of(trading: Sequence[Item]) -> str:
    """Why automatic trading of the account is stopped; empty when it is not."""
    for item in trading:
        if item.sk == keys.TRADING_HOLD:
            return str(item.attributes.get("reason", {}).get("S", HELD))
    return ""
