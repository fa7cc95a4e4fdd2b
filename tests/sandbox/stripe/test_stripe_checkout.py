"""Checkout over the wire, with the official SDK as the client."""

import time

import pytest
import stripe

from tests.sandbox.stripe.shop import AMOUNT, SESSION, client_of, events, pay


def test_a_new_session_is_open_unpaid_and_carries_what_was_given(client):
    session = client.v1.checkout.sessions.create(SESSION)
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (AMOUNT, "usd")
    assert session.metadata.to_dict() == {"deposit": "dep_1"}
    assert session.client_reference_id == "usr_1"
    assert session.payment_intent is None
    assert session.url.endswith(f"/stripe/pay/{session.id}")
    assert session.expires_at - session.created == 24 * 60 * 60
    assert events(client) == []
    paths = ["payment_intent.latest_charge.balance_transaction"]
    again = client.v1.checkout.sessions.retrieve(session.id, {"expand": paths})
    assert (again.status, again.payment_intent) == ("open", None)


def test_a_paid_session_shows_intent_charge_fee_and_net(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    assert pay(sandbox, session)["payment_status"] == "paid"
    paid = client.v1.checkout.sessions.retrieve(
        session.id,
        {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]},
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", AMOUNT)
    assert intent.metadata.to_dict() == {"deposit": "dep_1"}
    charge = intent.latest_charge
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", True, AMOUNT)
    # 2.9 % of 123.45 is 3.58005, plus 0.30.
    balance = charge.balance_transaction
    assert (balance.amount, balance.fee, balance.net) == (AMOUNT, 388, AMOUNT - 388)
    assert paid.line_items.data[0].amount_total == AMOUNT
    assert client.v1.charges.retrieve(charge.id).balance_transaction == balance.id
    assert client.v1.balance_transactions.retrieve(balance.id).source == charge.id
    assert client.v1.payment_intents.retrieve(intent.id).latest_charge == charge.id


def test_a_declined_card_leaves_the_session_open_for_another(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    outcome = pay(sandbox, session, card="4000000000000002")
    assert outcome["session_status"] == "open"
    assert outcome["last_payment_error"]["decline_code"] == "generic_decline"
    failed = client.v1.payment_intents.retrieve(
        outcome["payment_intent"], {"expand": ["latest_charge"]}
    )
    assert (failed.status, failed.amount_received) == ("requires_payment_method", 0)
    assert failed.latest_charge.balance_transaction is None
    assert pay(sandbox, session)["payment_intent"] == failed.id
    assert events(client) == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.payment_failed",
        "charge.failed",
        "payment_intent.created",
    ]


@pytest.mark.parametrize(
    ("answer", "status", "payment_status"),
    [("pass", "succeeded", "paid"), ("fail", "requires_payment_method", "unpaid")],
)
def test_a_3ds_card_pays_only_after_the_second_step(
    sandbox, client, answer, status, payment_status
):
    session = client.v1.checkout.sessions.create(SESSION)
    first = pay(sandbox, session, card="4000002760003184")
    assert (first["payment_intent_status"], first["payment_status"]) == (
        "requires_action",
        "unpaid",
    )
    assert "charge.succeeded" not in events(client)
    second = pay(sandbox, session, authenticate=answer)
    assert (second["payment_intent_status"], second["payment_status"]) == (status, payment_status)


def test_a_session_is_paid_only_once(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    pay(sandbox, session)
    again = sandbox.post(f"/_control/stripe/sessions/{session.id}/pay", json={})
    assert again.status_code == 409
    assert events(client, type="charge.succeeded") == ["charge.succeeded"]


def test_an_expired_session_cannot_be_paid_nor_expired_again(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    pay(sandbox, session, card="4000000000000002")
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    intent = client.v1.payment_intents.retrieve(expired.payment_intent)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")
    assert sandbox.post(f"/_control/stripe/sessions/{session.id}/pay", json={}).status_code == 409
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        client.v1.checkout.sessions.expire(session.id)
    assert events(client)[:2] == ["checkout.session.expired", "payment_intent.canceled"]
    assert "payment_intent.succeeded" not in events(client)


def test_a_wrong_key_is_refused(sandbox):
    with pytest.raises(stripe.AuthenticationError):
        client_of(sandbox, key="sk_test_other").v1.checkout.sessions.create(SESSION)


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"nonsense": "1"}, "nonsense", "parameter_unknown"),
        ({"mode": "subscription"}, "mode", "parameter_invalid"),
        ({"expires_at": 1}, "expires_at", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", "parameter_invalid"),
        ({"line_items": []}, "line_items", "parameter_missing"),
    ],
)
def test_a_bad_parameter_is_named(client, change, param, code):
    body = {key: value for key, value in {**SESSION, **change}.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(body)
    assert (caught.value.http_status, caught.value.param, caught.value.code) == (400, param, code)


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ({"unit_amount": 49}, "amount_too_small"),
        ({"unit_amount": 12.5}, "parameter_invalid"),
        ({"unit_amount": -5}, "parameter_invalid"),
        ({"currency": "xxx"}, "parameter_invalid"),
    ],
)
def test_a_bad_price_is_refused(client, price, code):
    item = {"price_data": {**SESSION["line_items"][0]["price_data"], **price}, "quantity": 1}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create({**SESSION, "line_items": [item]})
    assert caught.value.code == code


def test_an_impossible_expansion_changes_nothing(client):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.checkout.sessions.create(
            {**SESSION, "expand": ["invoice"]}, {"idempotency_key": "k1"}
        )
    created = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    assert "Idempotent-Replayed" not in created.last_response.headers


@pytest.mark.parametrize("kind", ["checkout.sessions", "payment_intents", "charges", "events"])
def test_an_unknown_id_is_missing(client, kind):
    service = client.v1
    for part in kind.split("."):
        service = getattr(service, part)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        service.retrieve("none_1")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_an_unknown_url_is_not_recognized(sandbox):
    answer = sandbox.get("/stripe/v1/nothing", headers={"Authorization": "Bearer sk_test_sandbox"})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Unrecognized request URL (GET: /v1/nothing)."


def test_events_are_paged_newest_first_without_gap_or_double(sandbox, client):
    for _ in range(3):
        pay(sandbox, client.v1.checkout.sessions.create(SESSION))
    everything = [event.id for event in client.v1.events.list({"limit": 100}).data]
    assert len(everything) == 12
    paged = [e.id for e in client.v1.events.list({"limit": 5}).auto_paging_iter()]
    assert paged == everything
    newer = client.v1.events.list({"ending_before": everything[4], "limit": 3})
    assert [event.id for event in newer.data] == everything[1:4]
    assert newer.has_more is True
    assert client.v1.events.list({"created": {"gte": int(time.time()) + 60}}).data == []
    assert events(client, types=["charge.succeeded"]) == ["charge.succeeded"] * 3
