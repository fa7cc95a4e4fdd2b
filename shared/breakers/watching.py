"""Looking at the market once: what is known of it, and what its breakers become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import median

from shared.breakers import market, symbols
from shared.breakers.changing import Changing, Record
from shared.breakers.market import Seen
from shared.breakers.names import MARKET, breaker_of
from shared.breakers.store import Samples
from shared.breakers.volatility import DECAY, annual, enough, market_returns, moved, variance
from shared.kernel.clock import Clock
from shared.market_data.bars import Adjustment, DailyFacts
from shared.market_data.calendar import Session, previous_session, session_on
from shared.market_data.history_store import HistoryStore, daily_key
from shared.market_data.model import Breaker
from shared.market_data.store import MarketStore, MarketView, breaker_key, clock_key, quote_key
from shared.platform.work import UnitOfWork

HISTORY = timedelta(days=400)
"""What is older weighs less than a ten-millionth."""
FRESH = timedelta(minutes=3)
"""An older price says nothing about now."""
_TRIES = 4


@dataclass(slots=True)
class Variances:
    """The variance until a day, computed once a day."""

    history: HistoryStore
    known: tuple[date, Decimal | None] | None = None

    def until(self, day: date, of: Sequence[str]) -> Decimal | None:
        """Of the market's returns until that session; None while its bars are not there."""
        if self.known is not None and self.known[0] == day:
            return self.known[1]
        bars = {
            symbol: self.history.bars(symbol, Adjustment.ALL, day - HISTORY, day) for symbol in of
        }
        returns = market_returns(bars)
        if not returns or returns[-1][0] != day:
            return None
        self.known = (day, variance(each for _, each in returns))
        return self.known[1]


@dataclass(frozen=True, slots=True)
class Watch:
    """``stocks`` stand for the market: their median is its return. ``every`` symbol has a breaker
    of its own."""

    view: MarketStore
    variances: Variances
    samples: Samples
    changing: Changing
    facts: UnitOfWork
    clock: Clock
    stocks: Sequence[str]
    every: Sequence[str]
    record: Record

    def look(self) -> tuple[str, ...]:
        """Carry out what is due; names of what is not known and therefore changed nothing."""
        names = [MARKET, *map(breaker_of, self.every)]
        wanted = [clock_key(), *map(breaker_key, names)]
        wanted += [key for each in self.every for key in (quote_key(each), daily_key(each))]
        view = self.view.read(wanted)
        system = self.clock.now()
        if view.clock is None or not view.clock.known(system):
            return ("clock",)
        now = view.clock.now(system)
        seen = self._seen(view, now)
        self._settle(MARKET, view, lambda before: market.judged(before, seen))
        self._symbols(view, seen)
        unknown = {"fall": seen.fall is None and seen.trading, "deviation": seen.deviation is None}
        return tuple(name for name, missing in unknown.items() if missing)

    def _seen(self, view: MarketView, now: datetime) -> Seen:
        session = session_on(now.date())
        trading = session is not None and session.open <= now < session.close
        fall = fall_of(view, session, self.stocks, now) if session and trading else None
        last = previous_session(now.date()).day
        if session is not None and now >= session.close and self._closed(view, session.day):
            last = session.day
        until = self.variances.until(last, self.stocks)
        if until is not None and fall is not None:
            until = DECAY * until + (1 - DECAY) * fall * fall
        return Seen(now, session, fall, None if until is None else annual(until))

    def _closed(self, view: MarketView, day: date) -> bool:
        """Whether that day's bars are there."""
        known = [each for each in self.stocks if _on(view.daily.get(each), day)]
        return enough(len(known), len(self.stocks))

    def _symbols(self, view: MarketView, seen: Seen) -> None:
        samples = self.samples.read()
        fresh = {
            symbol: quote
            for symbol, quote in view.quotes.items()
            if not quote.stale(FRESH, seen.now)
        }
        for symbol in self.every:
            quote = fresh.get(symbol)
            move = None if quote is None else symbols.move_of(samples.get(symbol, ()), quote)
            judge = partial(symbols.judged, symbol, move=move, session=seen.session, now=seen.now)
            self._settle(breaker_of(symbol), view, judge)
        kept = symbols.sampled(samples, fresh, seen.now)
        if kept != samples:
            self.facts.commit([self.samples.keep(kept)])

    def _settle(
        self, name: str, view: MarketView, judge: Callable[[Breaker | None], Breaker | None]
    ) -> None:
        before = view.breakers.get(name)
        for _ in range(_TRIES):
            after = judge(before)
            if after is None or self.changing.change(before, after, self.record):
                return
            # Somebody else was first: mostly with the same word, and nothing is left to do.
            before = self.changing.switches.read([name]).get(name)


def fall_of(
    view: MarketView, session: Session, stocks: Sequence[str], now: datetime
) -> Decimal | None:
    """The median return of these symbols since the prior session's close; None when it is known
    of half of them or fewer."""
    prior = previous_session(session.day).day
    found = []
    for symbol in stocks:
        quote, facts = view.quotes.get(symbol), view.daily.get(symbol)
        if quote is None or facts is None or quote.as_of < session.open or quote.stale(FRESH, now):
            continue
        if facts.day == prior:
            found.append(moved(quote.price.value, facts.close))
    return median(found) if enough(len(found), len(stocks)) else None


def _on(facts: DailyFacts | None, day: date) -> bool:
    return facts is not None and facts.day == day
