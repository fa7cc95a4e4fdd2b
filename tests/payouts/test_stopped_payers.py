"""A payment that is to go back to an account which may not be paid, or is not there any more: it
is no dead end, and no secret."""

from collections.abc import Mapping
from datetime import timedelta

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.errors import NotFound
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.ports import PaidOut
from shared.payouts.reasons import PayoutReason
from tests.payouts.conftest import World
from tests.payouts.remedy_desk import ACCOUNT, BY_HAND, SUSPENSE, Desk, follower, undelivered
from tests.payouts.test_stopped_people import stop

S = PayoutStatus


def waiting(world: World) -> tuple[Payout, Payout]:
    """It could not be sent back, and what is to pay in its place, which nobody may be paid."""
    failed = undelivered(world)
    Desk(world).agree(failed, ACCOUNT)
    stop(world)
    payout = follower(world, failed)
    world.send(payout)
    waits = world.now(payout)
    assert (waits.status, waits.reason) == (S.READY, PayoutReason.UNDER_REVIEW)
    return failed, payout


def looked_at(world: World, payout: Payout, after: timedelta) -> Payout:
    """What the sweep does, so much later."""
    world.clock.advance(after)
    world.sending.checked(world.user_id, payout.payout_id, 9)
    return world.now(payout)


def test_the_sweep_asks_for_it_less_and_less_often(world):
    _, payout = waiting(world)
    waits = looked_at(world, payout, timedelta(minutes=30))
    assert waits.due == world.clock.now() + timedelta(minutes=30)
    assert (waits.status, waits.escalated, world.open_cases()) == (S.READY, False, [])


def test_after_a_day_somebody_is_told_once_and_when_it_is_sent_that_is_over(world):
    _, payout = waiting(world)
    for _ in range(2):
        waits = looked_at(world, payout, timedelta(hours=25))
        (case,) = world.open_cases()
        assert (case.kind, case.subject) == (CaseKind.PAYOUT_UNKNOWN, payout.payout_id)
        assert (waits.status, waits.escalated, waits.asked_at) == (S.READY, True, None)
        assert waits.due > world.clock.now()
    stop(world, stopped=False)
    world.rails[Rail.STRIPE_PAYOUT].script = ["paid"]
    assert looked_at(world, payout, timedelta(hours=6)).status is S.PAID
    assert world.open_cases() == []
    assert world.books()[SUSPENSE] == 10_000


def test_nobody_has_to_look_at_one_that_is_not_sent_because_the_first_was_paid(world):
    failed, payout = waiting(world)
    looked_at(world, payout, timedelta(hours=25))
    world.told(failed, PaidOut("re_1", failed.amount))
    stays = world.now(payout)
    assert (world.now(failed).status, stays.status) == (S.PAID, S.CANCELLED)
    assert world.open_cases() == []
    resolved = [one.subject for one in world.cases.listed(CaseStatus.RESOLVED)]
    assert payout.payout_id in resolved


def test_an_account_that_is_gone_before_it_is_sent_leaves_the_payment_to_staff_again(world):
    failed = undelivered(world)
    desk = Desk(world)
    desk.agree(failed, ACCOUNT)
    payout = follower(world, failed)

    def gone(user_id: str, account_id: str) -> Mapping[str, str]:
        raise NotFound(what="The payout account")

    world.details = gone
    world.send(payout)
    ended = world.now(payout)
    assert (ended.status, ended.reason) == (S.FAILED, PayoutReason.RECEIVER_NOT_ABLE)
    assert (ended.undelivered, ended.asked_at, ended.due) == (True, None, None)
    assert world.rails[Rail.STRIPE_PAYOUT].sent == 0
    assert [one.subject for one in world.open_cases()] == [payout.payout_id]
    desk.agree(ended, BY_HAND)
    last = follower(world, ended)
    world.send(last)
    assert (world.now(last).status, world.books()[SUSPENSE]) == (S.PAID, 10_000)
