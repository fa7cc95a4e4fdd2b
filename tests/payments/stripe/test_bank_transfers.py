"""Bank transfers: the person sends money, perhaps too little or too much, and we wait."""

import pytest
import stripe

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payments.ports import Lapsed, NoAnswer, NoWord, Paid, Refused, Started, Waiting
from shared.payments.reasons import Reason
from tests.payments.stripe.desk import IDS, deposit_of


@pytest.fixture
def deposit():
    return deposit_of(100_000, method=Method.BANK_TRANSFER)


def test_dollars_are_sent_to_an_account_with_a_reference(desk, deposit):
    started = desk.gateway.start(deposit, None)
    assert isinstance(started, Started)
    assert started.reference.startswith("pi_")
    assert started.redirect_url is None
    told = dict(started.instructions)
    assert list(told) == [
        "ACCOUNT_HOLDER",
        "BANK",
        "ROUTING_NUMBER",
        "ACCOUNT_NUMBER",
        "ACCOUNT_TYPE",
        "SWIFT",
        "REFERENCE",
    ]
    assert all(told.values())
    assert desk.gateway.look_up(deposit, started.reference) == Waiting()


def test_euros_are_sent_to_an_iban(desk):
    deposit = deposit_of(50_000, Currency.EUR, Method.BANK_TRANSFER)
    started = desk.gateway.start(deposit, None)
    assert [name for name, _ in started.instructions] == [
        "ACCOUNT_HOLDER",
        "IBAN",
        "BIC",
        "COUNTRY",
        "REFERENCE",
    ]
    desk.knob(f"payment_intents/{started.reference}/fund", amount=50_000)
    paid = desk.gateway.look_up(deposit, started.reference)
    assert paid == Paid(started.reference, Money(50_000, Currency.EUR), 250)


def test_a_part_is_not_paid_until_the_rest_has_come(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=99_999)
    assert desk.gateway.look_up(deposit, started.reference) == Waiting()
    assert desk.events("payment_intent.partially_funded", "payment_intent.succeeded") == [
        "payment_intent.partially_funded"
    ]
    desk.knob(f"payment_intents/{started.reference}/fund", amount=1)
    paid = desk.gateway.look_up(deposit, started.reference)
    assert paid == Paid(started.reference, Money(100_000, Currency.USD), 500)


def test_of_too_much_only_the_amount_counts(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=130_000)
    paid = desk.gateway.look_up(deposit, started.reference)
    assert paid == Paid(started.reference, Money(100_000, Currency.USD), 500)
    customer = desk.client.v1.payment_intents.retrieve(started.reference).customer
    left = desk.client.v1.customers.cash_balance.retrieve(customer)
    assert left.available.to_dict() == {"usd": 30_000}


def test_what_was_sent_too_much_pays_the_next_deposit(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=130_000)
    next_one = deposit_of(30_000, method=Method.BANK_TRANSFER, user_id=deposit.user_id)
    again = desk.gateway.start(next_one, None)
    assert again.instructions == ()
    assert isinstance(desk.gateway.look_up(next_one, again.reference), Paid)


def test_one_person_is_one_customer_whether_the_search_sees_them_or_not(desk, deposit, fault):
    first = desk.gateway.start(deposit, None)
    other = deposit_of(70_000, method=Method.BANK_TRANSFER, user_id=deposit.user_id)
    fault("stripe", "customers.search", "stale")
    second = desk.gateway.start(other, None)
    third_deposit = deposit_of(80_000, method=Method.BANK_TRANSFER, user_id=deposit.user_id)
    third = desk.gateway.start(third_deposit, None)
    customers = {
        desk.client.v1.payment_intents.retrieve(one.reference).customer
        for one in (first, second, third)
    }
    assert len(customers) == 1
    stranger = deposit_of(70_000, method=Method.BANK_TRANSFER)
    theirs = desk.gateway.start(stranger, None)
    assert desk.client.v1.payment_intents.retrieve(theirs.reference).customer not in customers
    (customer,) = customers
    known = desk.client.v1.customers.retrieve(customer)
    assert known.metadata.to_dict() == {"user_id": deposit.user_id}
    assert (known.email, known.name) == (None, None)


def test_asking_twice_gives_the_same_transfer(desk, deposit):
    assert desk.gateway.start(deposit, None) == desk.gateway.start(deposit, None)


@pytest.mark.parametrize("operation", ["customers.create", "payment_intents.create"])
def test_the_effect_of_a_lost_answer_is_found_again(desk, deposit, fault, operation):
    fault("stripe", operation, "timeout_after_effect", close=True)
    assert desk.gateway.start(deposit, None) == NoWord()
    again = desk.gateway.start(deposit, None)
    assert isinstance(again, Started)
    assert desk.gateway.start(deposit, None) == again
    assert desk.events("payment_intent.created") == ["payment_intent.created"]


def test_a_transfer_can_be_given_up_before_anything_came(desk, deposit):
    started = desk.gateway.start(deposit, None)
    assert desk.gateway.cancel(deposit, started.reference) is True
    assert desk.gateway.look_up(deposit, started.reference) == Lapsed()
    assert desk.gateway.cancel(deposit, started.reference) is True


def test_a_transfer_that_was_paid_is_not_given_up(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=100_000)
    assert desk.gateway.cancel(deposit, started.reference) is False
    assert isinstance(desk.gateway.look_up(deposit, started.reference), Paid)


def test_a_transfer_of_which_a_part_has_come_is_not_given_up(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=40_000)
    assert desk.gateway.cancel(deposit, started.reference) is False
    assert desk.client.v1.payment_intents.retrieve(started.reference).status == "requires_action"


def test_whether_a_transfer_is_closed_is_not_guessed(desk, deposit, fault):
    started = desk.gateway.start(deposit, None)
    fault("stripe", "payment_intents.cancel", "error", times=2, status=503)
    with pytest.raises(GatewayUnavailable):
        desk.gateway.cancel(deposit, started.reference)
    with pytest.raises(GatewayUnavailable):
        desk.gateway.cancel(deposit, "pi_of_somebody_else")


def test_the_transfer_of_another_deposit_says_nothing(desk, deposit):
    other = deposit_of(100_000, method=Method.BANK_TRANSFER, user_id=deposit.user_id)
    started = desk.gateway.start(other, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=100_000)
    assert desk.gateway.look_up(deposit, started.reference) == NoAnswer()
    assert desk.gateway.look_up(deposit, "pi_unknown") == NoAnswer()


def test_an_amount_that_stripe_never_takes_is_refused(desk):
    deposit = deposit_of(100_000_000_00, method=Method.BANK_TRANSFER)
    assert desk.gateway.start(deposit, None) == Refused(Reason.GATEWAY_REFUSED)
    assert desk.events() == []


def test_money_without_a_reference_goes_to_the_deposit_of_its_amount(desk):
    user = IDS.new(Kind.USER)
    small, large = (
        deposit_of(minor, method=Method.BANK_TRANSFER, user_id=user) for minor in (10_000, 20_000)
    )
    references = [desk.gateway.start(one, None).reference for one in (small, large)]
    customer = desk.client.v1.payment_intents.retrieve(references[0]).customer
    desk.knob(f"customers/{customer}/fund", amount=20_000)
    assert desk.gateway.look_up(small, references[0]) == Waiting()
    assert isinstance(desk.gateway.look_up(large, references[1]), Paid)
    entries = desk.client.v1.customers.cash_balance_transactions.list(customer).data
    assert [(one.type, one.net_amount) for one in entries] == [
        ("applied_to_payment", -20_000),
        ("funded", 20_000),
    ]


def test_a_given_up_part_goes_back_to_the_balance_of_the_customer(desk, deposit):
    started = desk.gateway.start(deposit, None)
    desk.knob(f"payment_intents/{started.reference}/fund", amount=40_000)
    desk.client.v1.payment_intents.cancel(started.reference)
    customer = desk.client.v1.payment_intents.retrieve(started.reference).customer
    left = desk.client.v1.customers.cash_balance.retrieve(customer)
    assert left.available.to_dict() == {"usd": 40_000}
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        desk.client.v1.payment_intents.cancel(started.reference)
