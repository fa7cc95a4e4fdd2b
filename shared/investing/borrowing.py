"""Whether a person's account at the broker may borrow: the rule about day trades looks at it.

The broker tells with each day's cash, and a row of the person's state keeps it, so that planning
asks nobody. Until it has told, nothing is known, and the account counts as one of cash alone.
"""

from collections.abc import Iterable
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute

from shared.platform import keys
from shared.platform.tables import Item, Put, Row
from shared.platform.work import Write

SORT_KEY = f"{keys.TRADING}ACCOUNT"


class TradingAccountRow(Row):
    """What the broker told last."""

    KIND: ClassVar[str] = "trading_account"

    borrows = BooleanAttribute()


def borrows_from(trading: Iterable[Item]) -> bool | None:
    """Out of the rows about trading in a person's state; None while the broker has not told."""
    found = (item for item in trading if item.sk == SORT_KEY)
    return next((bool(item.to(TradingAccountRow).borrows) for item in found), None)


def borrowing(user_id: str, borrows: bool) -> Write:
    """The write ``trading_account``; the last word holds."""
    return Put(
        "trading_account", TradingAccountRow(pk=keys.user(user_id), sk=SORT_KEY, borrows=borrows)
    )
