"""Days are closed once they ended; a counter that does not agree with its lines is a case."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.ids import SequentialIds
from shared.ledger.events import EntryPostedV1, Leg
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Database, Update
from shared.treasury.closing import Books
from shared.treasury.closing_store import ClosingStore
from shared.treasury.model import Closing
from shared.treasury.store import BalanceRow, HouseBalances, balance_key

BANK, CASH = "house:bank:USD", "customers:cash"
MONDAY = date(2026, 3, 2)


class House:
    def __init__(self, database: Database, balances: Any = None) -> None:
        self.database = database
        self.clock = FixedClock(datetime(2026, 3, 3, 0, 15, tzinfo=UTC))
        facts = Facts(database, self.clock, SequentialIds("t1", self.clock))
        self.queue = MemoryQueue()
        self.cases = CaseStore(database)
        self.balances = balances or HouseBalances(database)
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


def test_a_quarter_after_midnight_every_account_is_asked_once(database: Database) -> None:
    house = House(database)
    house.move(5, noon(MONDAY))
    house.clock.advance(datetime(2026, 3, 3, 0, 14, 59, tzinfo=UTC) - house.clock.now())
    assert house.books.tick() == 2  # Sunday's, which had not been closed
    house.queue.sent.clear()
    house.clock.advance(datetime(2026, 3, 3, 0, 15, tzinfo=UTC) - house.clock.now())
    assert house.books.tick() == 2
    assert [message for message, _ in house.queue.sent] == [
        CheckMessage("treasury_close", {"account": account, "asset": "USD/2", "day": "2026-03-02"})
        for account in (CASH, BANK)
    ]
    assert house.books.tick() == 0
    house.clock.advance(timedelta(hours=23))
    assert house.books.tick() == 0


def test_a_tick_that_dies_asks_again() -> None:
    house = House(MemoryDatabase())
    house.move(5, noon(MONDAY))

    class Dead(MemoryQueue):
        def send(self, *args: Any, **kwargs: Any) -> None:
            raise RuntimeError("no queue")

    alive = house.books.queue
    object.__setattr__(house.books, "queue", Dead())
    with pytest.raises(RuntimeError):
        house.books.tick()
    object.__setattr__(house.books, "queue", alive)
    assert house.books.tick() == 2


def test_a_closing_carries_the_one_of_the_day_before(database: Database) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    house.move(-30, noon(MONDAY))
    assert house.books.close(BANK, "USD/2", MONDAY) == Closing(
        BANK, "USD/2", MONDAY, minor=70, moved=70, lines=2, total_lines=2
    )
    tuesday, friday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
    house.move(5, noon(tuesday))
    house.clock.advance(datetime(2026, 3, 7, 0, 20, tzinfo=UTC) - house.clock.now())
    assert house.books.close(BANK, "USD/2", friday) == Closing(
        BANK, "USD/2", friday, minor=75, moved=0, lines=0, total_lines=3
    )
    assert house.closings.last(BANK, "USD/2", tuesday) == Closing(
        BANK, "USD/2", tuesday, minor=75, moved=5, lines=1, total_lines=3
    )
    assert house.closings.last(BANK, "USD/2", MONDAY - timedelta(days=9)) is None
    assert house.breaks() == []


def test_what_moved_after_the_day_is_no_difference(database: Database) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    house.move(9, datetime(2026, 3, 3, 0, 1, tzinfo=UTC))
    assert house.books.close(BANK, "USD/2", MONDAY).minor == 100
    assert house.breaks() == []


def test_an_entry_that_came_late_changes_the_days_that_are_summed_again(
    database: Database,
) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    house.books.close(BANK, "USD/2", MONDAY)
    house.move(7, noon(MONDAY))
    house.clock.advance(timedelta(days=1))
    assert house.books.close(BANK, "USD/2", MONDAY + timedelta(days=1)).minor == 107
    known = house.closings.last(BANK, "USD/2", MONDAY)
    assert known is not None
    assert (known.minor, known.lines) == (107, 2)
    assert house.breaks() == []


def test_a_counter_that_was_touched_is_a_case_with_both_figures(database: Database) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    key = balance_key(BANK, "USD/2", 3)
    touched = Update("x", BalanceRow, key.pk, key.sk, (BalanceRow.minor.add(1),))
    database.write(touched)
    house.books.close(BANK, "USD/2", MONDAY)
    house.books.close(CASH, "USD/2", MONDAY)
    assert house.breaks() == [
        {
            "account": BANK,
            "asset": "USD/2",
            "counted": "101",
            "counted_lines": "1",
            "summed": "100",
            "summed_lines": "1",
        }
    ]


def test_an_account_that_never_stands_still_is_compared_later() -> None:
    database = MemoryDatabase()

    class Busy(HouseBalances):
        def counted(self, account: str, asset: str) -> tuple[int, int]:
            house.move(1, noon(date(2026, 3, 3)))
            return super().counted(account, asset)

    house = House(database, Busy(database))
    house.move(100, noon(MONDAY))
    with pytest.raises(TemporarilyUnavailable):
        house.books.close(BANK, "USD/2", MONDAY)
    assert house.breaks() == []


def test_an_account_that_never_moved_closes_empty() -> None:
    house = House(MemoryDatabase())
    assert house.books.close(BANK, "USD/2", MONDAY) == Closing(BANK, "USD/2", MONDAY, 0, 0, 0, 0)
