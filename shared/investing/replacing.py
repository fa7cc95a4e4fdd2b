"""Orders that a broker put in the place of ours, because somebody changed them there by hand.

We never do that. Such an order has a name that is none of ours: a row, written with the news that
ours was replaced, tells whose its news are, so that its fills are neither lost nor doubled.
"""

from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.investing.model import Order
from shared.platform.tables import Database, Put, Row
from shared.platform.work import Write

_SORT_KEY = "NAME"


class SuccessorRow(Row):
    """By the broker's name of the new order."""

    KIND: ClassVar[str] = "order_successor"

    client_order_id = UnicodeAttribute()


class Successions:
    """The names of orders that stand in the place of ours; a part of Plans."""

    _database: Database

    def named(self, broker_order_id: str) -> str | None:
        """See Plans."""
        row = self._database.get(SuccessorRow, _partition(broker_order_id), _SORT_KEY)
        return None if row is None else str(row.client_order_id)

    def succeeded(self, order: Order, broker_order_id: str) -> Write:
        """See Plans."""
        row = SuccessorRow(
            pk=_partition(broker_order_id), sk=_SORT_KEY, client_order_id=order.client_order_id
        )
        return Put("successor", row)


def _partition(broker_order_id: str) -> str:
    return f"BROKER_ORDER#{broker_order_id}"
