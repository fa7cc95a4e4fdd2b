"""The signed push of events, with the faults of a bad network."""

import json

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_YmFvYmFiLXNhbmRib3gtYnJva2VyLXdlYmhvb2stc2U="


@pytest.fixture
def pushed(sandbox, receiver):
    """The webhooks that came in, once there are so many."""
    sandbox.post("/_control/config", json={"broker_webhook_url": receiver.url})
    return receiver.wait_for


def verified(webhook):
    return Webhook(SECRET).verify(webhook.body, webhook.headers)


def test_every_event_is_pushed_and_signed(pushed, investor, order):
    order(investor, "MTUM", notional=10)
    bodies = [verified(webhook) for webhook in pushed(9)]
    told = sorted((body["type"], body["data"].get("status_to", "")) for body in bodies)
    assert told == [
        ("account_status", "ACTIVE"),
        ("account_status", "APPROVED"),
        ("account_status", "SUBMITTED"),
        ("journal_status", "executed"),
        ("journal_status", "queued"),
        ("journal_status", "sent_to_clearing"),
        *[("trade_updates", "")] * 3,
    ]


def test_a_push_carries_the_event_of_the_stream(pushed, raw, open_account):
    account_id = open_account()
    webhooks = pushed(3)
    last = max(webhooks, key=lambda one: one.headers["webhook-id"])
    query = {"since": "2026-01-01", "until_id": last.headers["webhook-id"]}
    streamed = raw.get("/v2/events/accounts/status", params=query).text.split("\n\n")
    assert json.loads(streamed[-2].removeprefix("data: ")) == verified(last)["data"]
    assert verified(last)["data"]["account_id"] == account_id


def test_a_refused_push_comes_again_under_the_same_id(pushed, receiver, open_account):
    receiver.statuses = [500, 503]
    open_account()
    webhooks = pushed(5)
    ids = [webhook.headers["webhook-id"] for webhook in webhooks]
    assert len(set(ids)) == 3
    assert all(verified(webhook) for webhook in webhooks)


def test_a_push_may_come_twice(pushed, open_account, fault):
    fault("alpaca", "webhook", "duplicate", copies=2)
    open_account()
    ids = [webhook.headers["webhook-id"] for webhook in pushed(4)]
    assert len(set(ids)) == 3


def test_a_forged_push_does_not_verify(pushed, open_account, fault):
    fault("alpaca", "account_status", "forged", times=3, only=True)
    open_account()
    for webhook in pushed(3):
        with pytest.raises(WebhookVerificationError):
            verified(webhook)


def test_a_lost_push_is_still_in_the_stream(pushed, receiver, raw, open_account, fault):
    fault("alpaca", "webhook", "lost", times=2)
    open_account()
    (webhook,) = pushed(1)
    assert verified(webhook)["data"]["status_to"] == "ACTIVE"
    query = {"since": "2026-01-01", "until_id": webhook.headers["webhook-id"]}
    assert raw.get("/v2/events/accounts/status", params=query).text.count("data: ") == 3
    assert len(receiver.received) == 1


def test_push_can_be_switched_off(pushed, receiver, sandbox, raw, open_account, knobs):
    knobs(push=False)
    open_account()
    assert sandbox.get("/_control/deliveries").json() == {"deliveries": []}
    assert receiver.received == []
