"""Prices in memory with their age, for readers that must not pay a request per screen."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.market_data.store import MarketStore, MarketView, asset_key, clock_key, quote_key
from shared.market_data.universe import SYMBOLS

KEPT = timedelta(seconds=15)


class PriceBook:
    """The market as one BatchGet saw it, read again when it is older than ``kept``.

    When the read fails, the older view stays in use: every quote carries its own age.
    """

    def __init__(
        self,
        store: MarketStore,
        clock: Clock,
        symbols: Sequence[str] = SYMBOLS,
        kept: timedelta = KEPT,
        on_failure: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._on_failure = on_failure
        self._keys = [clock_key()]
        for symbol in symbols:
            self._keys += [quote_key(symbol), asset_key(symbol)]
        self._lock = threading.Lock()
        self._view = MarketView()
        self._read_at: datetime | None = None

    def view(self) -> MarketView:
        """The market as known now; empty only when it could never be read."""
        with self._lock:
            now = self._clock.now()
            if self._read_at is not None and now - self._read_at < self._kept:
                return self._view
            try:
                self._view = self._store.read(self._keys)
            except Exception as error:  # noqa: BLE001 - prices with an age are better than no screen
                self._on_failure(error)
            # Also after a failure: the next screens must not queue up behind a broken table.
            self._read_at = now
            return self._view
