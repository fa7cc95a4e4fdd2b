"""Cards that are kept for charges while their owner is away."""

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payments.ports import Failed, NoAnswer, NoWord, Paid, Refused, Started, Waiting
from shared.payments.reasons import Reason
from tests.payments.stripe.desk import deposit_of


@pytest.fixture
def first():
    return deposit_of()


@pytest.fixture
def kept(desk, first):
    """A card that was kept with the first deposit."""
    return keep(desk, first)


def keep(desk, deposit, card="4242424242424242", **order):
    started = desk.gateway.start(deposit, None, save_card=True)
    assert desk.gateway.saved_method(started.reference) is None
    desk.pay(started.reference, card=card)
    if order:
        desk.pay(started.reference, **order)
    return desk.gateway.saved_method(started.reference)


def another(first, minor=5_000):
    return deposit_of(minor, user_id=first.user_id)


def charge(desk, deposit, kept):
    return desk.gateway.charge_saved(deposit, kept.customer, kept.payment_method)


def test_a_card_is_kept_with_the_first_payment_and_charged_later(desk, first, kept):
    assert kept.last4 == "4242"
    assert kept.customer.startswith("cus_")
    deposit = another(first)
    started = charge(desk, deposit, kept)
    assert started == Started(started.reference)
    assert started.reference.startswith("pi_")
    paid = Paid(started.reference, Money(5_000, Currency.USD), 175)
    assert desk.gateway.look_up(deposit, started.reference) == paid
    assert desk.gateway.look_up(first, started.reference) == NoAnswer()


def test_one_deposit_charges_a_card_once(desk, first, kept, fault):
    deposit = another(first)
    fault("stripe", "payment_intents.create", "timeout_after_effect", close=True)
    assert charge(desk, deposit, kept) == NoWord()
    assert charge(desk, deposit, kept) == charge(desk, deposit, kept)
    kinds = [one.type for one in desk.client.v1.balance_transactions.list().data]
    assert kinds == ["charge", "charge"]
    charge(desk, another(first), kept)
    assert len(desk.client.v1.balance_transactions.list().data) == 3


@pytest.mark.parametrize(
    ("why", "reason"),
    [("insufficient_funds", Reason.INSUFFICIENT_FUNDS), ("lost_card", Reason.DECLINED)],
)
def test_a_card_that_is_declined_later_is_refused_and_stays_so(
    desk, first, kept, fault, why, reason
):
    deposit = another(first)
    fault("stripe", "payment_intents.create", "declined", decline_code=why)
    assert charge(desk, deposit, kept) == Refused(reason)
    assert charge(desk, deposit, kept) == Refused(reason)
    assert len(desk.client.v1.balance_transactions.list().data) == 1
    (failed,) = desk.client.v1.events.list({"type": "charge.failed"}).data
    reference = failed.data.object["payment_intent"]
    assert desk.gateway.look_up(deposit, reference) == Failed(reason)


def test_a_bank_that_wants_its_owner_there_refuses(desk, first):
    kept = keep(desk, first, "4000002760003184", authenticate="pass")
    assert charge(desk, another(first), kept) == Refused(Reason.DECLINED)


def test_a_card_that_was_authenticated_once_can_be_charged(desk, first):
    kept = keep(desk, first, "4000002500003155", authenticate="pass")
    assert isinstance(charge(desk, another(first), kept), Started)


def test_a_card_of_somebody_else_is_not_charged(desk, first, kept):
    stranger = deposit_of()
    theirs = keep(desk, stranger)
    mixed = desk.gateway.charge_saved(another(first), kept.customer, theirs.payment_method)
    assert mixed == Refused(Reason.GATEWAY_REFUSED)
    unknown = desk.gateway.charge_saved(another(first), kept.customer, "pm_unknown")
    assert unknown == Refused(Reason.GATEWAY_REFUSED)
    assert len(desk.client.v1.balance_transactions.list().data) == 2


def test_a_gateway_that_does_not_answer_is_no_word(desk, first, kept, fault):
    fault("stripe", "payment_intents.create", "error", times=2, status=500)
    assert charge(desk, another(first), kept) == NoWord()
    fault("stripe", "checkout_sessions.retrieve", "error", times=2, status=500)
    with pytest.raises(GatewayUnavailable):
        desk.gateway.saved_method("cs_test_x")


def test_without_being_asked_no_card_is_kept_and_no_customer_made(desk, first):
    started = desk.gateway.start(first, None)
    desk.pay(started.reference)
    assert desk.gateway.saved_method(started.reference) is None
    assert desk.gateway.saved_method("cs_test_unknown") is None
    session = desk.client.v1.checkout.sessions.retrieve(started.reference)
    assert session.customer is None


def test_a_debit_keeps_no_card(desk):
    deposit = deposit_of(method=Method.BANK_DEBIT)
    started = desk.gateway.start(deposit, None, save_card=True)
    desk.pay(started.reference)
    assert desk.gateway.saved_method(started.reference) is None
    assert desk.gateway.look_up(deposit, started.reference) != Waiting()
