"""DynamoDB requests per operation, for a person with five years of history."""

from datetime import timedelta
from typing import Any

import pytest

from benchmarks.recording import Recorder, reads_and_writes
from benchmarks.world import World, five_years
from shared.platform.dynamo import DynamoDatabase
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Table

pytestmark = pytest.mark.emulator


def copied(memory: MemoryDatabase, client: Any, names: dict[Table, str]) -> None:
    """The same items in DynamoDB."""
    puts: list[tuple[str, Any]] = [
        (names[key.table], {"PutRequest": {"Item": item}}) for key, item in memory._items.items()
    ]
    for start in range(0, len(puts), 25):
        batch: dict[str, list[Any]] = {}
        for table, put in puts[start : start + 25]:
            batch.setdefault(table, []).append(put)
        client.batch_write_item(RequestItems=batch)


@pytest.fixture
def measured(dynamo_database: DynamoDatabase, dynamodb: Any) -> tuple[World, Recorder, str]:
    """A world over DynamoDB, its recorder, and the person with five years of history."""
    memory = MemoryDatabase()
    past = World(memory)
    user_id = five_years(past)
    copied(memory, dynamodb, dynamo_database._tables)
    recorder = Recorder()
    recorder.attach(dynamodb)
    return World(dynamo_database, past.clock), recorder, user_id


def test_no_operation_makes_more_requests_than_it_was_given(
    measured: tuple[World, Recorder, str],
) -> None:
    world, recorder, user_id = measured
    counted = {}

    with recorder.window() as requests:
        world.register()
    # Reserving the address at the sign-up is a write of its own, before anything is registered.
    counted["register"] = reads_and_writes(requests[1:])

    deposit = world.begin_deposit(user_id, 25_000)
    with recorder.window() as requests:
        world.settle(deposit)
    counted["deposit settled"] = reads_and_writes(requests)

    world.fund(deposit)
    with recorder.window() as requests:
        orders = world.invest(deposit)
    # The caller of this world reads the orders back, which no worker does.
    counted["invest"] = reads_and_writes(requests[:-1])
    assert len(orders) >= 5

    with recorder.window() as requests:
        world.fill(orders[0])
    counted["buy fill"] = reads_and_writes(requests)

    with recorder.window() as requests:
        items = world.screen(user_id)
    counted["screen"] = reads_and_writes(requests)
    assert items == 6 + 50

    assert counted == {
        "register": (0, 1),
        "deposit settled": (1, 1),
        "invest": (2, 1),
        "buy fill": (1, 1),
        "screen": (2, 0),
    }


def test_a_duplicate_costs_one_read_and_writes_nothing(
    measured: tuple[World, Recorder, str],
) -> None:
    world, recorder, user_id = measured
    deposit = world.begin_deposit(user_id, 25_000)
    world.settle(deposit)
    world.clock.advance(timedelta(seconds=1))
    with recorder.window() as requests:
        world.settle(deposit)
    assert reads_and_writes(requests) == (1, 0)
    world.fund(deposit)
    orders = world.invest(deposit)
    world.fill(orders[0])
    world.clock.advance(timedelta(seconds=1))
    with recorder.window() as requests:
        world.fill(orders[0])
    assert reads_and_writes(requests) == (1, 0)
