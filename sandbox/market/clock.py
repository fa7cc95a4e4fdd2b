"""The market's view of business time: open or closed, what comes next."""

from datetime import datetime

from sandbox.clock import BusinessClock
from sandbox.market.calendar import NEW_YORK, Session, TradingCalendar


class MarketClock:
    """Answers for one instant at a time, so that an answer never contradicts itself."""

    def __init__(self, clock: BusinessClock, calendar: TradingCalendar) -> None:
        self._clock = clock
        self._calendar = calendar

    def now(self) -> datetime:
        """Business time with New York's offset."""
        return self._clock.now().astimezone(NEW_YORK)

    def session(self) -> Session | None:
        """The running session, None while the market is closed."""
        return self._calendar.current(self.now())

    def next_bell(self) -> datetime:
        """When the market next opens or closes."""
        now = self.now()
        running = self._calendar.current(now)
        return running.close if running else self._calendar.next_after(now).open

    def wire(self) -> dict[str, object]:
        """The answer of `GET /v1/clock`."""
        now = self.now()
        running = self._calendar.current(now)
        upcoming = self._calendar.next_after(now)
        close = running.close if running else upcoming.close
        return {
            "timestamp": now.isoformat(timespec="microseconds"),
            "is_open": running is not None,
            "next_open": upcoming.open.isoformat(),
            "next_close": close.isoformat(),
        }
