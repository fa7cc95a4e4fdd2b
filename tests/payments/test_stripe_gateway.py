"""The Stripe adapter with the official SDK against the running sandbox."""

import pytest

from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.model import Gateway
from shared.payments.ports import (
    Lapsed,
    NoAnswer,
    NoWord,
    Paid,
    Processing,
    Refused,
    Started,
    Waiting,
)
from shared.payments.providers.stripe import StripeGateway, stripe_client
from shared.payments.providers.stripe_outcomes import outcome_of_session
from shared.payments.reasons import Reason


@pytest.fixture
def deposit():
    return deposit_of(Money(2_550, Currency.USD))


def deposit_of(amount):
    ids = UlidIds("t1")
    return new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=amount,
        quote=None,
    )


@pytest.fixture
def client_with(sandbox_url):
    made = []

    def client(key):
        made.append(stripe_client(key, f"{sandbox_url}/stripe"))
        return made[-1]

    yield client
    for one in made:
        one._requestor._client.close()


@pytest.fixture
def gateway(sandbox, client_with):
    client = client_with("sk_test_sandbox")
    return StripeGateway(
        lambda: client,
        success_url="http://127.0.0.1:1/deposits/{deposit_id}",
        cancel_url="http://127.0.0.1:1/deposits/{deposit_id}?cancelled=1",
    )


def pay(sandbox, reference, card="4242424242424242"):
    path = f"/_control/stripe/sessions/{reference}/pay"
    sandbox.post(path, json={"card": card}).raise_for_status()


def test_a_page_is_made_and_its_payment_found(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    assert isinstance(started, Started)
    assert started.reference.startswith("cs_test_")
    assert sandbox.get(started.redirect_url).status_code == 200
    assert gateway.look_up(deposit, started.reference) == Waiting()
    pay(sandbox, started.reference)
    paid = gateway.look_up(deposit, started.reference)
    assert isinstance(paid, Paid)
    assert paid.payment.startswith("pi_")
    assert paid.amount == Money(2_550, Currency.USD)
    assert paid.fee_minor == 104


def test_asking_twice_gives_the_same_page(gateway, deposit):
    assert gateway.start(deposit, None) == gateway.start(deposit, None)


def test_a_declined_card_is_not_the_end(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    pay(sandbox, started.reference, "4000000000000002")
    assert gateway.look_up(deposit, started.reference) == Waiting()
    pay(sandbox, started.reference)
    assert isinstance(gateway.look_up(deposit, started.reference), Paid)


def test_a_closed_page_has_lapsed(gateway, client_with, deposit):
    started = gateway.start(deposit, None)
    client = client_with("sk_test_sandbox")
    client.v1.checkout.sessions.expire(started.reference)
    assert gateway.look_up(deposit, started.reference) == Lapsed()


def test_the_page_of_another_deposit_says_nothing(gateway, sandbox, deposit):
    other = deposit_of(Money(2_550, Currency.USD))
    started = gateway.start(other, None)
    pay(sandbox, started.reference)
    assert gateway.look_up(deposit, started.reference) == NoAnswer()
    assert gateway.look_up(deposit, "cs_test_unknown") == NoAnswer()


def test_the_effect_of_a_lost_answer_is_found_again(gateway, fault, deposit):
    fault("stripe", "checkout_sessions.create", "timeout_after_effect", close=True)
    assert gateway.start(deposit, None) == NoWord()
    again = gateway.start(deposit, None)
    assert isinstance(again, Started)
    assert gateway.start(deposit, None) == again


@pytest.mark.parametrize("status", [500, 503])
def test_a_gateway_that_stays_down_is_no_word(gateway, fault, deposit, status):
    fault("stripe", "checkout_sessions.create", "error", times=2, status=status)
    assert gateway.start(deposit, None) == NoWord()
    fault("stripe", "checkout_sessions.retrieve", "error", times=2, status=status)
    with pytest.raises(GatewayUnavailable):
        gateway.look_up(deposit, "cs_test_x")


def test_a_rate_limit_is_no_refusal(gateway, fault, deposit):
    fault("stripe", "checkout_sessions.create", "rate_limited", times=3)
    assert gateway.start(deposit, None) == NoWord()


def test_a_wrong_key_is_our_fault_and_no_refusal(sandbox, client_with, deposit):
    client = client_with("sk_test_wrong")
    broken = StripeGateway(lambda: client, success_url="http://x/", cancel_url="http://x/")
    assert broken.start(deposit, None) == NoWord()


def test_what_stripe_will_never_take_is_refused_with_a_reason(gateway):
    assert gateway.start(deposit_of(Money(10, Currency.USD)), None) == Refused(
        Reason.LIMIT_EXCEEDED
    )


def session_of(deposit, **changes):
    intent = {
        "object": "payment_intent",
        "id": "pi_1",
        "status": "succeeded",
        "amount_received": deposit.amount.minor,
        "currency": "usd",
        "latest_charge": None,
    }
    facts = {
        "object": "checkout.session",
        "status": "complete",
        "payment_status": "paid",
        "client_reference_id": deposit.deposit_id,
        "metadata": {"deposit_id": deposit.deposit_id},
        "payment_intent": intent | changes.pop("intent", {}),
    }
    return facts | changes


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Paid),
        ({"payment_status": "unpaid", "intent": {"status": "processing"}}, Processing),
        ({"intent": {"status": "processing"}}, Processing),
        ({"payment_status": "unpaid"}, Waiting),
        ({"status": "open", "payment_status": "unpaid"}, Waiting),
        ({"status": "expired"}, Lapsed),
        ({"client_reference_id": "dep_t1_other"}, NoAnswer),
        ({"metadata": {}}, NoAnswer),
        ({"payment_intent": None}, NoAnswer),
    ],
)
def test_only_a_complete_paid_session_of_the_deposit_counts_as_paid(deposit, changes, kind):
    assert type(outcome_of_session(session_of(deposit, **changes), deposit)) is kind


def test_a_payment_in_a_currency_that_we_do_not_keep_differs_from_every_deposit(deposit):
    found = outcome_of_session(session_of(deposit, intent={"currency": "xau"}), deposit)
    assert found.amount == Money(0, Currency.USD) != deposit.amount


@pytest.mark.parametrize("status", ["canceled", "requires_payment_method"])
def test_a_dead_payment_of_a_complete_session_is_declined(deposit, status):
    found = outcome_of_session(session_of(deposit, intent={"status": status}), deposit)
    assert found.reason is Reason.DECLINED
