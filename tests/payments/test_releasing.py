"""A word of staff lets a deposit go on that a limit or a doubt holds, and is recorded with it."""

import pytest

from shared.kernel.errors import NotFound
from shared.payments.model import SWEPT_AFTER, DepositStatus, Gateway
from shared.payments.ports import Paid
from shared.payments.reasons import Reason
from shared.payments.releasing import Releasing
from shared.platform.tables import Check
from shared.platform.work import ConditionFailed
from shared.users.store import ProfileRow


@pytest.fixture
def office(world):
    return Releasing(world.deposits, world.facts, lambda _: None)


def held(world):
    """A deposit above the cap."""
    for key, amount in (("a", "10000.00"), ("b", "5000.00")):
        deposit = world.card(amount, key=key)
        world.gateways[Gateway.STRIPE].set(deposit, Paid(f"pi_{key}", deposit.amount))
        world.signal(deposit)
        world.fund(deposit)
    return world.now(deposit)


def release(office, world, deposit, recorded=None):
    def record(before, after):
        if recorded is not None:
            recorded.append((before.reason, after.reason, after.released))
        return []

    return office.release(world.user_id, deposit.deposit_id, record)


def test_a_limit_holds_it_no_more_and_that_is_recorded_once(world, office):
    deposit, recorded = held(world), []
    assert deposit.reason is Reason.SEASONING
    assert release(office, world, deposit, recorded).released
    assert release(office, world, deposit, recorded).released
    assert recorded == [(Reason.SEASONING, None, True)]
    world.clock.advance(SWEPT_AFTER)
    assert world.now(deposit).due <= world.clock.now()
    world.funding.checked(world.user_id, deposit.deposit_id, 0)
    assert world.now(deposit).status is DepositStatus.FUNDED


def test_a_doubt_that_was_looked_at_is_no_word_about_limits(world, office):
    deposit = held(world)
    doubted = deposit.held_for_review(Reason.AMOUNT_MISMATCH)
    world.facts.commit([world.deposits.save(deposit, doubted)])
    after = release(office, world, doubted)
    assert (after.review, after.released, after.reason) == (False, False, None)
    world.fund(after)
    assert world.now(deposit).reason is Reason.SEASONING


def test_what_nothing_holds_is_as_it_is(world, office):
    deposit, recorded = world.card(), []
    assert release(office, world, deposit, recorded) == deposit
    assert (world.now(deposit), recorded) == (deposit, [])
    with pytest.raises(NotFound):
        office.release(world.user_id, deposit.deposit_id[:-1] + "Z", lambda before, after: [])


def test_without_the_authority_nothing_changes(world, office):
    deposit = held(world)
    refused = Check("authority", ProfileRow, "USER#x", "PROFILE", ProfileRow.pk.exists())
    with pytest.raises(ConditionFailed) as failure:
        office.release(world.user_id, deposit.deposit_id, lambda before, after: [refused])
    assert set(failure.value.found) == {"authority"}
    assert world.now(deposit) == deposit
