"""What lies around corporate actions: the market's time, open orders, and whoever plans."""

from datetime import datetime, timedelta

from shared.investing.canceling import Canceler
from shared.investing.errors import OrderNotCancelable
from shared.investing.inputs import Cause
from shared.investing.states import CancelReason
from shared.investing.store import OrderRow, order_from
from shared.kernel.clock import Clock
from shared.market_data.model import MarketClock
from shared.market_data.store import MarketStore, clock_key
from shared.platform import keys
from shared.platform.queues import CheckMessage, Queue
from shared.platform.tables import Database, Table

NEWEST = 100
"""Orders live for a day: open ones are among the newest of what a person's feed holds."""


class BrokersClock:
    """See Market: what the broker's clock said last, carried forward."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._market = MarketStore(database)
        self._clock = clock

    def business_now(self) -> datetime | None:
        """See Market."""
        known = self._known()
        return None if known is None else known.now(self._clock.now())

    def opens_in(self) -> timedelta:
        """See Market."""
        known, now = self._known(), self._clock.now()
        if known is None or known.open_at(now):
            return timedelta(0)
        return max(known.next_open - known.now(now), timedelta(0))

    def _known(self) -> MarketClock | None:
        known = self._market.read([clock_key()]).clock
        return known if known is not None and known.known(self._clock.now()) else None


class FeedOrders:
    """See OpenOrders: orders lie in the person's feed."""

    def __init__(self, database: Database, canceler: Canceler) -> None:
        self._database = database
        self._canceler = canceler

    def cancel(self, user_id: str, symbol: str) -> None:
        """See OpenOrders."""
        partition, first = keys.user(user_id), keys.FEED
        page = self._database.query(
            Table.CORE, partition, first, f"{first}~", newest_first=True, limit=NEWEST
        )
        found = [order_from(item) for item in page.items if item.kind == OrderRow.KIND]
        for order in found:
            if order.symbol != symbol or order.final:
                continue
            try:
                self._canceler.request(user_id, order.order_id, CancelReason.CORPORATE_ACTION)
            except OrderNotCancelable:
                # It has ended in between, which is as good.
                continue


class PlanningQueue:
    """See Reinvesting: the planner's own queue."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def ask(self, user_id: str, action_id: str, minor: int) -> None:
        """See Reinvesting."""
        subject = {
            "user_id": user_id,
            "cause": Cause.DIVIDEND.value,
            "cause_id": action_id,
            "amount_minor": str(minor),
        }
        self._queue.send(CheckMessage("planning", subject))
