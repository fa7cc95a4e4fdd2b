"""The last fee beside the one that is charged as soon as the last order has ended."""

from shared.management_fees.model import ChargeStatus
from shared.payouts.model import PayoutStatus
from tests.raising.closings import brought, charge_of, close, orders_ended, sold


def test_a_fee_that_something_else_has_paid_meanwhile_is_paid_by_what_was_sold(world):
    cash = world.wallet.available
    payout = close(world)
    world.base.deposit(world.user_id, 70_000)
    sold(world, payout)
    orders_ended(world)
    early = charge_of(world)
    assert (early.status, early.closing) == (ChargeStatus.COLLECTING, True)
    assert world.wallet.held == cash + early.amount_minor
    world.next_day()
    done = world.look(payout)
    last = charge_of(world)
    more = 0 if last == early else last.amount_minor
    assert (done.status, done.everything.fee_minor) == (
        PayoutStatus.READY,
        early.amount_minor + more,
    )
    assert done.debited.minor == cash + brought(world, payout) - early.amount_minor - more
    assert world.wallet.available == 70_000


def test_a_fee_that_waits_for_what_was_sold_is_charged_once(world):
    cash = world.wallet.available
    payout = close(world)
    sold(world, payout)
    orders_ended(world)
    early = charge_of(world)
    assert (early.status, world.wallet.held) == (ChargeStatus.DUE, cash)
    world.next_day()
    done = world.look(payout)
    fee = charge_of(world)
    assert fee.carried_minor == early.amount_minor
    assert world.fees.fees.charge(world.user_id, early.charge_id)[0].status is ChargeStatus.CARRIED
    assert done.everything.fee_minor == fee.amount_minor
    assert done.debited.minor == cash + brought(world, payout) - fee.amount_minor
    assert (world.wallet.held, world.wallet.available) == (done.debited.minor + fee.amount_minor, 0)
