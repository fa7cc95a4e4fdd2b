"""What somebody's account did lately, out of the rows of deposits, orders and payouts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ulid import ULID

from shared.investing.model import Order, Side
from shared.investing.store import OrderRow, order_from
from shared.kernel.ids import created_at
from shared.payments.model import CREDITED
from shared.payments.rows import DepositRow, deposit_from
from shared.payouts.rows import PayoutRow
from shared.platform import keys
from shared.platform.tables import Database, Item, Page, Table
from shared.withdrawals.screening import Activity, Movement

_SETTLES_WITHIN = timedelta(days=14)
"""A deposit lies where it was begun; a bank's takes days until it is credited."""
_PAGE, _PAGES = 50, 10
_MOVEMENTS = frozenset({DepositRow.KIND, OrderRow.KIND, PayoutRow.KIND})


class StoredHistories:
    """See Histories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def activity(self, user_id: str, since: datetime) -> Activity:
        """See Histories."""
        recent = self._feed(user_id, _place(since - _SETTLES_WITHIN), f"{keys.FEED}~").items
        deposits = [deposit_from(item) for item in recent if item.kind == DepositRow.KIND]
        orders = [order_from(item) for item in recent if item.kind == OrderRow.KIND]
        credited = [
            Movement(one.settled_at or one.created_at, one.credited.minor)
            for one in deposits
            if one.status in CREDITED
        ]
        bought = [Movement(_begun(one), one.notional_minor) for one in orders if _buys(one)]
        return Activity(
            registered_at=created_at(user_id),
            deposits=[one for one in credited if one.at >= since],
            purchases=[one for one in bought if one.at >= since],
            last_before=self._last_before(user_id, since, recent),
        )

    def _last_before(
        self, user_id: str, since: datetime, recent: Iterable[Item]
    ) -> datetime | None:
        known = [at for item in recent if (at := _moved_at(item)) is not None and at < since]
        if known:
            return max(known)
        last, first = _place(since - _SETTLES_WITHIN), keys.FEED
        after: str | None = None
        for _ in range(_PAGES):
            page = self._feed(user_id, first, last, limit=_PAGE, after=after)
            found = [at for item in page.items if (at := _moved_at(item)) is not None]
            if found or page.after is None:
                return max(found, default=None)
            after = page.after
        return None

    def _feed(
        self,
        user_id: str,
        first: str,
        last: str,
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        return self._database.query(
            Table.CORE,
            keys.user(user_id),
            first,
            last,
            newest_first=True,
            limit=limit,
            after=after,
        )


def _place(moment: datetime) -> str:
    """The first ten characters of a ULID are its time."""
    return f"{keys.FEED}{str(ULID.from_datetime(moment))[:10]}"


def _moved_at(item: Item) -> datetime | None:
    if item.kind not in _MOVEMENTS:
        return None
    ulid = item.sk.removeprefix(keys.FEED).partition("#")[0]
    return ULID.from_str(ulid).datetime


def _begun(order: Order) -> datetime:
    """An order's identifier carries the time of its deposit."""
    return order.created_at or created_at(order.order_id)


def _buys(order: Order) -> bool:
    """Carried out, at least in part, or still to be."""
    return order.side is Side.BUY and (not order.final or order.charged_minor > 0)
