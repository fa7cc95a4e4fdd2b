"""Balances of the house are sums of its lines, whatever is delivered twice or out of order."""

import threading
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.ledger.events import EntryPostedV1, Leg
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Change, Database
from shared.platform.work import ConditionFailed
from shared.treasury import store
from shared.treasury.model import HouseAccount, HouseBalance, HouseLine
from shared.treasury.recording import HouseRecorder
from shared.treasury.store import SHARDS

AT = datetime(2026, 3, 2, 23, 59, 59, 999_000, tzinfo=UTC)
DAY = date(2026, 3, 2)
CLEARING, CASH = "house:gateway_clearing:stripe:USD", "customers:cash"
FX = "house:fx_position"


def recorder(database: Database) -> HouseRecorder:
    return HouseRecorder(database, FixedClock(AT))


def entry(
    seq: int, *legs: tuple[str, str, int], at: datetime = AT, owner: str = "usr_t1_A"
) -> EntryPostedV1:
    return EntryPostedV1(
        owner_id=owner,
        chain="USD",
        seq=seq,
        kind="DEPOSIT_SETTLED",
        reference=f"dep_{seq}",
        at=at,
        legs=tuple(Leg(account=name, asset=asset, amount=n) for name, asset, n in legs),
        memo={"payment": f"pi_{seq}"},
    )


def deposit(seq: int, amount: int, **changes: Any) -> EntryPostedV1:
    return entry(seq, (CLEARING, "USD/2", amount), (CASH, "USD/2", -amount), **changes)


def test_an_account_that_never_moved_is_empty(database: Database) -> None:
    house = recorder(database)
    assert house.balance(CLEARING, "USD/2") == 0
    assert house.lines(CLEARING, "USD/2", DAY) == []
    assert (house.accounts(), house.sheet()) == ([], [])


def test_a_line_says_which_leg_of_which_entry_it_is(database: Database) -> None:
    house = recorder(database)
    assert house.record(deposit(1, 900)) is True
    assert house.lines(CLEARING, "USD/2", DAY) == [
        HouseLine(
            account=CLEARING,
            asset="USD/2",
            amount=900,
            at=AT,
            kind="DEPOSIT_SETTLED",
            reference="dep_1",
            owner_id="usr_t1_A",
            chain="USD",
            seq=1,
            leg=0,
            memo={"payment": "pi_1"},
        )
    ]
    assert house.balance(CLEARING, "USD/2") == 900
    assert house.balance(CASH, "USD/2") == -900
    assert house.accounts() == [HouseAccount(CASH, "USD/2"), HouseAccount(CLEARING, "USD/2")]


def test_a_duplicate_is_success_and_changes_nothing(database: Database) -> None:
    house = recorder(database)
    assert [house.record(deposit(1, 900)) for _ in range(3)] == [True, False, False]
    assert recorder(database).record(deposit(1, 900)) is False
    assert house.counted(CLEARING, "USD/2") == (900, 1)
    assert len(house.lines(CLEARING, "USD/2", DAY)) == 1


def test_lines_come_in_the_order_of_their_times_and_by_days_in_utc(database: Database) -> None:
    house = recorder(database)
    later, next_day = AT.replace(microsecond=999_999), AT + timedelta(milliseconds=1)
    house.record(deposit(3, 3, at=next_day))
    house.record(deposit(2, 2, at=later))
    house.record(deposit(1, 1))
    assert [line.amount for line in house.lines(CLEARING, "USD/2", DAY)] == [1, 2]
    assert [line.amount for line in house.lines(CLEARING, "USD/2", date(2026, 3, 3))] == [3]
    assert house.balance(CLEARING, "USD/2") == 6


def test_one_entry_may_move_an_account_twice_and_in_two_assets(database: Database) -> None:
    house = recorder(database)
    legs = ((FX, "KES/2", -9), (FX, "USD/2", 5), (FX, "USD/2", 2), (CASH, "USD/2", -7))
    assert house.record(entry(1, *legs, (CLEARING, "KES/2", 9))) is True
    assert house.counted(FX, "USD/2") == (7, 2)
    assert [line.leg for line in house.lines(FX, "USD/2", DAY)] == [1, 2]
    assert house.sheet() == [
        HouseBalance(CASH, "USD/2", -7),
        HouseBalance(FX, "KES/2", -9),
        HouseBalance(FX, "USD/2", 7),
        HouseBalance(CLEARING, "KES/2", 9),
    ]


def test_entries_of_several_people_share_no_place(database: Database) -> None:
    house = recorder(database)
    for owner in ("usr_t1_A", "usr_t1_B", "house_t1"):
        assert house.record(deposit(1, 10, owner=owner)) is True
    assert house.counted(CLEARING, "USD/2") == (30, 3)


def test_a_day_is_summed_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PAGE", 3)
    house = recorder(database)
    for seq in range(1, 8):
        house.record(deposit(seq, seq))
        assert house.summed(CLEARING, "USD/2", DAY) == (seq * (seq + 1) // 2, seq)
    assert house.summed(CLEARING, "USD/2", DAY + timedelta(days=1)) == (0, 0)
    assert house.summed(CLEARING, "KES/2", DAY) == (0, 0)


def test_which_days_were_touched_is_told_by_the_day_of_the_clock(database: Database) -> None:
    clock = FixedClock(AT)
    house = HouseRecorder(database, clock)
    assert house.touched(CLEARING, "USD/2", None) == []
    house.record(deposit(1, 1, at=AT - timedelta(days=400)))
    house.record(deposit(2, 1, at=AT + timedelta(days=400)))
    clock.advance(timedelta(days=1))
    house.record(deposit(3, 1))
    days = [DAY - timedelta(days=400), DAY, DAY + timedelta(days=400)]
    assert house.touched(CLEARING, "USD/2", None) == days
    assert house.touched(CLEARING, "USD/2", DAY) == days
    assert house.touched(CLEARING, "USD/2", DAY + timedelta(days=1)) == [DAY]
    assert house.touched(CLEARING, "USD/2", DAY + timedelta(days=2)) == []
    # Told again with the new day, whoever has told it before.
    house.record(deposit(4, 1, at=AT - timedelta(days=400)))
    assert house.touched(CLEARING, "USD/2", DAY + timedelta(days=1)) == days[:2]


class Counting(MemoryDatabase):
    """Counts the requests that write."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0

    def transact(self, changes: Any) -> None:
        self.requests += 1
        super().transact(changes)


def test_an_entry_is_one_request_but_for_the_first_of_an_account_and_of_a_day() -> None:
    database, clock = Counting(), FixedClock(AT)
    house = HouseRecorder(database, clock)
    requests = []
    for seq, days in enumerate((0, 0, 0, 1, 1), start=1):
        clock.advance(timedelta(days=days - (seq == 5)))
        database.requests = 0
        house.record(deposit(seq, 1))
        requests.append(database.requests)
    # Two accounts, each registered and its day told; then the lines and counters alone.
    assert requests == [5, 1, 1, 3, 1]


class HalfWritten(MemoryDatabase):
    """Says of one line alone that it is there."""

    def transact(self, changes: list[Change]) -> None:
        raise ConditionFailed({"line:0": None})


def test_what_was_half_written_is_no_duplicate() -> None:
    with pytest.raises(ConditionFailed):
        recorder(HalfWritten()).record(deposit(1, 900))


def test_counters_of_an_account_are_spread() -> None:
    database = MemoryDatabase()
    house = recorder(database)
    for seq in range(1, 60):
        house.record(deposit(seq, 1, owner=f"usr_t1_{seq}"))
    pages = [database._items[key] for key in database._items if "#BALANCE" not in key.pk]
    counters = {item["pk"]["S"] for item in pages if item["pk"]["S"].startswith(f"BALANCE#{CASH}")}
    assert len(counters) == SHARDS


def test_many_workers_with_the_same_entries_count_each_once() -> None:
    database = MemoryDatabase()
    entries = [deposit(seq, seq) for seq in range(1, 41)]

    def work(offset: int) -> None:
        house = recorder(database)
        for number in range(len(entries)):
            house.record(entries[(number * 7 + offset) % len(entries)])

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house = recorder(database)
    assert house.counted(CLEARING, "USD/2") == (820, 40)
    assert house.counted(CASH, "USD/2") == (-820, 40)


NAMES = st.sampled_from([CLEARING, CASH, FX, "house:bank:USD"])
LEGS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        st.sampled_from(["USD/2", "KES/2"]),
        st.integers(-(10**12), 10**12).filter(bool),
    ),
    min_size=1,
    max_size=4,
)


@given(
    booked=st.lists(st.tuples(LEGS, st.integers(0, 3)), max_size=12),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_whatever_order_balances_are_the_sums_of_lines(
    booked: list[tuple[list[tuple[str, str, str, int]], int]], order: Any
) -> None:
    entries = []
    for number, (pairs, days) in enumerate(booked, start=1):
        legs = [(one, asset, n) for one, _, asset, n in pairs]
        legs += [(other, asset, -n) for _, other, asset, n in pairs]
        entries.append(entry(number, *legs, at=AT + timedelta(days=days)))
    expected: defaultdict[HouseAccount, int] = defaultdict(int)
    for one in entries:
        for leg in one.legs:
            expected[HouseAccount(leg.account, leg.asset)] += leg.amount
    delivered = [*entries, *order.sample(entries, len(entries) // 2)]
    order.shuffle(delivered)
    house = recorder(MemoryDatabase())
    assert sum(house.record(one) for one in delivered) == len(entries)
    sheet = {HouseAccount(one.account, one.asset): one.minor for one in house.sheet()}
    assert sheet == dict(expected)
    for asset in ("USD/2", "KES/2"):
        assert sum(minor for account, minor in sheet.items() if account.asset == asset) == 0
    for account, minor in sheet.items():
        days = [DAY + timedelta(days=number) for number in range(4)]
        lines = [line for day in days for line in house.lines(account.account, account.asset, day)]
        assert house.counted(account.account, account.asset) == (minor, len(lines))
        assert sum(line.amount for line in lines) == minor
