"""Events as they are pushed, with the official signature check, and what goes wrong on the way."""

import json

import pytest
import stripe

from sandbox.stripe.events import signature

SECRET = "whsec_sandbox"
FORM = {
    "mode": "payment",
    "line_items[0][price_data][currency]": "kes",
    "line_items[0][price_data][unit_amount]": "500000",
    "line_items[0][price_data][product_data][name]": "Deposit",
    "metadata[deposit]": "dep_1",
    "success_url": "http://127.0.0.1/paid",
}


@pytest.fixture
def hooked(sandbox, receiver):
    """The sandbox with its Stripe webhook pointed at the receiver."""
    sandbox.post(
        "/_control/config", json={"stripe_webhook_url": f"{receiver.url}/stripe"}
    ).raise_for_status()
    return sandbox


def new_session(sandbox):
    answer = sandbox.post(
        "/stripe/v1/checkout/sessions",
        data=FORM,
        headers={"Authorization": "Bearer sk_test_sandbox"},
    )
    return answer.raise_for_status().json()


def expire(sandbox, session):
    sandbox.post(
        f"/stripe/v1/checkout/sessions/{session['id']}/expire",
        headers={"Authorization": "Bearer sk_test_sandbox", "Idempotency-Key": "x1"},
    ).raise_for_status()


def verified(received):
    return stripe.Webhook.construct_event(
        received.body, received.headers["stripe-signature"], SECRET
    )


def test_the_signature_is_that_of_the_published_scheme():
    assert signature(
        ["whsec_test_secret"], 1_700_000_000, b'{"id":"evt_test_webhook","object":"event"}'
    ) == ("t=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990")


def test_every_event_of_a_payment_is_pushed_and_verifies(hooked, receiver):
    session = new_session(hooked)
    hooked.post(f"/_control/stripe/sessions/{session['id']}/pay", json={}).raise_for_status()
    events = {event.type: event for event in map(verified, receiver.wait_for(4))}
    assert set(events) == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    completed = events["checkout.session.completed"]
    assert completed.api_version == stripe.api_version
    assert completed.request.id is None
    assert completed.data.object["payment_status"] == "paid"
    assert completed.data.object["metadata"]["deposit"] == "dep_1"
    intent = events["payment_intent.succeeded"].data.object
    assert (intent["amount_received"], intent["currency"]) == (500_000, "kes")
    # An event shows its object as it was then, not as it became later.
    assert events["payment_intent.created"].data.object["status"] == "requires_payment_method"


def test_an_event_of_an_api_call_names_the_request(hooked, receiver):
    expire(hooked, new_session(hooked))
    (event,) = map(verified, receiver.wait_for(1))
    assert event.type == "checkout.session.expired"
    assert event.request.idempotency_key == "x1"
    assert event.request.id.startswith("req_")


def test_a_refused_webhook_is_sent_again_freshly_signed_until_it_is_taken(
    hooked, receiver, eventually
):
    receiver.statuses = [500, 302, 200]
    expire(hooked, new_session(hooked))
    received = receiver.wait_for(3)
    assert {verified(one).id for one in received} == {json.loads(received[0].body)["id"]}
    attempts = eventually(
        lambda: len(found := hooked.get("/_control/deliveries").json()["deliveries"]) == 3 and found
    )
    assert [(one["attempt"], one["status"]) for one in attempts] == [(1, 500), (2, 302), (3, 200)]


def test_a_webhook_is_given_up_after_five_attempts(hooked, receiver, eventually):
    receiver.statuses = [500] * 9
    expire(hooked, new_session(hooked))
    receiver.wait_for(5)
    eventually(lambda: len(hooked.get("/_control/deliveries").json()["deliveries"]) == 5)
    assert len(receiver.received) == 5


def test_a_lost_webhook_never_arrives_but_the_event_is_listed(hooked, receiver, fault):
    fault("stripe", "checkout.session.expired", "lost")
    session = new_session(hooked)
    expire(hooked, session)
    (attempt,) = hooked.get("/_control/deliveries").json()["deliveries"]
    assert (attempt["status"], attempt["note"]) == (None, "lost on purpose")
    listed = hooked.get("/stripe/v1/events", headers={"Authorization": "Bearer sk_test_sandbox"})
    assert [event["type"] for event in listed.json()["data"]] == ["checkout.session.expired"]
    assert receiver.received == []


def test_a_duplicate_is_the_same_event_again(hooked, receiver, fault):
    fault("stripe", "webhook", "duplicate", copies=3)
    expire(hooked, new_session(hooked))
    received = receiver.wait_for(3)
    assert len({one.body for one in received}) == 1


def test_a_forged_event_fails_the_official_check_and_the_true_one_follows(hooked, receiver, fault):
    fault("stripe", "webhook", "forged")
    expire(hooked, new_session(hooked))
    outcomes = []
    for one in receiver.wait_for(2):
        try:
            outcomes.append(verified(one).type)
        except stripe.SignatureVerificationError:
            outcomes.append("refused")
    assert sorted(outcomes) == ["checkout.session.expired", "refused"]


def test_a_forgery_alone_comes_without_the_true_event(hooked, receiver, fault):
    fault("stripe", "webhook", "forged", only=True)
    expire(hooked, new_session(hooked))
    (one,) = receiver.wait_for(1)
    with pytest.raises(stripe.SignatureVerificationError):
        verified(one)
    assert len(receiver.received) == 1


def test_a_late_event_comes_late(hooked, receiver, fault):
    fault("stripe", "webhook", "late", seconds=0.3)
    session = new_session(hooked)
    expire(hooked, session)
    other = new_session(hooked)
    expire_other = hooked.post(
        f"/stripe/v1/checkout/sessions/{other['id']}/expire",
        headers={"Authorization": "Bearer sk_test_sandbox"},
    )
    expire_other.raise_for_status()
    first, second = receiver.wait_for(2)
    assert verified(first).data.object["id"] == other["id"]
    assert verified(second).data.object["id"] == session["id"]
    assert second.at - first.at > 0.2


def test_a_held_event_comes_after_its_successor(hooked, receiver, fault):
    fault("stripe", "payment_intent.created", "out_of_order")
    session = new_session(hooked)
    hooked.post(
        f"/_control/stripe/sessions/{session['id']}/pay", json={"card": "4000000000000002"}
    ).raise_for_status()
    types = [verified(one).type for one in receiver.wait_for(3)]
    assert types.index("payment_intent.created") > 0


def test_while_a_secret_is_rolled_either_of_two_signatures_is_the_right_one(
    hooked, receiver, fault
):
    fault("stripe", "webhook", "rolled")
    expire(hooked, new_session(hooked))
    (one,) = receiver.wait_for(1)
    assert one.headers["stripe-signature"].count("v1=") == 2
    assert verified(one).type == "checkout.session.expired"


def test_a_skewed_signature_has_a_wrong_time(hooked, receiver, fault):
    fault("stripe", "webhook", "skewed", by=-600)
    expire(hooked, new_session(hooked))
    (one,) = receiver.wait_for(1)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        verified(one)


def test_nothing_is_pushed_without_a_target(sandbox, receiver):
    expire(sandbox, new_session(sandbox))
    assert sandbox.get("/_control/deliveries").json() == {"deliveries": []}
    assert receiver.received == []
