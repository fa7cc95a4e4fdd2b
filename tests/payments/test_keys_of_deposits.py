"""The rows of deposits' keys keep their place and form: versions of the code take turns."""

import hashlib
import json
from typing import ClassVar

import pytest
from pynamodb.attributes import UnicodeAttribute

from shared.kernel.errors import IdempotencyKeyReused
from shared.payments.model import Gateway
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Key, Put, Row, Table
from tests.payments.world import PHONE, World


class FirstKeyRow(Row):
    """As the first version of the code wrote and read it."""

    KIND: ClassVar[str] = "deposit_key"

    fingerprint = UnicodeAttribute()
    deposit_id = UnicodeAttribute()


def _place(world: World, key: str) -> str:
    return f"IDEM#{world.user_id}#{hashlib.sha256(key.encode()).hexdigest()}"


def _fingerprint(*content: str | int | None) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _moved_to_the_first_form(world: World, deposit_id: str, fingerprint: str) -> None:
    """Only the row that the first version of the code would have written is left."""
    assert isinstance(world.database, MemoryDatabase)
    for place in [each for each in world.database._items if each.pk.startswith("IDEM#")]:
        del world.database._items[place]
    row = FirstKeyRow(
        pk=_place(world, "key-1"), sk="GUARD", fingerprint=fingerprint, deposit_id=deposit_id
    )
    world.database.write(Put("row", row))


@pytest.mark.parametrize("gateway", [Gateway.STRIPE, Gateway.MPESA])
def test_a_key_that_the_first_version_took_makes_no_second_deposit(
    world: World, gateway: Gateway
) -> None:
    make, content = {
        Gateway.STRIPE: (world.card, ("STRIPE", 10_000, "USD", None)),
        Gateway.MPESA: (world.mpesa, ("MPESA", 1_300_000, "KES", PHONE)),
    }[gateway]
    first = make()
    _moved_to_the_first_form(world, first.deposit_id, _fingerprint("key-1", *content))
    assert make().deposit_id == first.deposit_id
    assert len(world.service.page(world.user_id, limit=10).deposits) == 1
    with pytest.raises(IdempotencyKeyReused):
        make("99.00" if gateway is Gateway.STRIPE else "12000")
    assert len(world.gateways[gateway].attempts) == 1


def test_the_first_version_finds_a_key_that_is_taken_today(world: World) -> None:
    deposit = world.card()
    key = Key(Table.CORE, _place(world, "key-1"), "GUARD")
    row = world.database.get_many([key])[key].to(FirstKeyRow)
    assert row.deposit_id == deposit.deposit_id
    assert row.fingerprint == _fingerprint("key-1", "STRIPE", 10_000, "USD", None)
