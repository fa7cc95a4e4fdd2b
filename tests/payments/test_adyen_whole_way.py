"""From the payer's card at Adyen to the proved fact about a deposit, through our entrance."""

import json

import pytest

from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.making import new_deposit
from shared.payments.model import Gateway
from shared.payments.ports import Lapsed, Paid, Processing, Waiting
from shared.payments.providers.adyen import AdyenGateway
from shared.payments.providers.adyen_client import adyen_account
from shared.payments.providers.adyen_notifications import (
    ChargebackStage,
    adyen_chargeback,
    adyen_signals,
)
from tests.payments.adyen_desk import deliveries, entered, listening

AMOUNT = Money(2_550, Currency.KES)


@pytest.fixture
def gateway(sandbox, sandbox_url):
    account = adyen_account("AQE_sandbox", "BaobabSandbox", f"{sandbox_url}/adyen/v72")
    listening(sandbox)
    yield AdyenGateway(lambda: account, return_url="http://127.0.0.1:1/{deposit_id}")
    account.checkout.client.http_client._http.close()


@pytest.fixture
def deposit():
    ids = UlidIds("t1")
    return new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.ADYEN,
        amount=Money(2_550, Currency.USD),
        quote=None,
    )


def pay(sandbox, reference, **order):
    answer = sandbox.post(f"/_control/adyen/links/{reference}/pay", json=order)
    return answer.raise_for_status().json()


def proved(body):
    """The one signal of a delivery."""
    status, kept = entered(body)
    assert (status, [queue for queue, _ in kept]) == (200, ["payments"])
    (signal,) = adyen_signals(kept[0][1], "t1")
    return signal


def test_a_card_that_pays_proves_the_deposit(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    psp = pay(sandbox, started.reference)["pspReference"]
    ((event, body),) = deliveries(sandbox, 1)
    assert event == "AUTHORISATION"
    signal = proved(body)
    assert (signal.user_id, signal.deposit_id) == (deposit.user_id, deposit.deposit_id)
    assert signal.proved == Paid(psp, deposit.amount)
    told = json.loads(body)["notificationItems"][0]["NotificationRequestItem"]["additionalData"]
    assert told["metadata.deposit_id"] == deposit.deposit_id
    assert told["paymentLinkId"] == started.reference


def test_a_refused_card_proves_nothing_and_the_next_one_pays(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    pay(sandbox, started.reference, card="4000000000009995")
    psp = pay(sandbox, started.reference)["pspReference"]
    signals = [proved(body) for _, body in deliveries(sandbox, 2)]
    assert [signal.proved for signal in signals] == [None, Paid(psp, deposit.amount)]


def test_who_was_asked_by_their_bank_pays_after_the_link_was_closed(gateway, sandbox, deposit):
    started = gateway.start(deposit, None)
    asked = pay(sandbox, started.reference, card="4917610000000000")
    assert asked["resultCode"] == "ChallengeShopper"
    assert gateway.look_up(deposit, started.reference) == Waiting()
    assert gateway.cancel(deposit, started.reference) is True
    assert gateway.look_up(deposit, started.reference) == Lapsed()
    psp = pay(sandbox, started.reference, authenticate="pass")["pspReference"]
    assert gateway.look_up(deposit, started.reference) == Processing()
    ((_, body),) = deliveries(sandbox, 1)
    assert proved(body).proved == Paid(psp, deposit.amount)


@pytest.mark.parametrize(
    ("kind", "params", "answer"),
    [
        ("forged", {"only": True}, 401),
        ("unsigned", {}, 401),
        ("rolled", {}, 401),
        ("wrong_account", {}, 400),
        ("wrong_mode", {}, 400),
    ],
)
def test_what_the_sandbox_spoils_is_refused(gateway, sandbox, fault, deposit, kind, params, answer):
    fault("adyen", "AUTHORISATION", kind, **params)
    pay(sandbox, gateway.start(deposit, None).reference)
    ((_, body),) = deliveries(sandbox, 1)
    assert entered(body) == (answer, [])


def test_another_amount_or_currency_is_told_as_it_is(gateway, sandbox, fault, deposit):
    fault("adyen", "AUTHORISATION", "wrong_amount", amount=7)
    fault("adyen", "AUTHORISATION", "wrong_currency")
    psp = pay(sandbox, gateway.start(deposit, None).reference)["pspReference"]
    ((_, body),) = deliveries(sandbox, 1)
    assert proved(body).proved == Paid(psp, Money(7, Currency.EUR))


def test_two_items_in_one_delivery_are_two_messages(gateway, sandbox, fault, deposit):
    fault("adyen", "AUTHORISATION", "two_items")
    reference = gateway.start(deposit, None).reference
    pay(sandbox, reference, card="4000000000000002")
    psp = pay(sandbox, reference)["pspReference"]
    ((_, body),) = deliveries(sandbox, 1)
    status, kept = entered(body)
    assert (status, len(kept)) == (200, 2)
    signals = [adyen_signals(one, "t1")[0].proved for _, one in kept]
    assert signals == [None, Paid(psp, deposit.amount)]


def test_a_chargeback_is_announced_taken_reversed_and_taken_for_good(gateway, sandbox, deposit):
    psp = pay(sandbox, gateway.start(deposit, None).reference)["pspReference"]
    made = sandbox.post(
        f"/_control/adyen/payments/{psp}/chargeback", json={"amount": 2_000, "code": "10.4"}
    ).raise_for_status()
    dispute = made.json()["dispute"]
    for step in ("take", "reverse", "second"):
        moved = sandbox.post(f"/_control/adyen/disputes/{dispute}", json={"step": step})
        moved.raise_for_status()
    found = []
    for _, body in deliveries(sandbox, 5)[1:]:
        status, kept = entered(body)
        assert (status, [queue for queue, _ in kept]) == (200, ["disputes"])
        found.append(adyen_chargeback(kept[0][1], "t1"))
    assert {(one.user_id, one.deposit_id) for one in found} == {
        (deposit.user_id, deposit.deposit_id)
    }
    assert {(one.reference, one.payment, one.amount, one.code) for one in found} == {
        (dispute, psp, Money(2_000, Currency.USD), "10.4")
    }
    assert [(one.stage, one.final) for one in found] == [
        (ChargebackStage.ANNOUNCED, False),
        (ChargebackStage.TAKEN, False),
        (ChargebackStage.RETURNED, False),
        (ChargebackStage.TAKEN, True),
    ]
