"""Links, payments and modifications, with the official SDK as the client."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import Adyen
import pytest
from starlette.responses import JSONResponse

from sandbox.adyen.errors import AdyenError
from sandbox.adyen.idempotency import IdempotentAnswers
from tests.sandbox.adyen.shop import ACCOUNT, LINK, PAYMENT, pay, raw


def test_a_link_is_active_until_it_was_paid(sandbox, checkout):
    made = checkout.payment_links_api.payment_links(LINK)
    assert made.status_code == 201
    link = made.message
    assert (link["status"], link["amount"], link["reference"]) == (
        "active",
        LINK["amount"],
        "order-1",
    )
    ends = datetime.fromisoformat(link["expiresAt"]) - datetime.now(UTC)
    assert timedelta(hours=23) < ends <= timedelta(hours=24)
    assert pay(sandbox, link)["link_status"] == "completed"
    found = checkout.payment_links_api.get_payment_link(link["id"]).message
    assert found == {**link, "status": "completed"}
    assert sandbox.post(f"/_control/adyen/links/{link['id']}/pay", json={}).status_code == 409


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("4000000000000002", "Refused"),
        ("4000 0000 0000 9995", "Not enough balance"),
        ("4000000000000069", "Expired Card"),
        ("4000000000000127", "CVC Declined"),
        ("4242424242424242", "Refused"),
    ],
)
def test_a_refused_card_says_why_and_leaves_the_link_open(sandbox, checkout, card, reason):
    link = checkout.payment_links_api.payment_links(LINK).message
    found = pay(sandbox, link, card=card)
    assert (found["resultCode"], found["refusalReason"]) == ("Refused", reason)
    assert found["link_status"] == "active"
    assert sandbox.get("/_control/adyen").json()["payments"] == []


def test_three_d_secure_passes_or_fails(sandbox, checkout):
    link = checkout.payment_links_api.payment_links(LINK).message
    assert pay(sandbox, link, card="4917610000000000")["resultCode"] == "ChallengeShopper"
    assert pay(sandbox, link, authenticate="fail")["refusalReason"] == "3D Not Authenticated"
    nobody = sandbox.post(f"/_control/adyen/links/{link['id']}/pay", json={"authenticate": "pass"})
    assert nobody.status_code == 409
    pay(sandbox, link, card="4917610000000000")
    assert pay(sandbox, link, authenticate="pass")["resultCode"] == "Authorised"


def test_a_link_that_is_closed_or_over_takes_no_money(sandbox, checkout):
    links = checkout.payment_links_api
    link = links.payment_links(LINK).message
    assert links.update_payment_link({"status": "expired"}, link["id"]).message["status"] == (
        "expired"
    )
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        links.update_payment_link({"status": "expired"}, link["id"])
    assert sandbox.post(f"/_control/adyen/links/{link['id']}/pay", json={}).status_code == 409
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        links.update_payment_link({"status": "active"}, link["id"])


def test_a_payment_answers_at_once(checkout):
    found = checkout.payments_api.payments(PAYMENT).message
    assert (found["resultCode"], found["merchantReference"]) == ("Authorised", "order-1")
    assert len(found["pspReference"]) == 16
    asks = PAYMENT["paymentMethod"] | {"encryptedCardNumber": "test_4917610000000000"}
    refused = checkout.payments_api.payments(PAYMENT | {"paymentMethod": asks}).message
    assert (refused["resultCode"], refused["refusalReason"]) == (
        "Refused",
        "Authentication required",
    )


def test_modifications_are_received(checkout):
    psp = checkout.payments_api.payments(PAYMENT).message["pspReference"]
    part = {"merchantAccount": ACCOUNT, "amount": {"currency": "EUR", "value": 100}}
    refund = checkout.modifications_api.refund_captured_payment(part | {"reference": "r"}, psp)
    assert refund.status_code == 201
    assert refund.message["paymentPspReference"] == psp
    assert refund.message["pspReference"] != psp
    assert (refund.message["status"], refund.message["reference"]) == ("received", "r")
    cancel = checkout.modifications_api.cancel_authorised_payment_by_psp_reference(
        {"merchantAccount": ACCOUNT}, psp
    )
    assert cancel.message["status"] == "received"
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity) as error:
        checkout.modifications_api.refund_captured_payment(part, "QQQQQQQQQQQQQQQQ")
    assert error.value.error_code == "167"


def test_the_same_key_gives_the_same_answer(sandbox, checkout):
    links = checkout.payment_links_api
    first = links.payment_links(LINK, idempotency_key="k1").message
    assert links.payment_links(LINK, idempotency_key="k1").message == first
    assert links.payment_links(LINK, idempotency_key="k2").message["id"] != first["id"]
    assert len(sandbox.get("/_control/adyen").json()["links"]) == 2
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        links.payment_links(LINK | {"reference": "other"}, idempotency_key="k1")
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        links.payment_links(LINK, idempotency_key="k" * 65)


def test_a_refused_request_does_not_use_its_key_up(checkout):
    links = checkout.payment_links_api
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        links.payment_links(LINK | {"reference": ""}, idempotency_key="k1")
    assert links.payment_links(LINK, idempotency_key="k1").message["status"] == "active"


def test_a_key_that_is_being_worked_on_is_no_answer():
    answers = IdempotentAnswers()

    async def second_before_first():
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow():
            begun.set()
            await go_on.wait()
            return JSONResponse({"id": "PL1"}, 201)

        async def never():
            raise AssertionError("executed twice")

        first = asyncio.create_task(answers.answer("k1", "/p", b"{}", slow))
        await begun.wait()
        with pytest.raises(AdyenError) as refused:
            await answers.answer("k1", "/p", b"{}", never)
        go_on.set()
        await first
        again = await answers.answer("k1", "/p", b"{}", never)
        return refused.value.body["errorCode"], again.status_code, again.body

    assert asyncio.run(second_before_first()) == ("704", 201, b'{"id":"PL1"}')


def test_a_slow_answer_is_an_answer(fault, checkout):
    fault("adyen", "payment_links.create", "slow", ms=20)
    assert checkout.payment_links_api.payment_links(LINK).message["status"] == "active"


WRONG = [
    ({"reference": ""}, 422, "130"),
    ({"reference": ...}, 422, "130"),
    ({"reference": 7}, 422, "130"),
    ({"reference": "x" * 81}, 422, "702"),
    ({"amount": ...}, 422, "100"),
    ({"amount": "12"}, 422, "100"),
    ({"amount": {"currency": "XXX", "value": 1}}, 422, "138"),
    ({"amount": {"currency": "EUR"}}, 422, "137"),
    ({"amount": {"currency": "EUR", "value": 0}}, 422, "137"),
    ({"amount": {"currency": "EUR", "value": True}}, 422, "137"),
    ({"amount": {"currency": "EUR", "value": "12"}}, 422, "137"),
    ({"expiresAt": "yesterday"}, 422, "702"),
    ({"expiresAt": "2020-01-01T00:00:00Z"}, 422, "702"),
    ({"expiresAt": "2026-03-02T10:00:00"}, 422, "702"),
    ({"expiresAt": 7}, 422, "702"),
    ({"metadata": []}, 422, "174"),
    ({"metadata": {"a": 1}}, 422, "174"),
    ({"metadata": {str(n): "x" for n in range(21)}}, 422, "174"),
    ({"refrence": "typo"}, 400, "702"),
    ({"merchantAccount": "AnotherShop"}, 403, "901"),
    ({"merchantAccount": ...}, 403, "901"),
]


@pytest.mark.parametrize(("changes", "status", "code"), WRONG)
def test_a_link_that_makes_no_sense_is_refused(sandbox, changes, status, code):
    request = {name: value for name, value in (LINK | changes).items() if value is not ...}
    answer = raw(sandbox, "POST", "/paymentLinks", json.dumps(request))
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["status"] == status
    assert sandbox.get("/_control/adyen").json()["links"] == []


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 50_000])
def test_what_is_no_json_object_is_refused(sandbox, body):
    for path in ("/paymentLinks", "/payments", "/payments/x/refunds"):
        answer = raw(sandbox, "POST", path, body)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "702")


def test_without_the_key_nothing_is_said(sandbox):
    for key in ("", "AQE_wrong", "é".encode().decode("latin-1")):
        answer = raw(sandbox, "POST", "/paymentLinks", json.dumps(LINK), key=key)
        assert (answer.status_code, answer.json()["errorType"]) == (401, "security")
    assert raw(sandbox, "GET", "/paymentLinks/PL0", key="").status_code == 401
    assert raw(sandbox, "GET", "/paymentLinks/PL0").status_code == 404
    assert raw(sandbox, "GET", "/nothing").status_code == 404
    huge = json.dumps(LINK | {"description": "x" * 1_000_001})
    assert raw(sandbox, "POST", "/paymentLinks", huge).status_code == 413


def test_the_page_takes_a_card_as_a_person_would(sandbox, checkout):
    link = checkout.payment_links_api.payment_links(LINK).message
    page = link["url"].removeprefix(str(sandbox.base_url).rstrip("/"))
    assert "EUR 12.50" in sandbox.get(page).text
    assert sandbox.post(page, data={"card": "1234"}).status_code == 402
    assert "CVC Declined" in sandbox.post(page, data={"card": "4000000000000127"}).text
    assert "was it you" in sandbox.post(page, data={"card": "4917610000000000"}).text
    paid = sandbox.post(page, data={"authenticate": "pass"})
    assert (paid.status_code, paid.headers["location"]) == (303, "http://127.0.0.1/paid")
    assert "Paid." in sandbox.get(page).text
    assert "Paid." in sandbox.post(page, data={"card": "4111111111111111"}).text
    assert sandbox.get("/adyen/pay/PL0").status_code == 404
    assert sandbox.post("/adyen/pay/PL0", data={}).status_code == 404


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("links/PL0/pay", {}, 404),
        ("refunds/Q", {"outcome": "paid"}, 404),
        ("payments/Q/chargeback", {}, 404),
        ("disputes/Q", {"step": "take"}, 404),
    ],
)
def test_knobs_answer_for_what_they_do_not_know(sandbox, path, order, status):
    assert sandbox.post(f"/_control/adyen/{path}", json=order).status_code == status


def test_knobs_do_nothing_that_does_not_follow(sandbox, fault, checkout):
    psp = checkout.payments_api.payments(PAYMENT).message["pspReference"]
    charge = f"/_control/adyen/payments/{psp}/chargeback"
    dispute = sandbox.post(charge, json={}).json()["dispute"]
    for step, status in (("reverse", 409), ("take", 200), ("take", 409), ("second", 409)):
        moved = sandbox.post(f"/_control/adyen/disputes/{dispute}", json={"step": step})
        assert moved.status_code == status
    fault("adyen", "refunds", "held")
    part = {"merchantAccount": ACCOUNT, "amount": {"currency": "EUR", "value": 100}}
    refund = checkout.modifications_api.refund_captured_payment(part, psp).message["pspReference"]
    for outcome, status in (("reversed", 409), ("paid", 200), ("failed", 409), ("reversed", 200)):
        decided = sandbox.post(f"/_control/adyen/refunds/{refund}", json={"outcome": outcome})
        assert decided.status_code == status
    for path, order in (
        (charge, {"amount": 0}),
        (f"/_control/adyen/disputes/{dispute}", {"step": "win"}),
        (f"/_control/adyen/refunds/{refund}", {}),
        (charge, {"x": 1}),
    ):
        assert sandbox.post(path, json=order).status_code == 422
    sandbox.post("/_control/reset").raise_for_status()
    empty = sandbox.get("/_control/adyen").json()
    assert [empty[name] for name in ("links", "payments", "refunds", "disputes")] == [[]] * 4
