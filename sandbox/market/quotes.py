"""Prices at a moment: what a trade, a quote and a bar would show."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import prod

from sandbox.clock import BusinessClock
from sandbox.market.calendar import OutsideCalendar, Session, TradingCalendar
from sandbox.market.path import DayPath, quantized
from sandbox.market.series import NoPrice, Series
from sandbox.market.volumes import volume_of

# Bid and ask lie one basis point from the price each: a spread of two.
HALF_SPREAD = Decimal("0.0001")
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tick:
    """The newest price of a symbol and the business time at which it was made."""

    symbol: str
    at: datetime
    price: Decimal

    @property
    def bid(self) -> Decimal:
        """What a seller gets."""
        return quantized(self.price * (1 - HALF_SPREAD))

    @property
    def ask(self) -> Decimal:
        """What a buyer pays."""
        return quantized(self.price * (1 + HALF_SPREAD))


@dataclass(frozen=True, slots=True)
class Bar:
    """One session, or the part of it that is over."""

    session: Session
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int = 0
    """Shares, made up."""


@dataclass(frozen=True, slots=True)
class Shock:
    """From that moment on, every price of a symbol is multiplied by the factor."""

    at: datetime
    factor: Decimal


type Shocks = dict[str, list[Shock]]
"""Of each symbol."""


class Market:
    """Replays the series along business time. `feed_delay` holds the public feed back, not the
    exchange; a halted symbol stands still for both; a shock moves a symbol off its history.
    Whoever shows the same exchange is given the same `shocks`."""

    def __init__(
        self,
        clock: BusinessClock,
        calendar: TradingCalendar,
        series: dict[str, Series],
        shocks: Shocks | None = None,
    ) -> None:
        self._clock = clock
        self._series = series
        self.calendar = calendar
        self.feed_delay = timedelta(0)
        self.halted: dict[str, datetime] = {}
        self.shocks: Shocks = {} if shocks is None else shocks
        # A finished session never changes.
        self._whole_bars: dict[tuple[str, date], Bar] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol that has a series."""
        return tuple(self._series)

    def reset(self) -> None:
        """No halts, no delay, no shocks."""
        self.feed_delay = timedelta(0)
        self.halted.clear()
        self.shocks.clear()
        self._whole_bars.clear()

    def halt(self, symbol: str) -> None:
        """Stops trading in a symbol as of now; halting twice changes nothing."""
        self.halted.setdefault(symbol, self._clock.now())

    def resume(self, symbol: str) -> None:
        """Lets a symbol trade again."""
        self.halted.pop(symbol, None)

    def shock(self, symbol: str, factor: Decimal) -> None:
        """Multiplies every price of a symbol from now on."""
        self.shocks.setdefault(symbol, []).append(Shock(self._clock.now(), factor))

    def traded(self, symbol: str, at: datetime | None = None) -> Tick:
        """The exchange's price now, or at a moment of the past.

        Raises:
            NoPrice: there is none.
        """
        return self._tick(symbol, at or self._clock.now())

    def published(self, symbol: str) -> Tick:
        """The newest price that the feed has shown.

        Raises:
            NoPrice: there is none.
        """
        return self._tick(symbol, self._clock.now() - self.feed_delay)

    def previous_close(self, symbol: str) -> Decimal:
        """The close of the session before the latest.

        Raises:
            NoPrice: there is none.
        """
        session = self.calendar.latest(self._clock.now())
        return self.closing_price(symbol, self.calendar.before(session.day))

    def closing_price(self, symbol: str, session: Session) -> Decimal:
        """The close of a session; where the source has none, the newest earlier one.

        Raises:
            NoPrice: there is none.
        """
        series = self._series.get(symbol)
        if series is None:
            raise NoPrice(f"there is no series for {symbol}")
        return quantized(series.close(session.day) * self._factor(symbol, session.close))

    def bar(self, symbol: str, session: Session) -> Bar | None:
        """The bar of a session as far as the feed has shown it; None if it has shown nothing."""
        moment = self._moment(symbol, session, self._clock.now() - self.feed_delay)
        if moment < session.open:
            return None
        whole = (symbol, session.day)
        if moment == session.close and whole in self._whole_bars:
            return self._whole_bars[whole]
        try:
            path = self._path(symbol, session)
        except NoPrice:
            return None
        low, high = self._extremes(path, session, moment)
        bar = Bar(
            session,
            self._price(path, session, session.open),
            high,
            low,
            self._price(path, session, moment),
            volume_of(symbol, session.day, _progress(session, moment)),
        )
        if moment == session.close:
            self._whole_bars[whole] = bar
        return bar

    def sessions(self, symbol: str, start: date, end: date) -> tuple[Session, ...]:
        """The sessions from `start` to `end`, both included, that have a bar; oldest first."""
        series = self._series.get(symbol)
        if series is None:
            return ()
        # The first bar needs the close before it.
        first = max(start, series.days[0] + timedelta(days=1))
        instant = min(self._clock.now() - self.feed_delay, self.halted.get(symbol, FAR_FUTURE))
        return tuple(one for one in self.calendar.between(first, end) if one.open <= instant)

    def latest_session(self) -> Session:
        """The newest session that the feed knows of."""
        return self.calendar.latest(self._clock.now() - self.feed_delay)

    def _tick(self, symbol: str, instant: datetime) -> Tick:
        session = self.calendar.latest(instant)
        at = self._moment(symbol, session, instant)
        if at < session.open:
            session = self.calendar.latest(at)
            at = min(at, session.close)
        return Tick(symbol, at, self._price(self._path(symbol, session), session, at))

    def _price(self, path: DayPath, session: Session, at: datetime) -> Decimal:
        return quantized(path.price(_progress(session, at)) * self._factor(path.symbol, at))

    def _extremes(
        self, path: DayPath, session: Session, until: datetime
    ) -> tuple[Decimal, Decimal]:
        """Lowest and highest price of a session until a moment, between its shocks."""
        shocks = self.shocks.get(path.symbol, [])
        inside = [shock.at for shock in shocks if session.open < shock.at < until]
        lows, highs = [], []
        for start, end in pairwise([session.open, *inside, until]):
            low, high = path.extremes(_progress(session, start), _progress(session, end))
            factor = self._factor(path.symbol, start)
            lows.append(quantized(low * factor))
            highs.append(quantized(high * factor))
        close = self._price(path, session, until)
        return min(*lows, close), max(*highs, close)

    def _factor(self, symbol: str, at: datetime) -> Decimal:
        factors = (shock.factor for shock in self.shocks.get(symbol, ()) if shock.at <= at)
        return prod(factors, start=Decimal(1))

    def _moment(self, symbol: str, session: Session, instant: datetime) -> datetime:
        halted_at = self.halted.get(symbol, instant)
        return min(instant, halted_at, session.close)

    def _path(self, symbol: str, session: Session) -> DayPath:
        series = self._series.get(symbol)
        if series is None:
            raise NoPrice(f"there is no series for {symbol}")
        try:
            previous = self.calendar.before(session.day)
        except OutsideCalendar as error:
            raise NoPrice(f"{symbol} has no price before {session.day}") from error
        return DayPath(symbol, session.day, series.close(previous.day), series.close(session.day))


def _progress(session: Session, at: datetime) -> Decimal:
    """How much of the session is over at that moment, from 0 to 1."""
    passed = (at - session.open) // timedelta(microseconds=1)
    whole = (session.close - session.open) // timedelta(microseconds=1)
    return max(Decimal(0), min(Decimal(1), Decimal(passed) / whole))
