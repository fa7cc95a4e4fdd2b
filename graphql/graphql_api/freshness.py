"""Prices in memory, with a wish for newer ones when the schedule has fallen behind."""

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.market_data.price_book import PriceBook
from shared.market_data.store import MarketView
from shared.platform.observability import metric
from shared.platform.queues import CheckMessage, Queue

BEHIND = timedelta(seconds=90)
"""The market is read every minute; older than this means that a reading was missed."""
BETWEEN_WISHES = timedelta(seconds=60)


class FreshPrices:
    """A price book that somebody looks at."""

    def __init__(self, book: PriceBook, queue: Callable[[], Queue], clock: Clock) -> None:
        self._book = book
        self._queue = queue
        self._clock = clock
        self._wished_at: datetime | None = None

    def view(self) -> MarketView:
        """The market as known now; asks for newer data at most once a minute."""
        view, now = self._book.view(), self._clock.now()
        behind = view.clock is None or now - view.clock.fetched_at > BEHIND
        lately = self._wished_at is not None and now - self._wished_at < BETWEEN_WISHES
        if behind and not lately:
            self._wished_at = now
            self._wish()
        return view

    def _wish(self) -> None:
        try:
            self._queue().send(CheckMessage("market", {}))
        except Exception as error:  # noqa: BLE001 - old prices with their age are better than none
            metric("PricesNotWishedFor", error=type(error).__name__)
