"""Rows of closings: one per account and day."""

from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.platform.tables import Database, Put, Row, Table
from shared.treasury.model import Closing

_BEGUN = "CLOSINGS"


class ClosingRow(Row):
    """One account at the end of one day."""

    KIND: ClassVar[str] = "house_closing"

    account = UnicodeAttribute()
    asset = UnicodeAttribute()
    minor = NumberAttribute()
    moved = NumberAttribute()
    lines = NumberAttribute()
    total_lines = NumberAttribute()


class BegunRow(Row):
    """A day that every account was asked to close."""

    KIND: ClassVar[str] = "house_closing_begun"


def _partition(account: str, asset: str) -> str:
    return f"CLOSING#{account}#{asset}"


def _closing_of(row: ClosingRow) -> Closing:
    return Closing(
        account=row.account,
        asset=row.asset,
        day=date.fromisoformat(row.sk),
        minor=int(row.minor),
        moved=int(row.moved),
        lines=int(row.lines),
        total_lines=int(row.total_lines),
    )


class ClosingStore:
    """See Closings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, account: str, asset: str, until: date) -> Closing | None:
        """See Closings."""
        page = self._database.query(
            Table.CORE,
            _partition(account, asset),
            "0",
            until.isoformat(),
            newest_first=True,
            limit=1,
        )
        row = page.first(ClosingRow)
        return None if row is None else _closing_of(row)

    def keep(self, closing: Closing) -> Closing | None:
        """See Closings."""
        pk, sk = _partition(closing.account, closing.asset), closing.day.isoformat()
        before = self._database.get(ClosingRow, pk, sk)
        row = ClosingRow(
            pk=pk,
            sk=sk,
            account=closing.account,
            asset=closing.asset,
            minor=closing.minor,
            moved=closing.moved,
            lines=closing.lines,
            total_lines=closing.total_lines,
        )
        self._database.write(Put("closing", row))
        return None if before is None else _closing_of(before)

    def begun(self, day: date) -> bool:
        """See Closings."""
        return self._database.get(BegunRow, _BEGUN, day.isoformat()) is not None

    def begin(self, day: date) -> None:
        """See Closings."""
        self._database.write(Put("begun", BegunRow(pk=_BEGUN, sk=day.isoformat())))
