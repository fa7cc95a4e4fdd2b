"""Refunds through Adyen with the official SDK against the running sandbox, and what is told."""

import json
from dataclasses import replace

import httpx
import pytest

from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import Currency, Money
from shared.payments.providers.adyen_client import Transport, adyen_account
from shared.payments.providers.adyen_references import reference_of
from shared.payouts.model import Payout, Purpose, Rail
from shared.payouts.ports import CameBack, NeverSent, NotPaid, PaidOut, Silence, Taken
from shared.payouts.providers.adyen import AdyenRefunds, adyen_payout_facts
from shared.payouts.reasons import PayoutReason
from shared.payouts.states import PayoutStatus
from tests.payments.adyen_desk import deliveries, listening

KEY, ACCOUNT = "AQE_sandbox", "BaobabSandbox"


def payout_of(source, minor=1_000, **changes):
    ids = UlidIds("t1")
    amount = Money(minor, Currency.USD)
    return Payout(
        user_id=ids.new(Kind.USER),
        payout_id=ids.new(Kind.PAYOUT),
        purpose=Purpose.REFUND,
        rail=Rail.ADYEN_REFUND,
        debited=amount,
        amount=amount,
        status=PayoutStatus.SENDING,
        source=source,
        **changes,
    )


@pytest.fixture
def rail_with(sandbox_url):
    made = []

    def rail(key=KEY, merchant=ACCOUNT, base=f"{sandbox_url}/adyen/v72"):
        account = adyen_account(key, merchant, base)
        made.append(account)
        return AdyenRefunds(lambda: account)

    yield rail
    for one in made:
        one.checkout.client.http_client._http.close()


@pytest.fixture
def rail(rail_with):
    return rail_with()


@pytest.fixture
def paid(sandbox):
    """A payment of 25.50 dollars."""
    listening(sandbox)
    request = {
        "merchantAccount": ACCOUNT,
        "amount": {"value": 2_550, "currency": "USD"},
        "reference": "some payment",
        "paymentMethod": {"type": "scheme", "encryptedCardNumber": "test_4111111111111111"},
        "returnUrl": "http://127.0.0.1:1/",
    }
    answer = sandbox.post("/adyen/v72/payments", headers={"x-api-key": KEY}, json=request)
    assert answer.json()["resultCode"] == "Authorised"
    return answer.json()["pspReference"]


def item_in(body):
    return json.dumps(json.loads(body)["notificationItems"][0]["NotificationRequestItem"]).encode()


def told(sandbox, count):
    """What the deliveries after the payment's own prove."""
    return [
        adyen_payout_facts(item_in(body), "t1") for _, body in deliveries(sandbox, count + 1)[1:]
    ]


def test_a_refund_is_taken_and_then_told_to_be_made(rail, sandbox, paid):
    payout = payout_of(paid)
    taken = rail.send(payout, {})
    assert isinstance(taken, Taken)
    assert told(sandbox, 1) == [
        (payout.user_id, payout.payout_id, PaidOut(taken.reference, payout.amount))
    ]
    (refund,) = sandbox.get("/_control/adyen").json()["refunds"]
    assert refund["psp"] == taken.reference
    assert refund["payment"]["psp"] == paid
    assert (refund["amount"], refund["state"]) == ({"currency": "USD", "value": 1_000}, "paid")
    assert refund["reference"] == reference_of(payout.user_id, payout.payout_id)


def test_nothing_but_a_notification_tells(rail, paid):
    payout = payout_of(paid)
    assert rail.look_up(payout) == Silence()
    rail.send(payout, {})
    assert rail.look_up(payout) == Silence()


def test_sent_again_under_the_same_key_it_is_the_same_refund(rail, sandbox, paid):
    payout = payout_of(paid)
    assert rail.send(payout, {}) == rail.send(payout, {})
    assert len(sandbox.get("/_control/adyen").json()["refunds"]) == 1
    another = replace(payout, attempt=1)
    assert rail.send(another, {}) != rail.send(payout, {})
    assert len(sandbox.get("/_control/adyen").json()["refunds"]) == 2


def test_a_lost_answer_is_silence_and_asking_again_finds_it(rail, fault, sandbox, paid):
    payout = payout_of(paid)
    fault("adyen", "refunds", "timeout_after_effect", close=True)
    assert rail.send(payout, {}) == Silence()
    again = rail.send(payout, {})
    (refund,) = sandbox.get("/_control/adyen").json()["refunds"]
    assert again == Taken(refund["psp"])


def test_more_than_was_paid_is_told_to_have_failed(rail, sandbox, paid):
    payout = payout_of(paid, 2_551)
    assert isinstance(rail.send(payout, {}), Taken)
    assert told(sandbox, 1) == [
        (payout.user_id, payout.payout_id, NotPaid(PayoutReason.GATEWAY_REFUSED))
    ]


def test_a_refund_that_fails_after_it_was_made_came_back(rail, fault, sandbox, paid):
    fault("adyen", "refunds", "fails_later")
    payout = payout_of(paid)
    taken = rail.send(payout, {})
    assert [fact[2] for fact in told(sandbox, 2)] == [
        PaidOut(taken.reference, payout.amount),
        CameBack(PayoutReason.RETURNED_BY_BANK),
    ]


def test_a_refund_that_was_reversed_came_back(rail, sandbox, paid):
    payout = payout_of(paid)
    taken = rail.send(payout, {})
    told(sandbox, 1)
    order = {"outcome": "reversed"}
    sandbox.post(f"/_control/adyen/refunds/{taken.reference}", json=order).raise_for_status()
    assert told(sandbox, 2)[1] == (
        payout.user_id,
        payout.payout_id,
        CameBack(PayoutReason.RETURNED_BY_BANK),
    )


def test_a_payment_that_adyen_does_not_know_cannot_go_back(rail, sandbox):
    assert rail.send(payout_of("QQQQQQQQQQQQQQQQ"), {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)


def test_who_is_not_let_in_has_sent_nothing(rail_with, rail, fault, sandbox, paid):
    payout = payout_of(paid)
    assert rail_with(key="AQE_wrong").send(payout, {}) == NeverSent()
    assert rail_with(merchant="AnotherShop").send(payout, {}) == NeverSent()
    assert rail_with(base="http://127.0.0.1:1/v72").send(payout, {}) == NeverSent()
    fault("adyen", "refunds", "rate_limited")
    assert rail.send(payout, {}) == NeverSent()
    assert sandbox.get("/_control/adyen").json()["refunds"] == []


def answered(status, content):
    account = adyen_account(KEY, "Acme", "https://checkout-test.adyen.com/v72")
    account.checkout.client.http_client._http.close()
    answer = httpx.MockTransport(lambda request: httpx.Response(status, json=content))
    account.checkout.client.http_client = Transport(httpx.Client(transport=answer))
    return AdyenRefunds(lambda: account)


@pytest.mark.parametrize(
    ("status", "content", "result"),
    [
        (201, {"status": "received", "pspReference": "R1"}, Taken("R1")),
        (201, {"status": "received"}, Silence()),
        (200, [], Silence()),
        (500, {"errorCode": "905"}, Silence()),
        (422, {"errorCode": "704"}, Silence()),
        (422, {"errorCode": "167"}, NotPaid(PayoutReason.GATEWAY_REFUSED)),
        (400, {"errorCode": "702"}, NotPaid(PayoutReason.GATEWAY_REFUSED)),
        (400, {}, Silence()),
        (404, {}, Silence()),
        (403, {"errorCode": "010"}, NeverSent()),
    ],
)
def test_each_answer_has_one_meaning(status, content, result):
    assert answered(status, content).send(payout_of("P1"), {}) == result


@pytest.mark.parametrize(
    ("event", "success", "outcome"),
    [
        ("REFUND", "true", PaidOut("R1", Money(1_000, Currency.USD))),
        ("REFUND", "false", NotPaid(PayoutReason.GATEWAY_REFUSED)),
        ("CANCELLATION", "true", PaidOut("R1", Money(1_000, Currency.USD))),
        ("CANCELLATION", "false", NotPaid(PayoutReason.GATEWAY_REFUSED)),
        ("REFUND_FAILED", "true", CameBack(PayoutReason.RETURNED_BY_BANK)),
        ("REFUND_FAILED", "false", CameBack(PayoutReason.RETURNED_BY_BANK)),
        ("REFUNDED_REVERSED", "true", CameBack(PayoutReason.RETURNED_BY_BANK)),
    ],
)
def test_each_notification_is_one_fact_about_one_payout(event, success, outcome):
    payout = payout_of("P1")
    item = {
        "pspReference": "R1",
        "originalReference": "P1",
        "merchantReference": reference_of(payout.user_id, payout.payout_id),
        "amount": {"value": 1_000, "currency": "USD"},
        "eventCode": event,
        "success": success,
        "reason": "whatever it says",
    }
    assert adyen_payout_facts(json.dumps(item).encode(), "t1") == (
        payout.user_id,
        payout.payout_id,
        outcome,
    )
    for other in (
        {"merchantReference": payout.payout_id},
        {"merchantReference": reference_of(payout.user_id, UlidIds("t1").new(Kind.DEPOSIT))},
        {"merchantReference": None},
        {"eventCode": "AUTHORISATION"},
        {"eventCode": "CHARGEBACK"},
    ):
        assert adyen_payout_facts(json.dumps(item | other).encode(), "t1") is None
    assert adyen_payout_facts(json.dumps(item).encode(), "t2") is None


def test_a_refund_in_another_currency_differs_from_every_payout():
    payout = payout_of("P1")
    item = {
        "pspReference": "R1",
        "merchantReference": reference_of(payout.user_id, payout.payout_id),
        "amount": {"value": 1_000, "currency": "XAU"},
        "eventCode": "REFUND",
        "success": "true",
    }
    facts = adyen_payout_facts(json.dumps(item).encode(), "t1")
    assert facts[2] == PaidOut("R1", Money(0, Currency.USD))
