"""Days are closed once they ended; a counter that does not agree with its lines is a case."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Database, Delete, Put, Update
from shared.treasury.closing_store import ClosingStore
from shared.treasury.model import Closing, Proof
from shared.treasury.store import (
    BalanceRow,
    TouchedRow,
    balance_key,
    proof_partition,
    touched_place,
)
from tests.treasury.closings import BANK, CASH, MONDAY, ClosingOfThen, House, lose, noon


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


def test_an_entry_that_came_late_is_in_the_next_closing_and_a_closed_day_stays(
    database: Database,
) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    closed = house.books.close(BANK, "USD/2", MONDAY)
    house.move(7, noon(MONDAY))
    house.move(-3, noon(MONDAY - timedelta(days=40)))
    house.move(5, noon(MONDAY + timedelta(days=1)))
    house.clock.advance(timedelta(days=1))
    tuesday = MONDAY + timedelta(days=1)
    assert house.books.close(BANK, "USD/2", tuesday) == Closing(
        BANK, "USD/2", tuesday, minor=109, moved=5, lines=1, total_lines=4, late=4
    )
    assert house.closings.last(BANK, "USD/2", MONDAY) == closed
    assert house.breaks() == []


def test_days_that_nobody_closed_are_closed_with_the_next_one(database: Database) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    house.books.close(BANK, "USD/2", MONDAY)
    for ahead in range(1, 4):
        house.move(ahead, noon(MONDAY + timedelta(days=ahead)))
    house.move(1000, noon(MONDAY))
    house.clock.advance(timedelta(days=3))
    house.books.close(BANK, "USD/2", MONDAY + timedelta(days=3))
    days = [MONDAY + timedelta(days=ahead) for ahead in range(4)]
    closed = [house.closings.last(BANK, "USD/2", day) for day in days]
    figures = [(one.day, one.minor, one.moved, one.late) for one in closed if one]
    assert figures == [
        (days[0], 100, 100, 0),
        (days[1], 1101, 1, 1000),
        (days[2], 1103, 2, 0),
        (days[3], 1106, 3, 0),
    ]
    # Whoever is asked for a day that is closed answers with it.
    assert house.books.close(BANK, "USD/2", days[1]) == closed[1]


def test_lines_of_far_years_are_no_difference(database: Database) -> None:
    house = House(database)
    for at in (datetime(1999, 12, 31, tzinfo=UTC), noon(MONDAY), datetime(2031, 1, 1, tzinfo=UTC)):
        house.move(10, at)
    assert house.books.close(BANK, "USD/2", MONDAY) == Closing(
        BANK, "USD/2", MONDAY, minor=20, moved=10, lines=1, total_lines=2, late=10
    )
    house.clock.advance(timedelta(days=30))
    later = MONDAY + timedelta(days=30)
    assert house.books.close(BANK, "USD/2", later).minor == 20
    assert house.closings.proof(BANK, "USD/2").sums == (30, 3)
    assert house.breaks() == []


def test_a_day_that_is_not_over_is_not_closed() -> None:
    house = House(MemoryDatabase())
    house.move(100, noon(MONDAY))
    with pytest.raises(ValueError, match="when it is over"):
        house.books.close(BANK, "USD/2", MONDAY + timedelta(days=1))
    assert house.closings.last(BANK, "USD/2", date(2030, 1, 1)) is None


@pytest.mark.parametrize("days_ago", [0, 1, 2])
def test_a_line_that_was_lost_is_a_case(database: Database, days_ago: int) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    house.move(11, noon(MONDAY - timedelta(days=500)))
    for _ in range(days_ago):
        day = house.clock.now().date() - timedelta(days=1)
        house.books.close(BANK, "USD/2", day)
        house.clock.advance(timedelta(days=1))
    lose(database, MONDAY - timedelta(days=500))
    assert house.breaks() == []
    house.books.close(BANK, "USD/2", MONDAY + timedelta(days=days_ago))
    expected = {"account": BANK, "asset": "USD/2", "counted": "111", "counted_lines": "2"}
    assert house.breaks() == [expected | {"summed": "100", "summed_lines": "1"}]


def test_lines_from_before_days_were_told_of_are_found(database: Database) -> None:
    house = House(database)
    days = [MONDAY - timedelta(days=ago) for ago in (0, 5, 350)]
    for day in days:
        house.move(10, noon(day))
    for day in days:
        place = touched_place(house.clock.now().date(), day)
        database.write(Delete("x", TouchedRow, proof_partition(BANK, "USD/2"), place))
    assert house.balances.touched(BANK, "USD/2", None) == []
    old = ClosingOfThen(
        pk=proof_partition(BANK, "USD/2"),
        sk=(MONDAY - timedelta(days=1)).isoformat(),
        account=BANK,
        asset="USD/2",
        minor=10,
        moved=0,
        lines=0,
        total_lines=1,
    )
    database.write(Put.new("x", old))
    assert house.books.close(BANK, "USD/2", MONDAY) == Closing(
        BANK, "USD/2", MONDAY, minor=30, moved=10, lines=1, total_lines=3, late=10
    )
    assert house.closings.proof(BANK, "USD/2").sums == (30, 3)
    known = house.closings.last(BANK, "USD/2", MONDAY - timedelta(days=1))
    assert known is not None
    assert known.late == 0
    assert house.breaks() == []


def test_who_loses_the_race_for_a_closing_comes_again(database: Database) -> None:
    house = House(database)
    house.move(100, noon(MONDAY))
    other = House(database)

    class Raced(ClosingStore):
        raced = False

        def prove(self, proof: Proof, day: date, summed: tuple[int, int]) -> Proof:
            if not self.raced:
                self.raced = True
                other.books.close(BANK, "USD/2", MONDAY)
            return super().prove(proof, day, summed)

    object.__setattr__(house.books, "closings", Raced(database))
    # The other one summed the same: nothing is left to write.
    assert house.books.close(BANK, "USD/2", MONDAY).minor == 100

    class Stale(ClosingStore):
        def proof(self, account: str, asset: str) -> Proof:
            return stale

    house.move(5, noon(MONDAY))
    house.clock.advance(timedelta(days=1))
    other.clock.advance(timedelta(days=1))
    stale = house.closings.proof(BANK, "USD/2")
    object.__setattr__(house.books, "closings", Stale(database))
    other.seq = house.seq
    other.move(2, noon(MONDAY))
    house.seq = other.seq
    other.books.close(BANK, "USD/2", MONDAY)
    house.move(1, noon(MONDAY))
    with pytest.raises(TemporarilyUnavailable):
        house.books.close(BANK, "USD/2", MONDAY + timedelta(days=1))
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


def test_an_account_that_never_moved_closes_empty() -> None:
    house = House(MemoryDatabase())
    assert house.books.close(BANK, "USD/2", MONDAY) == Closing(BANK, "USD/2", MONDAY, 0, 0, 0, 0)
