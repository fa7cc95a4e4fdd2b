"""A house whose days are closed, and what may be wrong with its rows."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.ledger.events import EntryPostedV1, Leg
from shared.platform.outbox import Facts
from shared.platform.queues import MemoryQueue
from shared.platform.tables import Database, Delete, Row, Table
from shared.treasury.closing import Books
from shared.treasury.closing_store import ClosingStore
from shared.treasury.recording import HouseRecorder
from shared.treasury.store import (
    LineRow,
    line_partition,
)

BANK, CASH = "house:bank:USD", "customers:cash"
MONDAY = date(2026, 3, 2)


class House:
    def __init__(self, database: Database, balances: Any = None) -> None:
        self.database = database
        self.clock = FixedClock(datetime(2026, 3, 3, 0, 15, tzinfo=UTC))
        facts = Facts(database, self.clock, SequentialIds("t1", self.clock))
        self.queue = MemoryQueue()
        self.cases = CaseStore(database)
        self.balances = balances or HouseRecorder(database, self.clock)
        self.closings = ClosingStore(database)
        self.books = Books(self.balances, self.closings, self.cases, facts, self.queue, self.clock)
        self.seq = 0

    def move(self, minor: int, at: datetime) -> None:
        self.seq += 1
        legs = (
            Leg(account=BANK, asset="USD/2", amount=minor),
            Leg(account=CASH, asset="USD/2", amount=-minor),
        )
        entry = EntryPostedV1(
            owner_id="house_t1",
            chain="USD",
            seq=self.seq,
            kind="DEPOSIT_SETTLED",
            reference="r",
            at=at,
            legs=legs,
        )
        self.balances.record(entry)

    def breaks(self) -> list[dict[str, str]]:
        found = self.cases.listed(CaseStatus.OPEN, kind=CaseKind.RECONCILIATION_BREAK)
        return [dict(case.facts) for case in found]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class ClosingOfThen(Row):
    """A closing from before there was a word about what is late."""

    KIND: ClassVar[str] = "house_closing"

    account = UnicodeAttribute()
    asset = UnicodeAttribute()
    minor = NumberAttribute()
    moved = NumberAttribute()
    lines = NumberAttribute()
    total_lines = NumberAttribute()


def lose(database: Database, day: date) -> None:
    """One line of the bank of that day is gone."""
    pk = line_partition(BANK, "USD/2", day)
    (row,) = database.query(Table.CORE, pk, "0", "~").rows(LineRow)
    database.write(Delete("lost", LineRow, pk, row.sk))
