"""A word of staff lets a deposit go that a limit holds back, and is recorded with it."""

import pytest

from shared.kernel.errors import NotFound
from shared.payments.errors import DepositNotHeldBack
from shared.payments.model import DepositStatus, Gateway
from shared.payments.ports import Paid
from shared.payments.releasing import Releasing
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Check
from shared.platform.work import ConditionFailed
from shared.users.store import ProfileRow


@pytest.fixture
def office(world):
    return Releasing(world.deposits, world.facts, Checks(world.funding_queue), lambda _: None)


def held(world):
    """A deposit above the cap."""
    for key, amount in (("a", "10000.00"), ("b", "5000.00")):
        deposit = world.card(amount, key=key)
        world.gateways[Gateway.STRIPE].set(deposit, Paid(f"pi_{key}", deposit.amount))
        world.signal(deposit)
        world.fund(deposit)
    return world.now(deposit)


def release(office, world, deposit, record=lambda before, after: []):
    return office.release(world.user_id, deposit.deposit_id, record)


def test_it_goes_with_the_next_look_and_is_recorded_once(world, office):
    deposit, recorded = held(world), []
    record = lambda before, after: recorded.append((before.reason, after.released)) or []  # noqa: E731
    assert release(office, world, deposit, record).released
    assert release(office, world, deposit, record).released
    assert recorded == [(deposit.reason, True)]
    subject = {"user_id": world.user_id, "deposit_id": deposit.deposit_id}
    assert world.funding_queue.sent[0] == (CheckMessage("funding", subject, 0), 2)
    world.funding.checked(world.user_id, deposit.deposit_id, 0)
    assert world.now(deposit).status is DepositStatus.FUNDED


def test_what_no_limit_holds_back_is_not_released(world, office):
    deposit = world.card()
    with pytest.raises(DepositNotHeldBack):
        release(office, world, deposit)
    assert not world.now(deposit).released
    with pytest.raises(NotFound):
        office.release(world.user_id, deposit.deposit_id[:-1] + "Z", lambda before, after: [])
    assert world.funding_queue.sent == []


def test_a_queue_that_does_not_answer_leaves_it_to_the_sweep(world):
    class Dead(MemoryQueue):
        def send(self, *args, **kwargs):
            raise RuntimeError("no queue")

    deposit = held(world)
    office = Releasing(world.deposits, world.facts, Checks(Dead()), lambda _: None)
    assert release(office, world, deposit).released
    after = world.now(deposit)
    # Overdue at once, so that the next sweep asks.
    assert after.due is not None
    assert after.wakes_at is None


def test_without_the_authority_nothing_changes(world, office):
    deposit = held(world)
    refused = Check("authority", ProfileRow, "USER#x", "PROFILE", ProfileRow.pk.exists())
    with pytest.raises(ConditionFailed) as failure:
        release(office, world, deposit, lambda before, after: [refused])
    assert set(failure.value.found) == {"authority"}
    assert world.now(deposit) == deposit
    assert world.funding_queue.sent == []
