"""Business time: what the market, the broker and the rates live by."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Far beyond any series, and far enough from the last year that dates exist.
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class ClockOutOfRange(ValueError):
    """Business time only runs forward (a reset puts it back to its start), until the year 2200."""


class BusinessClock:
    """Runs at wall speed from a given start, and can be moved forward at once.

    Security time (token expiry, signature timestamps) is never taken from here.
    """

    def __init__(
        self, start: datetime, monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._start = start.astimezone(UTC)
        self._monotonic_ns = monotonic_ns
        self._listeners: list[Callable[[], None]] = []
        self._base = self._start
        self._since = monotonic_ns()

    def now(self) -> datetime:
        """Business time in UTC."""
        elapsed_us = (self._monotonic_ns() - self._since) // 1000
        return self._base + timedelta(microseconds=elapsed_us)

    def set(self, instant: datetime) -> None:
        """Moves business time to `instant` (with offset), then tells the listeners.

        Raises:
            ClockOutOfRange: the instant lies before now or too far ahead.
        """
        now = self.now()
        if not now <= instant <= LATEST:
            raise ClockOutOfRange(f"{instant.isoformat()} does not lie after {now.isoformat()}")
        self._rebase(instant)

    def advance(self, step: timedelta) -> None:
        """Moves business time forward by `step`, then tells the listeners.

        Raises:
            ClockOutOfRange: the step is negative or too long.
        """
        now = self.now()
        if not timedelta(0) <= step <= LATEST - now:
            raise ClockOutOfRange(f"a step of {step} cannot be made")
        self._rebase(now + step)

    def reset(self) -> None:
        """Back to the start; the listeners are told."""
        self._rebase(self._start)

    def on_move(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after every jump, never for the ordinary flow of time."""
        self._listeners.append(listener)

    def _rebase(self, instant: datetime) -> None:
        self._base = instant.astimezone(UTC)
        self._since = self._monotonic_ns()
        for listener in self._listeners:
            listener()
