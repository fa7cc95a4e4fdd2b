"""The market of a replayed day: clock, quotes, the closes before, and its breaker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from shared.breakers.changing import Changing
from shared.breakers.market import Seen, judged
from shared.breakers.names import MARKET
from shared.breakers.volatility import DECAY, annual
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Price
from shared.market_data.bars import Adjustment, DailyFacts
from shared.market_data.breakers import Switches
from shared.market_data.calendar import Session, next_session, previous_session, session_on
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import Asset, Breaker, BreakerState, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.platform.tables import Database
from shared.platform.work import UnitOfWork, Write
from tools.backtest.history import History

TRADES_BEFORE_BELL = timedelta(hours=2)
"""At this time before the bell a day is traded, at its close."""
LOOKS, BETWEEN = 3, timedelta(minutes=20)
"""How often, and in which distance, the breaker is looked at before that."""


def silent(before: Breaker | None, after: Breaker) -> Sequence[Write]:
    """A replay keeps no audit trail."""
    return ()


@dataclass
class ReplayedMarket:
    """Moves the clock from day to day, and writes what the platform's own rows say of each."""

    history: History
    database: Database
    facts: UnitOfWork
    clock: FixedClock
    changes: list[Breaker] = field(default_factory=list)
    """What became of the market's breaker, in order."""
    stopped: list[date] = field(default_factory=list)
    """Days on which no order was to be planned."""
    levels: dict[date, int] = field(default_factory=dict)
    """Days on which the market had fallen by a level, and by which one."""
    variance: Decimal | None = None

    def __post_init__(self) -> None:
        self._store, self._bars = MarketStore(self.database), HistoryStore(self.database)
        self._switches = Switches(self.database)
        first = self.history.days[0]
        for day, moved in sorted(self.history.market.items()):
            if day < first:
                self.variance = self._with(moved)
        for symbol in UNIVERSE:
            # A fee is of days that are over: later bars are not looked at.
            self._bars.keep_bars(symbol, Adjustment.RAW, self.history.bars(symbol))

        self._store.keep_assets(
            Asset(symbol, one.name, one.type, symbol, True, True, self.clock.now())
            for symbol, one in UNIVERSE.items()
        )

    def open(self, day: date) -> dict[str, Decimal]:
        """Begin a day; its prices in dollars. The breaker is looked at several times."""
        session = session_on(day)
        if session is None:
            raise ValueError(f"{day} is no session")
        fall = self.history.market.get(day)
        after = self.variance if fall is None else self._with(fall)
        deviation = None if after is None else annual(after)
        trades = session.close - TRADES_BEFORE_BELL
        for number in reversed(range(LOOKS)):
            self._go_to(trades - number * BETWEEN)
            seen = Seen(self.clock.now(), session, fall, deviation)
            self._look(seen)
            if seen.level:
                self.levels[day] = seen.level
        self.variance = after
        if self._blocked():
            self.stopped.append(day)
        return self._written(session)

    def _with(self, moved: Decimal) -> Decimal:
        square = moved * moved
        return square if self.variance is None else DECAY * self.variance + (1 - DECAY) * square

    def _go_to(self, at: datetime) -> None:
        self.clock.advance(at - self.clock.now())

    def _look(self, seen: Seen) -> None:
        before = self._switches.read([MARKET]).get(MARKET)
        after = judged(before, seen)
        if after is not None:
            Changing(self._switches, self.facts).change(before, after, silent)
            self.changes.append(after)

    def _blocked(self) -> bool:
        found = self._switches.read([MARKET]).get(MARKET)
        return found is not None and found.state is BreakerState.OPEN

    def _written(self, session: Session) -> dict[str, Decimal]:
        now, day = self.clock.now(), session.day
        self._store.keep_clock(MarketClock(now, True, _next_open(day), session.close, now))
        prices = {symbol: self.history.closes[symbol][day] for symbol in UNIVERSE}
        self._store.keep_quotes(
            Quote(symbol, Price(price, Currency.USD), now, "backtest", now)
            for symbol, price in prices.items()
        )
        prior = previous_session(day).day
        for symbol, known in self.history.closes.items():
            if prior in known:
                self._bars.keep_facts(DailyFacts(symbol, prior, known[prior], None, None))
        return prices


def _next_open(day: date) -> datetime:
    return next_session(day).open
