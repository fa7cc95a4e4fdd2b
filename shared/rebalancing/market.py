"""What a sweep is judged by: whether the market trades, fresh prices, strategies in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched

from shared.breakers.names import GLOBAL
from shared.kernel.clock import Clock
from shared.market_data.calendar import OutsideCalendar, session_on
from shared.market_data.model import BreakerState
from shared.market_data.store import MarketView, breaker_key, clock_key, quote_key
from shared.market_data.universe import SYMBOLS
from shared.platform.tables import Database, Item, Key
from shared.strategies.model import Strategy
from shared.strategies.rows import CURRENT_KEYS, strategies_in

AFTER_OPEN = timedelta(minutes=15)
"""The first prices of a day jump: the sweep lets them settle."""
_KEYS = 100


@dataclass(frozen=True, slots=True)
class Market:
    """The market at a moment."""

    day: date | None = None
    """The business day while people may be asked for; None while something has to come first."""
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    """Those that are fresh and not in doubt, in dollars."""
    strategies: Mapping[str, Strategy] = field(default_factory=dict)
    waits_for: str = ""
    """What has to come first: ``CLOCK``, ``OPEN``, ``BREAKER``, ``PRICES`` or ``STRATEGIES``."""


class MarketReader:
    """Reads clock, breakers, prices and strategies in one request."""

    def __init__(self, database: Database, clock: Clock, max_age: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._max_age = max_age

    def look(self, symbols: Iterable[str] = ()) -> Market:
        """As it is now, with the prices of these symbols beside those that are invested in."""
        wanted = [clock_key(), *map(breaker_key, GLOBAL), *CURRENT_KEYS]
        wanted += [quote_key(symbol) for symbol in sorted({*SYMBOLS, *symbols})]
        found: dict[Key, Item] = {}
        for some in batched(wanted, _KEYS, strict=False):
            found |= self._database.get_many(some)
        view, strategies, now = MarketView.of(found), strategies_in(found), self._clock.now()
        if view.clock is None or not view.clock.known(now):
            return Market(waits_for="CLOCK")
        business_now = view.clock.now(now)
        prices = {
            symbol: quote.price.value
            for symbol, quote in view.quotes.items()
            if not quote.stale(self._max_age, business_now)
        }
        waits_for = self._waits_for(view, prices, strategies, now, business_now)
        day = None if waits_for else business_now.date()
        return Market(day, prices, strategies, waits_for)

    def _waits_for(
        self,
        view: MarketView,
        prices: Mapping[str, Decimal],
        strategies: Mapping[str, Strategy],
        now: datetime,
        business_now: datetime,
    ) -> str:
        if view.clock is None or not view.clock.open_at(now) or _just_opened(business_now):
            return "OPEN"
        if any(one.state is not BreakerState.CLOSED for one in view.breakers.values()):
            return "BREAKER"
        if not strategies:
            return "STRATEGIES"
        aims = {symbol for one in strategies.values() for symbol in one.weights}
        return "" if aims <= prices.keys() else "PRICES"

    def today(self) -> date | None:
        """The business day; None while the market's clock is not known."""
        view, now = MarketView.of(self._database.get_many([clock_key()])), self._clock.now()
        known = view.clock is not None and view.clock.known(now)
        return view.clock.now(now).date() if view.clock is not None and known else None


def _just_opened(business_now: datetime) -> bool:
    try:
        session = session_on(business_now.date())
    except OutsideCalendar:
        return False
    return session is not None and business_now < session.open + AFTER_OPEN
