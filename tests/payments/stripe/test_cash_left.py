"""What people have sent to Stripe and no payment has taken."""

import pytest

from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.payments.cash_balances import CashLeft
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payments.providers.stripe_cash import StripeCash
from tests.payments.stripe.desk import IDS, deposit_of


@pytest.fixture
def cash(desk):
    return StripeCash(lambda: desk.client)


@pytest.fixture
def begun(desk):
    """A transfer that is awaited: its deposit, its intent and its customer."""
    deposit = deposit_of(100_000, method=Method.BANK_TRANSFER)
    reference = desk.gateway.start(deposit, None).reference
    return deposit, reference, desk.client.v1.payment_intents.retrieve(reference).customer


def brought(desk, customer, kind="funded"):
    """The newest transaction of a kind."""
    listed = desk.client.v1.customers.cash_balance_transactions.list(customer, {"limit": 100})
    return next(one.id for one in listed.data if one.type == kind)


def test_of_a_transfer_that_was_paid_exactly_nothing_is_left(desk, cash, begun):
    deposit, reference, customer = begun
    assert cash.left(customer) == CashLeft(deposit.user_id)
    desk.knob(f"payment_intents/{reference}/fund", amount=100_000)
    assert cash.left(customer) == CashLeft(deposit.user_id)


def test_what_was_sent_too_much_is_left_with_its_transaction_and_its_owner(desk, cash, begun):
    deposit, reference, customer = begun
    desk.knob(f"payment_intents/{reference}/fund", amount=130_000)
    assert cash.left(customer) == CashLeft(
        deposit.user_id, ("300.00 USD",), ("USD",), brought(desk, customer)
    )


def test_each_currency_is_left_apart_and_the_newest_transaction_counts(desk, cash, begun):
    deposit, _, customer = begun
    desk.client.v1.payment_intents.cancel(begun[1])
    desk.knob(f"customers/{customer}/fund", amount=1_234, currency="usd")
    desk.knob(f"customers/{customer}/fund", amount=5_000, currency="eur")
    found = cash.left(customer)
    assert (found.amounts, found.currencies) == (("50.00 EUR", "12.34 USD"), ("EUR", "USD"))
    assert found.payment == brought(desk, customer)
    # What was taken and given back came by that, and not by the transfer of then.
    euros = deposit_of(5_000, Currency.EUR, Method.BANK_TRANSFER, deposit.user_id)
    desk.gateway.start(euros, None)
    assert cash.left(customer).amounts == ("12.34 USD",)


def test_a_part_that_a_given_up_payment_gave_back_is_left(desk, cash, begun):
    deposit, reference, customer = begun
    desk.knob(f"payment_intents/{reference}/fund", amount=40_000)
    assert cash.left(customer) == CashLeft(deposit.user_id)
    desk.client.v1.payment_intents.cancel(reference)
    assert cash.left(customer) == CashLeft(
        deposit.user_id,
        ("400.00 USD",),
        ("USD",),
        brought(desk, customer, "unapplied_from_payment"),
    )


def test_the_transaction_is_found_behind_pages_of_others(desk, cash, begun):
    deposit, reference, customer = begun
    desk.knob(f"payment_intents/{reference}/fund", amount=100_500)
    first = brought(desk, customer)
    for _ in range(51):
        euros = deposit_of(100, Currency.EUR, Method.BANK_TRANSFER, deposit.user_id)
        other = desk.gateway.start(euros, None).reference
        desk.knob(f"payment_intents/{other}/fund", amount=100)
    assert cash.left(customer) == CashLeft(deposit.user_id, ("5.00 USD",), ("USD",), first)


def test_whose_payment_a_transfer_is(desk, cash, begun):
    _, reference, customer = begun
    assert cash.customer_behind(reference) == customer
    assert cash.customer_behind("pi_unknown") is None
    assert cash.customer_behind(desk.paid(deposit_of())) is None


def test_customers_of_nobody_and_unknown_ones_say_nothing(desk, cash):
    stranger = desk.client.v1.customers.create({"metadata": {"order": IDS.new(Kind.USER)}})
    assert cash.left(stranger.id) is None
    assert cash.left("cus_unknown") is None


@pytest.mark.parametrize(
    "operation", ["customers.retrieve", "cash_balance.retrieve", "cash_balance_transactions.list"]
)
def test_whether_money_is_left_is_not_guessed(desk, cash, begun, fault, operation):
    _, reference, customer = begun
    desk.knob(f"payment_intents/{reference}/fund", amount=130_000)
    fault("stripe", operation, "error", times=2, status=503)
    with pytest.raises(GatewayUnavailable):
        cash.left(customer)
    assert cash.left(customer).amounts == ("300.00 USD",)


def test_whose_payment_it_is_is_not_guessed(desk, cash, begun, fault):
    fault("stripe", "payment_intents.retrieve", "error", times=2, status=503)
    with pytest.raises(GatewayUnavailable):
        cash.customer_behind(begun[1])
