"""Token buckets: never more than the rate, exact waiting times, one update, any concurrency."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.kernel.edge_errors import RateLimited
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform import rate_limits
from shared.platform.memory import MemoryDatabase
from shared.platform.rate_limits import Bucket, RateLimits, RateRow
from shared.platform.tables import Change, Database, Item, Table
from tests.conftest import NOW

FIVE = Bucket("five", capacity=5, per_minute=60)
ME = "user:usr_t1_ME"


class Counted(MemoryDatabase):
    """Counts writes, and runs something before each."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.writes = 0
        self.reads = 0
        self._before = before

    def write(self, change: Change) -> None:
        self.writes += 1
        self._before()
        super().write(change)

    def get_many(self, keys: Any) -> Any:
        self.reads += 1
        return super().get_many(keys)


def row_of(database: Database, bucket: Bucket = FIVE, principal: str = ME) -> RateRow | None:
    return database.get(RateRow, f"RATE#{principal}#{bucket.name}", "RATE")


def waits(limits: RateLimits, bucket: Bucket = FIVE, cost: int = 1, principal: str = ME) -> int:
    """Seconds to wait, 0 when it was admitted."""
    try:
        limits.take(principal, bucket, cost)
    except RateLimited as refused:
        seconds = refused.values["seconds"]
        assert isinstance(seconds, int)
        return seconds
    return 0


def test_a_full_bucket_gives_its_capacity_and_then_one_by_one(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock)
    assert [waits(limits) for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    clock.advance(timedelta(milliseconds=999))
    assert waits(limits) == 1
    clock.advance(timedelta(milliseconds=1))
    assert [waits(limits) for _ in range(2)] == [0, 1]
    clock.advance(timedelta(hours=1))
    assert [waits(limits) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_two_processes_share_a_bucket(database: Database, clock: FixedClock) -> None:
    one, other = RateLimits(database, clock), RateLimits(database, clock)
    assert [waits(limits) for limits in (one, other, one, other, one, other, one)] == [
        *[0] * 5,
        *[1] * 2,
    ]


def test_principals_and_buckets_have_nothing_to_do_with_each_other(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock)
    single = Bucket("single", capacity=1, per_minute=1)
    assert waits(limits, single) == 0
    assert waits(limits, single) == 60
    assert waits(limits, FIVE) == 0
    assert waits(limits, single, principal="address:ab") == 0
    assert waits(limits, single, principal="account:ab") == 0
    assert waits(limits, single) == 60


def test_a_heavy_request_takes_more_and_one_beyond_the_capacity_takes_all(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock)
    assert waits(limits, cost=3) == 0
    assert waits(limits, cost=3) == 1
    assert waits(limits, cost=2) == 0
    assert waits(limits, cost=999) == 5
    clock.advance(timedelta(seconds=5))
    assert waits(limits, cost=999) == 0
    assert waits(limits, cost=1) == 1


def test_a_cost_of_nothing_still_counts(clock: FixedClock) -> None:
    limits = RateLimits(MemoryDatabase(), clock)
    assert [waits(limits, cost=0) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_what_is_refused_changes_nothing(database: Database, clock: FixedClock) -> None:
    limits = RateLimits(database, clock)
    for _ in range(5):
        limits.take(ME, FIVE)
    before = row_of(database)
    fresh_process = RateLimits(database, clock)
    assert waits(fresh_process) == 1
    after = row_of(database)
    assert before is not None
    assert after is not None
    assert (after.tat, after.expires_at) == (before.tat, before.expires_at)


def test_the_common_case_is_one_write_and_no_read(clock: FixedClock) -> None:
    database = Counted()
    limits = RateLimits(database, clock)
    for _ in range(5):
        limits.take(ME, FIVE)
    assert (database.writes, database.reads) == (5, 0)
    clock.advance(timedelta(minutes=1))
    limits.take(ME, FIVE)
    assert (database.writes, database.reads) == (6, 0)


def test_who_was_refused_costs_no_write_until_it_may_work_again(clock: FixedClock) -> None:
    database = Counted()
    limits = RateLimits(database, clock)
    assert [waits(limits) for _ in range(1000)] == [0] * 5 + [1] * 995
    assert database.writes == 5


def test_a_row_goes_when_its_bucket_has_long_been_full(
    database: Database, clock: FixedClock
) -> None:
    RateLimits(database, clock).take(ME, FIVE)
    row = row_of(database)
    assert row is not None
    assert row.expires_at == int(NOW.timestamp()) + 5 + 3600
    assert row.tat == (int(NOW.timestamp()) + 1) * 10**9


def test_a_process_whose_row_expired_meanwhile_starts_a_new_one(clock: FixedClock) -> None:
    limits = RateLimits(MemoryDatabase(), clock)
    limits.take(ME, FIVE)
    limits._database = database = MemoryDatabase()
    limits.take(ME, FIVE)
    row = row_of(database)
    assert row is not None
    assert row.tat == (int(NOW.timestamp()) + 1) * 10**9


@pytest.mark.parametrize("lease", [1, 10])
@pytest.mark.parametrize("processes", [1, 5, 50])
def test_fifty_at_once_never_take_more_than_there_is(
    database: Database, clock: FixedClock, lease: int, processes: int
) -> None:
    bucket = Bucket("twenty", capacity=20, per_minute=1, lease=lease)
    limits = [RateLimits(database, clock) for _ in range(processes)]
    start = threading.Barrier(50)
    admitted: list[int] = []
    strange: list[Exception] = []

    def take(number: int) -> None:
        start.wait()
        try:
            limits[number % processes].take(ME, bucket)
            admitted.append(number)
        except RateLimited:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, no thread may see it
            strange.append(error)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert strange == []
    if lease == 1:
        assert len(admitted) == 20
    # Tokens taken ahead by other processes are out of reach, never given twice.
    assert 10 <= len(admitted) <= 20


def test_a_lease_spares_writes_and_ends_with_its_time(clock: FixedClock) -> None:
    database = Counted()
    leased = Bucket("leased", capacity=40, per_minute=60, lease=10)
    limits = RateLimits(database, clock)
    for _ in range(10):
        limits.take(ME, leased)
    assert database.writes == 1
    limits.take(ME, leased)
    assert database.writes == 2
    clock.advance(timedelta(seconds=rate_limits.LEASE_SECONDS))
    limits.take(ME, leased)
    assert database.writes == 3


def test_a_lease_never_takes_the_second_half_of_a_bucket(clock: FixedClock) -> None:
    database = Counted()
    leased = Bucket("leased", capacity=20, per_minute=1, lease=10)
    first, *others = [RateLimits(database, clock) for _ in range(11)]
    first.take(ME, leased)
    assert [waits(limits, leased) for limits in others] == [0] * 10
    assert waits(others[0], leased) == 60
    # The first process still holds nine that were taken before.
    assert [waits(first, leased) for _ in range(10)] == [0] * 9 + [60]


def test_a_request_heavier_than_what_is_held_takes_its_own(clock: FixedClock) -> None:
    leased = Bucket("leased", capacity=40, per_minute=60, lease=4)
    limits = RateLimits(MemoryDatabase(), clock)
    limits.take(ME, leased)
    limits.take(ME, leased, 7)
    assert [waits(limits, leased) for _ in range(3)] == [0, 0, 0]
    row = row_of(limits._database, leased)
    assert row is not None
    assert row.tat == (int(NOW.timestamp()) + 11) * 10**9


@given(
    capacity=st.integers(1, 30),
    per_minute=st.integers(1, 5000),
    steps=st.lists(
        st.tuples(st.integers(0, 3_000), st.integers(1, 12), st.integers(0, 2)), max_size=60
    ),
)
def test_within_any_time_no_more_is_admitted_than_capacity_and_rate(
    capacity: int, per_minute: int, steps: list[tuple[int, int, int]]
) -> None:
    clock = FixedClock(NOW)
    database = MemoryDatabase()
    bucket = Bucket("any", capacity, per_minute)
    limits = [RateLimits(database, clock) for _ in range(3)]
    taken: list[tuple[int, int]] = []
    elapsed = 0
    for pause_ms, cost, process in steps:
        clock.advance(timedelta(milliseconds=pause_ms))
        elapsed += pause_ms
        if waits(limits[process], bucket, cost) == 0:
            taken.append((elapsed, min(cost, capacity)))
    for first, (since, _) in enumerate(taken):
        for last in range(first, len(taken)):
            within = taken[last][0] - since
            worth = sum(cost for _, cost in taken[first : last + 1])
            assert worth * 60_000 <= capacity * 60_000 + within * per_minute


@given(
    lease=st.integers(2, 10),
    more=st.integers(0, 20),
    per_minute=st.integers(1, 600),
    steps=st.lists(
        st.tuples(st.integers(0, 6_000), st.integers(1, 12), st.integers(0, 2)), max_size=60
    ),
)
def test_leases_admit_at_most_what_the_processes_held_before(
    lease: int, more: int, per_minute: int, steps: list[tuple[int, int, int]]
) -> None:
    clock = FixedClock(NOW)
    database = MemoryDatabase()
    bucket = Bucket("leased", 2 * lease + more, per_minute, lease=lease)
    limits = [RateLimits(database, clock) for _ in range(3)]
    taken: list[tuple[int, int]] = []
    elapsed = 0
    for pause_ms, cost, process in steps:
        clock.advance(timedelta(milliseconds=pause_ms))
        elapsed += pause_ms
        if waits(limits[process], bucket, cost) == 0:
            taken.append((elapsed, min(cost, bucket.capacity)))
    for first, (since, _) in enumerate(taken):
        for last in range(first, len(taken)):
            worth = sum(cost for _, cost in taken[first : last + 1])
            most = bucket.capacity + 3 * lease
            assert worth * 60_000 <= most * 60_000 + (taken[last][0] - since) * per_minute


@given(
    capacity=st.integers(1, 30),
    per_minute=st.integers(1, 5000),
    steps=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 40)), min_size=1, max_size=40),
)
def test_the_waiting_time_is_enough_and_a_second_less_is_not(
    capacity: int, per_minute: int, steps: list[tuple[int, int]]
) -> None:
    clock = FixedClock(NOW)
    database = MemoryDatabase()
    bucket = Bucket("any", capacity, per_minute)
    limits = RateLimits(database, clock)
    for pause_ms, cost in steps:
        clock.advance(timedelta(milliseconds=pause_ms))
        seconds = waits(limits, bucket, cost)
        if seconds:
            clock.advance(timedelta(seconds=seconds - 1))
            # Exact to the second: what is left to wait is within the last one.
            assert waits(limits, bucket, cost) == 1
            clock.advance(timedelta(seconds=1))
            assert waits(limits, bucket, cost) == 0


@given(
    capacity=st.integers(1, 30),
    before=st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 6)), max_size=20),
    cost=st.integers(1, 30),
    later_ms=st.integers(0, 60_000),
)
def test_asking_for_less_or_later_is_never_worse(
    capacity: int, before: list[tuple[int, int]], cost: int, later_ms: int
) -> None:
    bucket = Bucket("any", capacity, 60)

    def wait(cost: int, later_ms: int) -> int:
        clock = FixedClock(NOW)
        limits = RateLimits(MemoryDatabase(), clock)
        for pause_ms, each in before:
            clock.advance(timedelta(milliseconds=pause_ms))
            waits(limits, bucket, each)
        clock.advance(timedelta(milliseconds=later_ms))
        return waits(limits, bucket, cost)

    assert wait(cost, 0) <= wait(cost + 1, 0)
    assert wait(cost, later_ms) <= wait(cost, 0)


class Failing(MemoryDatabase):
    """A store that answers with an error of its own."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error

    def write(self, change: Change) -> None:
        if self.error is not None:
            raise self.error
        super().write(change)


def error_of(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret text"}}, "UpdateItem")


DOWN = [error_of("InternalServerError"), EndpointConnectionError(endpoint_url="http://db")]


@pytest.mark.parametrize("error", DOWN, ids=["answers 500", "does not answer"])
def test_without_a_store_what_is_guarded_closely_is_refused(
    error: Exception, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TemporarilyUnavailable):
        RateLimits(Failing(error), clock).take(ME, FIVE)
    printed = capsys.readouterr().out
    assert "RateLimitNotChecked" in printed
    assert "secret text" not in printed
    assert ME not in printed


@pytest.mark.parametrize("error", DOWN, ids=["answers 500", "does not answer"])
def test_without_a_store_reading_goes_on(
    error: Exception, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = Bucket("reads", 5, 60, fail_open=True)
    limits = RateLimits(Failing(error), clock)
    assert [waits(limits, bucket) for _ in range(20)] == [0] * 20
    assert "RateLimitNotChecked" in capsys.readouterr().out


@pytest.mark.parametrize("fail_open", [True, False])
def test_a_store_that_throttles_slows_down_instead_of_opening(
    fail_open: bool, clock: FixedClock
) -> None:
    bucket = Bucket("reads", 5, 60, fail_open=fail_open)
    store = Failing(error_of("ProvisionedThroughputExceededException"))
    limits = RateLimits(store, clock)
    assert waits(limits, bucket) == 1
    store.error = None
    assert waits(limits, bucket) == 0


def test_a_refusal_is_counted_without_a_name(
    clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = RateLimits(MemoryDatabase(), clock)
    single = Bucket("single", 1, 1)
    limits.take(ME, single)
    assert "RateLimited" not in capsys.readouterr().out
    assert waits(limits, single) == 60
    printed = capsys.readouterr().out
    assert '"RateLimited"' in printed
    assert "usr_t1_ME" not in printed


def test_a_process_remembers_a_bounded_number_of_rows(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "KNOWN_MAX", 3)
    limits = RateLimits(MemoryDatabase(), clock)
    for number in range(10):
        for _ in range(6):
            waits(limits, principal=f"user:{number}")
    assert len(limits._rows) == 3
    # What was forgotten is still on its row.
    assert waits(limits, principal="user:0") == 1


@pytest.mark.parametrize(
    ("capacity", "per_minute", "lease"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (9, 1, 5)]
)
def test_a_bucket_that_makes_no_sense_cannot_be_made(
    capacity: int, per_minute: int, lease: int
) -> None:
    with pytest.raises(ValueError, match=r"bucket|lease"):
        Bucket("nonsense", capacity, per_minute, lease)


def test_rows_lie_in_a_partition_of_their_own(clock: FixedClock) -> None:
    database = MemoryDatabase()
    RateLimits(database, clock).take(ME, FIVE)
    (key,) = database._items
    assert (key.table, key.pk, key.sk) == (Table.CORE, f"RATE#{ME}#five", "RATE")
    assert Item(database._items[key]).kind == "rate"
