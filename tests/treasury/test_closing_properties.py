"""Whatever the dates, order and repetition of entries, closings find true differences only."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.ledger.events import EntryPostedV1, Leg
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import MemoryQueue
from shared.platform.tables import Delete, Table
from shared.treasury.closing import Books
from shared.treasury.closing_store import ClosingStore
from shared.treasury.recording import HouseRecorder
from shared.treasury.store import LineRow, line_partition

START = datetime(2026, 3, 3, 0, 20, tzinfo=UTC)
ACCOUNTS = ("customers:cash", "house:bank:USD", "house:customers_cash_at_broker")
USD = "USD/2"
ONE = timedelta(days=1)


class Died(Exception):
    """The process ended."""


class Dying(MemoryDatabase):
    """Ends its process before, or after, one of its writes."""

    def __init__(self) -> None:
        super().__init__()
        self.dies_at: tuple[int, bool] | None = None
        self.writes = 0

    def transact(self, changes: Any) -> None:
        self.writes += 1
        at, after = self.dies_at or (0, False)
        if self.writes == at and not after:
            raise Died
        super().transact(changes)
        if self.writes == at and after:
            raise Died


class Sure(Books):
    """What was touched is enough: nothing ever has to be searched."""

    def _search(self, account: str, asset: str, today: date) -> None:
        raise AssertionError("a day was not told of")


class House:
    """Everything anew for each message, as after a cold start, over one database."""

    def __init__(
        self, database: MemoryDatabase, *, warm: bool, closing: type[Books] = Sure
    ) -> None:
        self.closing = closing
        self.database = database
        self.clock = FixedClock(START)
        self.warm = HouseRecorder(database, self.clock) if warm else None
        self.seq = 0
        self.entries: list[EntryPostedV1] = []

    @property
    def recorder(self) -> HouseRecorder:
        return self.warm or HouseRecorder(self.database, self.clock)

    @property
    def books(self) -> Books:
        ids = SequentialIds("t1", self.clock)
        return self.closing(
            self.recorder,
            ClosingStore(self.database),
            CaseStore(self.database),
            Facts(self.database, self.clock, ids),
            MemoryQueue(),
            self.clock,
        )

    def move(self, minor: int, days: int, to: str) -> None:
        """So much from the bank to another account, some days from the one that is closed next."""
        self.seq += 1
        legs = (
            Leg(account=to, asset=USD, amount=minor),
            Leg(account="house:bank:USD", asset=USD, amount=-minor),
        )
        entry = EntryPostedV1(
            owner_id="house_t1",
            chain="USD",
            seq=self.seq,
            kind="X",
            reference="r",
            at=self.clock.now() + days * ONE,
            legs=legs,
        )
        self.entries.append(entry)
        self.recorder.record(entry)

    def close(self) -> None:
        for account in ACCOUNTS:
            self.books.close(account, USD, self.clock.now().date() - ONE)

    def breaks(self) -> list[dict[str, str]]:
        cases = CaseStore(self.database)
        found = cases.listed(CaseStatus.OPEN, kind=CaseKind.RECONCILIATION_BREAK)
        return [dict(case.facts) for case in found]

    def truth(self, account: str, until: date) -> tuple[int, int]:
        """The sum of an account's legs until the end of a day, and how many they are."""
        legs = [
            leg.amount
            for entry in self.entries
            for leg in entry.legs
            if leg.account == account and entry.at.date() <= until
        ]
        return sum(legs), len(legs)


MOVE = st.tuples(
    st.just("move"),
    st.integers(-(10**9), 10**9).filter(bool),
    st.one_of(st.integers(-5, 3), st.integers(-4000, 4000)),
    st.sampled_from([ACCOUNTS[0], ACCOUNTS[2]]),
)
AGAIN = st.tuples(st.just("again"), st.integers(0, 50))
CLOSE = st.tuples(st.just("close"), st.integers(0, 9))
STEPS = st.lists(st.one_of(MOVE, MOVE, AGAIN, CLOSE), max_size=30)


def play(house: House, steps: list[tuple[Any, ...]]) -> None:
    for step in steps:
        match step:
            case ("move", minor, days, to):
                house.move(minor, days, to)
            case ("again", number) if house.entries:
                house.recorder.record(house.entries[number % len(house.entries)])
            case ("close", days):
                house.close()
                house.clock.advance(days * ONE)


@given(steps=STEPS, warm=st.booleans())
@settings(max_examples=50, deadline=None)
def test_whatever_the_dates_closings_agree_and_carry_on_from_each_other(
    steps: list[tuple[Any, ...]], warm: bool
) -> None:
    house = House(MemoryDatabase(), warm=warm)
    play(house, steps)
    house.clock.advance(ONE)
    house.close()
    assert house.breaks() == []
    day = house.clock.now().date() - ONE
    closings = ClosingStore(house.database)
    for account in ACCOUNTS:
        last = closings.last(account, USD, day)
        assert last is not None
        assert (last.minor, last.total_lines) == house.truth(account, day)
        while (before := closings.last(account, USD, last.day - ONE)) is not None:
            assert last.day - before.day == ONE
            assert before.minor + last.late + last.moved == last.minor
            last = before


@given(steps=STEPS, number=st.integers(0, 100), leg=st.integers(0, 1))
@settings(max_examples=25, deadline=None)
def test_a_line_that_is_lost_before_its_day_was_summed_is_found(
    steps: list[tuple[Any, ...]], number: int, leg: int
) -> None:
    house = House(MemoryDatabase(), warm=True, closing=Books)
    house.move(7, -2, ACCOUNTS[0])
    play(house, [step for step in steps if step[0] != "close"])
    entry = house.entries[number % len(house.entries)]
    account = entry.legs[leg].account
    pk = line_partition(account, USD, entry.at.date())
    page = house.database.query(Table.CORE, pk, "0", "~")
    (lost,) = [item for item in page.items if item.attributes["seq"]["N"] == str(entry.seq)]
    house.database.write(Delete("lost", LineRow, pk, lost.sk))
    house.close()
    assert [one["account"] for one in house.breaks()] == [account]
    (found,) = house.breaks()
    assert int(found["counted"]) - int(found["summed"]) == entry.legs[leg].amount
    assert int(found["counted_lines"]) - int(found["summed_lines"]) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 13))
def test_a_process_that_dies_between_any_two_writes_changes_no_figure(
    dies_at: int, after: bool
) -> None:
    database = Dying()
    house = House(database, warm=False)
    for days in (-1, -2, -300, 0, 40):
        house.move(10 + days, days, ACCOUNTS[0])
    database.writes, database.dies_at = 0, (dies_at, after)
    died = 0
    for _ in range(3):
        try:
            house.close()
        except Died:
            died += 1
    house.move(3, -200, ACCOUNTS[0])
    database.dies_at = None
    house.clock.advance(ONE)
    house.close()
    assert died == 1
    assert house.breaks() == []
    day = house.clock.now().date() - ONE
    for account in ACCOUNTS[:2]:
        closing = ClosingStore(database).last(account, USD, day)
        assert closing is not None
        assert (closing.minor, closing.total_lines) == house.truth(account, day)
        assert ClosingStore(database).proof(account, USD).sums == house.truth(account, date.max)


@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_worker_that_dies_while_it_adds_an_entry_leaves_nothing_uncounted(dies_at: int) -> None:
    database = Dying()
    house = House(database, warm=False)
    database.dies_at = (dies_at, True)
    with pytest.raises(Died):
        house.move(5, -100, ACCOUNTS[0])
    house.close()
    house.clock.advance(9 * ONE)
    house.recorder.record(house.entries[0])
    house.close()
    assert house.breaks() == []
    closing = ClosingStore(database).last(ACCOUNTS[0], USD, house.clock.now().date() - ONE)
    assert closing is not None
    assert (closing.minor, closing.total_lines) == (5, 1)
