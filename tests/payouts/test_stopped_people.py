"""Whom staff stopped since the withdrawal was asked for gets nothing until that is over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.payouts.model import PayoutStatus as S
from shared.payouts.ports import PaidOut
from shared.payouts.reasons import PayoutReason
from shared.payouts.returning import PayeeStopped
from tests.payouts.conftest import Rail, World


def stop(world: World, stopped: bool = True) -> None:
    world.broker.person = replace(world.broker.person, identity_approved=not stopped)

    def details(user_id: str, account_id: str) -> Mapping[str, str]:
        if stopped:
            raise PayeeStopped
        return {"phone": "254712345678"}

    world.details = details


def test_before_the_cash_moves_it_waits_and_says_no_more_than_that_it_is_looked_at(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    stop(world)
    world.recall(payout)
    world.recall(payout)
    waits = world.now(payout)
    assert (waits.status, waits.reason) == (S.READY, PayoutReason.UNDER_REVIEW)
    assert (world.broker.instructed, waits.cancellable) == (0, True)
    assert waits.due is not None
    stop(world, stopped=False)
    world.recall(payout)
    assert world.now(payout).status is S.RECALLED


def test_before_the_gateway_is_asked_it_waits_with_the_money_held(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.recall(payout)
    stop(world)
    world.send(payout)
    waits = world.now(payout)
    assert (waits.status, waits.reason) == (S.RECALLED, PayoutReason.UNDER_REVIEW)
    assert (world.rails[payout.rail].sent, waits.asked_at) == (0, None)
    assert world.money() == (10_000, 4_000, 0)
    stop(world, stopped=False)
    world.send(payout)
    assert (world.now(payout).status, world.rails[payout.rail].sent) == (S.SENT, 1)


def test_an_order_without_an_answer_is_not_given_again_but_still_asked_for(world):
    world.deposit()
    payout = world.withdrawal(begin=False, rail=Rail.STRIPE_PAYOUT)
    rail = world.rails[payout.rail]
    rail.script.append("silence")
    rail.look_script += ["silence"]
    world.recall(payout)
    world.send(payout)
    stop(world)
    world.clock.advance(timedelta(minutes=1))
    world.send(payout)
    assert (world.now(payout).status, rail.sent) == (S.SENDING, 1)
    rail.decide(PaidOut("po_1", payout.amount))
    world.send(payout)
    assert world.now(payout).status is S.PAID


def test_a_refund_goes_back_to_its_payer_all_the_same(world):
    deposit = world.deposit()
    stop(world)
    payout = world.refund(deposit)
    assert payout.status is S.SENT
