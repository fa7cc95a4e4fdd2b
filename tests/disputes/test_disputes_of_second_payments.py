"""Disputes of payments that were credited to nobody: a second payment of a deposit."""

from dataclasses import replace

import pytest

from shared.disputes.model import DisputeStatus as D
from shared.kernel.money import Currency, Money
from shared.payments import surplus
from shared.payments.methods import Gateway
from shared.payments.states import DepositStatus as S
from shared.payments.suspended import SuspendedPayments
from shared.payouts import bookings as payouts
from shared.payouts.making import new_follower, new_surplus
from shared.payouts.model import Rail
from shared.payouts.states import PayoutStatus as P

ALL = Money(10_000, Currency.USD)


@pytest.fixture
def deposit(world):
    """Paid twice; the second payment waits in suspense to go back."""
    made, at = world.deposit(), world.clock.now()
    draft = surplus.second_payment(made, Gateway.STRIPE, "pi_2", ALL, at)
    world.commit(
        *world.deposits.claim_payment(made, "pi_2"), *world.ledger.post(world.wallet(), draft)
    )
    return made


def surplus_of(world, deposit):
    return new_surplus(
        user_id=world.user_id,
        deposit_id=deposit.deposit_id,
        gateway=Gateway.STRIPE,
        payment="pi_2",
        amount=ALL,
        at=world.clock.now(),
    )


def send_back(world, deposit):
    at = world.clock.now()
    sent = surplus_of(world, deposit).moved(P.RECALLED, at).moved(P.SENDING, at)
    draft = payouts.paid(sent, at)
    world.commit(
        world.payouts.create(sent.moved(P.PAID, at)), *world.ledger.post(world.wallet(), draft)
    )


def test_lost_before_it_went_back_it_costs_the_person_nothing(world, deposit):
    world.tell(world.reading(payment="pi_2"))
    assert world.purse() == (10_000, 10_000, 1, 0)
    world.tell(world.reading(D.LOST, payment="pi_2"))
    world.tell(world.reading(D.LOST, payment="pi_2"))
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.now(deposit).status is S.FUNDED
    assert world.claimed() == []
    books = world.books()
    assert "suspense:USD" not in books
    assert "disputed:stripe:USD" not in books
    assert books["gateway_clearing:stripe:USD"] == 10_000


@pytest.mark.parametrize("statuses", [(D.OPEN, D.LOST), (D.LOST,), (D.OPEN, D.WON, D.LOST)])
def test_what_was_owed_for_it_is_owed_no_more(world, deposit, statuses):
    world.invest(10_000)
    for status in statuses:
        world.tell(world.reading(status, payment="pi_2"))
    assert world.purse() == (0, 0, 0, 0)
    assert "contested:USD" not in world.books()
    lost = world.last("disputes.dispute_lost.v1")
    assert lost.owed_minor == 0


def test_lost_after_it_went_back_the_person_had_it_twice_and_pays(world, deposit):
    send_back(world, deposit)
    world.invest(6_000)
    world.tell(world.reading(payment="pi_2"))
    world.tell(world.reading(D.LOST, payment="pi_2"))
    assert world.purse() == (0, 0, 0, 6_000)
    assert world.claimed() == [4_000]
    assert "suspense:USD" not in world.books()


@pytest.mark.parametrize("booked", [True, False])
def test_lost_after_it_went_back_another_way_the_person_had_it_twice_and_pays(
    world, deposit, booked
):
    at = world.clock.now()
    refused = surplus_of(world, deposit).moved(P.RECALLED, at).moved(P.SENDING, at)
    refused = refused.moved(P.FAILED, at)
    instead = new_follower(refused, at, rail=Rail.BY_HAND, reference="BANK-OUT-7")
    paid = instead.moved(P.RECALLED, at).moved(P.SENDING, at).moved(P.PAID, at)
    entry = payouts.paid(paid, at)
    world.commit(
        world.payouts.create(replace(refused, followed_by=paid.payout_id)),
        world.payouts.create(paid if booked else instead),
        *(world.ledger.post(world.wallet(), entry) if booked else ()),
    )
    world.invest(6_000)
    world.tell(world.reading(payment="pi_2"))
    world.tell(world.reading(D.LOST, payment="pi_2"))
    assert world.purse() == (0, 0, 0, 6_000)
    assert world.claimed() == [4_000]
    if not booked:
        world.commit(*world.ledger.post(world.wallet(), entry))
    assert "suspense:USD" not in world.books()


def test_won_it_still_waits_to_go_back(world, deposit):
    world.tell(world.reading(payment="pi_2"))
    world.tell(world.reading(D.WON, payment="pi_2"))
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.books()["suspense:USD"] == -10_000


def test_what_a_bank_took_back_is_credited_to_nobody_any_more(world):
    deposit = world.deposit()
    draft = surplus.other_amount(deposit, Gateway.STRIPE, "pi_2", ALL, world.clock.now())
    world.commit(
        *world.deposits.claim_payment(deposit, "pi_2", suspended=ALL),
        *world.ledger.post(world.wallet(), draft),
    )
    suspended = SuspendedPayments(world.database)
    world.tell(world.reading(payment="pi_2"))
    assert suspended.get(Gateway.STRIPE, "pi_2") is not None
    world.tell(world.reading(D.LOST, payment="pi_2"))
    assert suspended.get(Gateway.STRIPE, "pi_2") is None
    assert world.disputes.owner(Gateway.STRIPE, "pi_2") == (world.user_id, deposit.deposit_id)
    assert "suspense:USD" not in world.books()


def test_what_a_bank_gives_back_after_all_is_there_to_be_credited_again(world):
    deposit = world.deposit()
    draft = surplus.other_amount(deposit, Gateway.STRIPE, "pi_2", ALL, world.clock.now())
    world.commit(
        *world.deposits.claim_payment(deposit, "pi_2", suspended=ALL),
        *world.ledger.post(world.wallet(), draft),
    )
    suspended = SuspendedPayments(world.database)
    before = suspended.get(Gateway.STRIPE, "pi_2")
    for _ in range(2):
        world.tell(world.reading(D.LOST, payment="pi_2"))
        assert suspended.get(Gateway.STRIPE, "pi_2") is None
        assert suspended.waiting(5).entries == ()
        world.tell(world.reading(D.WON, payment="pi_2"))
        assert suspended.get(Gateway.STRIPE, "pi_2") == before
        assert [one for _, one in suspended.waiting(5).entries] == [before]
        assert world.books()["suspense:USD"] == -10_000


def test_a_second_payment_that_is_there_again_goes_back_and_is_credited_to_nobody(world, deposit):
    for status in (D.LOST, D.WON):
        world.tell(world.reading(status, payment="pi_2"))
    suspended = SuspendedPayments(world.database)
    assert suspended.get(Gateway.STRIPE, "pi_2") is None
    assert suspended.waiting(5).entries == ()
