"""A person's funded deposits that have no plan yet."""

from shared.payments.rows import DepositRow
from shared.platform import keys
from shared.platform.tables import Database, Table

NEWEST = 25
"""Rows to look at: what waits for the orders of another plan came after that plan's deposit. One
that is older than all of these is found by the sweep of unfinished things."""


def unplanned(database: Database, user_id: str) -> tuple[str, ...]:
    """Identifiers of those among the newest rows, the oldest first; one request."""
    page = database.query(
        Table.CORE,
        keys.user(user_id),
        keys.FEED,
        f"{keys.FEED}~",
        newest_first=True,
        limit=NEWEST,
    )
    rows = [row for row in page.rows(DepositRow) if row.check == "planning"]
    return tuple(_deposit_id(user_id, row.sk) for row in reversed(rows))


def _deposit_id(user_id: str, place: str) -> str:
    cell, ulid = user_id.split("_")[1], place.split("#")[1]
    return f"dep_{cell}_{ulid}"
