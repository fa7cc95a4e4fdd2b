"""Deposits of different people never write the same item, so nothing limits them together."""

from typing import Any

import pytest

from benchmarks.crowd import settle_together
from benchmarks.recording import Recorder
from benchmarks.world import World
from shared.kernel.money import Currency
from shared.platform.dynamo import DynamoDatabase


@pytest.mark.emulator
def test_deposits_settled_together_write_no_common_item(
    dynamo_database: DynamoDatabase, dynamodb: Any
) -> None:
    recorder = Recorder()
    recorder.attach(dynamodb)
    world = World(dynamo_database)
    crowd = settle_together(world, recorder, people=60)
    assert crowd.shared == ()
    # Deposit, wallet, journal entry, payment guard and two outbox rows (of the deposit and of the
    # entry) of each person; one read each.
    assert (crowd.items_written, crowd.requests_sent) == (6 * 60, 2 * 60)


@pytest.mark.emulator
def test_the_proof_sees_an_item_that_is_shared(
    dynamo_database: DynamoDatabase, dynamodb: Any
) -> None:
    recorder = Recorder()
    recorder.attach(dynamodb)
    world = World(dynamo_database)
    user_id = world.register()
    first, second = world.begin_deposit(user_id, 100), world.begin_deposit(user_id, 200)
    with recorder.window() as requests:
        world.settle(first)
        world.settle(second)
    keys = [key for request in requests for key in request.written]
    assert len(keys) - len(set(keys)) == 1
    assert world.ledger.wallet(user_id, Currency.USD).posted == 300
