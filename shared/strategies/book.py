"""Strategies in memory, for readers that must not pay a request per screen."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.kernel.clock import Clock
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Strategy, in_force

if TYPE_CHECKING:
    # Its other ports would load goals and proposals with every screen.
    from shared.strategies.ports import Strategies

KEPT = timedelta(seconds=60)


class StrategyBook:
    """The strategies in force as one read saw them, read again when that is older than ``kept``.

    When the read fails, what was read before stays in use; empty only when nothing was ever read.
    """

    def __init__(
        self,
        strategies: "Strategies",
        clock: Clock,
        kept: timedelta = KEPT,
        on_failure: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self._strategies = strategies
        self._clock = clock
        self._kept = kept
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._known: Mapping[str, Strategy] = {}
        self._read_at: datetime | None = None

    def in_force(self) -> Mapping[str, Strategy]:
        """By id."""
        with self._lock:
            now = self._clock.now()
            if self._read_at is None or now - self._read_at >= self._kept:
                try:
                    # Of a new stage nothing is written yet: what will be is known all the same.
                    founding = in_force(FOUNDING, now.date())
                    self._known = {**founding, **self._strategies.in_force()}
                except Exception as error:  # noqa: BLE001 - an older target is better than no screen
                    self._on_failure(error)
                # Also after a failure: screens must not queue up behind a broken table.
                self._read_at = now
            return self._known
