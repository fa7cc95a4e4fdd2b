"""Bank debits: days pass between the payer's part and the bank's."""

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.ports import Failed, Lapsed, Paid, Processing, Started, Waiting
from shared.payments.reasons import Reason
from tests.payments.stripe.desk import deposit_of


@pytest.fixture
def deposit():
    return deposit_of(100_000, method=Method.BANK_DEBIT)


def test_a_debit_is_processed_until_the_bank_has_paid(desk, deposit):
    started = desk.gateway.start(deposit, None)
    assert isinstance(started, Started)
    assert started.redirect_url is not None
    assert started.instructions == ()
    assert desk.gateway.look_up(deposit, started.reference) == Waiting()
    intent = desk.pay(started.reference)
    assert desk.gateway.look_up(deposit, started.reference) == Processing()
    desk.knob(f"payment_intents/{intent}/finish")
    # 0.8 %, 5.00 at most.
    paid = Paid(intent, Money(100_000, Currency.USD), 500)
    assert desk.gateway.look_up(deposit, started.reference) == paid
    assert desk.events("checkout.session.completed", "payment_intent.processing") == [
        "payment_intent.processing",
        "checkout.session.completed",
    ]
    assert desk.events()[-1] == "checkout.session.async_payment_succeeded"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("insufficient_funds", Reason.INSUFFICIENT_FUNDS),
        ("account_closed", Reason.DECLINED),
        ("debit_not_authorized", Reason.DECLINED),
    ],
)
def test_a_debit_that_the_bank_does_not_pay_has_failed(desk, deposit, failure, reason):
    started = desk.gateway.start(deposit, None)
    intent = desk.pay(started.reference)
    desk.knob(f"payment_intents/{intent}/finish", failure=failure)
    assert desk.gateway.look_up(deposit, started.reference) == Failed(reason)
    assert desk.events()[-1] == "checkout.session.async_payment_failed"
    assert desk.client.v1.balance_transactions.list().data == []


def test_a_debit_under_way_cannot_be_cancelled_and_a_failed_one_is_closed(desk, deposit):
    started = desk.gateway.start(deposit, None)
    intent = desk.pay(started.reference)
    assert desk.gateway.cancel(deposit, started.reference) is False
    assert desk.gateway.look_up(deposit, started.reference) == Processing()
    desk.knob(f"payment_intents/{intent}/finish", failure="no_account")
    assert desk.gateway.cancel(deposit, started.reference) is True


def test_an_unpaid_page_for_a_debit_can_be_cancelled(desk, deposit):
    started = desk.gateway.start(deposit, None)
    assert desk.gateway.cancel(deposit, started.reference) is True
    assert desk.gateway.look_up(deposit, started.reference) == Lapsed()


def test_a_debit_that_fails_after_it_was_paid_stays_paid_and_is_disputed(desk, deposit):
    started = desk.gateway.start(deposit, None)
    intent = desk.pay(started.reference, bank_account="000555555559")
    desk.knob(f"payment_intents/{intent}/finish")
    assert isinstance(desk.gateway.look_up(deposit, started.reference), Paid)
    assert desk.events("charge.dispute.closed") == ["charge.dispute.closed"]
    amounts = [one.net for one in desk.client.v1.balance_transactions.list().data]
    assert amounts == [-100_000 - 1_500, 100_000 - 500]


@pytest.mark.parametrize(("number", "kind"), [("000123456789", Paid), ("000222222227", Failed)])
def test_test_accounts_end_by_themselves(desk, deposit, number, kind, eventually_looked):
    desk.sandbox.post("/_control/config", json={"stripe_debit_delay_ms": 10}).raise_for_status()
    started = desk.gateway.start(deposit, None)
    desk.pay(started.reference, bank_account=number)
    assert type(eventually_looked(desk, deposit, started.reference)) is kind
