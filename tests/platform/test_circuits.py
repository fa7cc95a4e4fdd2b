"""Circuit breakers: when they open, what they let through, and what it takes to close them."""

from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.kernel.clock import FixedClock, from_text
from shared.platform.circuits import (
    FORGET,
    LONGEST,
    PROBE_LASTS,
    PROBES,
    SHORTEST,
    THRESHOLD,
    WINDOW,
    CircuitState,
    StoredCircuits,
)
from shared.platform.memory import MemoryDatabase

NAME = "gateway.stripe"
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    return FixedClock(from_text("2026-03-02T09:00:00Z"))


@pytest.fixture
def circuits(database, clock):
    return StoredCircuits(database, clock)


def opened(circuits):
    for _ in range(THRESHOLD):
        circuits.failed(NAME)
    assert circuits.read(NAME).state is CircuitState.OPEN


def test_one_that_never_failed_admits_and_writes_nothing(circuits):
    assert circuits.admits(NAME)
    circuits.succeeded(NAME)
    assert circuits.read(NAME).version == 0


def test_it_opens_with_the_last_failure_of_the_threshold_and_not_before(circuits):
    for _ in range(THRESHOLD - 1):
        circuits.failed(NAME)
        assert circuits.admits(NAME)
    circuits.failed(NAME)
    assert not circuits.admits(NAME)


def test_failures_that_are_far_apart_do_not_open_it(circuits, clock):
    for _ in range(3 * THRESHOLD):
        circuits.failed(NAME)
        clock.advance(WINDOW / (THRESHOLD - 2))
    assert circuits.read(NAME).state is CircuitState.CLOSED


def test_a_success_in_between_begins_the_count_anew(circuits):
    for _ in range(THRESHOLD - 1):
        circuits.failed(NAME)
    circuits.succeeded(NAME)
    for _ in range(THRESHOLD - 1):
        circuits.failed(NAME)
    assert circuits.read(NAME).state is CircuitState.CLOSED


def test_half_open_it_admits_one_call_at_a_time(circuits, clock):
    opened(circuits)
    clock.advance(SHORTEST - SECOND)
    assert not circuits.admits(NAME)
    clock.advance(SECOND)
    assert circuits.admits(NAME)
    assert circuits.read(NAME).state is CircuitState.HALF_OPEN
    assert not circuits.admits(NAME)
    circuits.succeeded(NAME)
    assert circuits.admits(NAME)


def test_a_probe_whose_end_nobody_tells_is_given_up(circuits, clock):
    opened(circuits)
    clock.advance(SHORTEST)
    assert circuits.admits(NAME)
    clock.advance(PROBE_LASTS - SECOND)
    assert not circuits.admits(NAME)
    clock.advance(SECOND)
    assert circuits.admits(NAME)


def test_several_successes_in_a_row_close_it(circuits, clock):
    opened(circuits)
    clock.advance(SHORTEST)
    for number in range(PROBES):
        assert circuits.read(NAME).state is not CircuitState.CLOSED, number
        assert circuits.admits(NAME)
        circuits.succeeded(NAME)
    assert circuits.read(NAME).state is CircuitState.CLOSED
    assert circuits.admits(NAME)


def test_one_failed_probe_opens_it_for_twice_as_long_up_to_the_longest(circuits, clock):
    opened(circuits)
    waited = []
    for _ in range(8):
        cool_down = circuits.read(NAME).cool_down
        waited.append(cool_down)
        clock.advance(cool_down - SECOND)
        assert not circuits.admits(NAME)
        clock.advance(SECOND)
        assert circuits.admits(NAME)
        circuits.failed(NAME)
    assert waited[:3] == [SHORTEST, 2 * SHORTEST, 4 * SHORTEST]
    assert waited[-1] == LONGEST


def test_one_that_flaps_opens_for_longer_and_is_forgiven_after_a_quiet_time(circuits, clock):
    def close():
        clock.advance(circuits.read(NAME).cool_down)
        for _ in range(PROBES):
            assert circuits.admits(NAME)
            circuits.succeeded(NAME)

    opened(circuits)
    close()
    opened(circuits)
    assert circuits.read(NAME).cool_down == 2 * SHORTEST
    close()
    clock.advance(FORGET)
    circuits.succeeded(NAME)
    opened(circuits)
    assert circuits.read(NAME).cool_down == SHORTEST


def test_what_one_process_finds_out_holds_for_the_others(database, clock):
    one, other = StoredCircuits(database, clock), StoredCircuits(database, clock)
    opened(one)
    assert not other.admits(NAME)


def test_of_many_processes_one_probes(database, clock):
    opened(StoredCircuits(database, clock))
    clock.advance(SHORTEST)
    admitted = [StoredCircuits(database, clock).admits(NAME) for _ in range(5)]
    assert admitted.count(True) == 1


def test_without_its_store_everything_is_admitted(clock):
    class Broken(MemoryDatabase):
        def get(self, row, pk, sk):
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    circuits = StoredCircuits(Broken(), clock)
    circuits.failed(NAME)
    assert circuits.admits(NAME)


@pytest.mark.parametrize("waited", [WINDOW, 3 * WINDOW, 2 * FORGET], ids=str)
def test_one_that_closed_again_opens_for_the_next_outage_whenever_it_comes(circuits, clock, waited):
    opened(circuits)
    clock.advance(SHORTEST)
    for _ in range(PROBES):
        assert circuits.admits(NAME)
        circuits.succeeded(NAME)
    assert circuits.read(NAME).state is CircuitState.CLOSED
    clock.advance(waited)
    for _ in range(THRESHOLD):
        assert circuits.admits(NAME)
        circuits.failed(NAME)
        clock.advance(SECOND)
    assert circuits.read(NAME).state is CircuitState.OPEN
    assert not circuits.admits(NAME)


def test_failures_that_are_far_apart_do_not_open_one_that_has_been_open_before(circuits, clock):
    opened(circuits)
    clock.advance(SHORTEST)
    for _ in range(PROBES):
        assert circuits.admits(NAME)
        circuits.succeeded(NAME)
    for _ in range(3 * THRESHOLD):
        clock.advance(WINDOW / (THRESHOLD - 2))
        circuits.failed(NAME)
    assert circuits.read(NAME).state is CircuitState.CLOSED
