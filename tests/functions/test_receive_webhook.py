"""The webhook entrance: what is authentic is kept, everything else leaves no trace."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from stripe import WebhookSignature

from functions.receive_webhook.receiver import MAX_BODY, Receiver
from functions.receive_webhook.settings import Settings
from functions.receive_webhook.vendors import vendors
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import Subject, make_token, named_by
from shared.payments.gateways import GatewaySettings, gateways
from shared.payments.model import Gateway
from shared.platform.queues import MemoryQueue
from shared.platform.secrets import MemorySecrets

OLD, NEW = "whsec_old", "whsec_new"
BROKER = "whsec_" + base64.b64encode(b"baobab-sandbox-broker-webhook-se").decode()
PATH_KEY = "0f" * 32
SECRETS = MemorySecrets(
    {
        "stripe": {"api_key": "sk", "webhook_secrets": [OLD, NEW]},
        "onfido": {"api_token": "t", "webhook_token": "onfido-token"},
        "broker": {"webhook_secrets": ["whsec_AAAA", BROKER]},
        "path": {"key": PATH_KEY},
    }
)
SETTINGS = Settings(
    cell="t1",
    stripe_secret="stripe",
    onfido_secret="onfido",
    broker_secret="broker",
    webhook_path_secret="path",
    payment_signals_queue="payments",
    identity_queue="identity",
    broker_events_queue="broker-events",
)
IDS = SequentialIds("t1", FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC)))
TOKEN = make_token(PATH_KEY.encode(), IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT))
STRIPE_EVENT = json.dumps({"object": "event", "type": "checkout.session.completed"}).encode()
CALLBACK = json.dumps({"Body": {"stkCallback": {"ResultCode": 0}}}).encode()
ONFIDO_EVENT = json.dumps({"payload": {"action": "check.completed"}}).encode()
BROKER_EVENT = json.dumps({"type": "trade_updates", "data": {}}).encode()


@pytest.fixture
def door():
    return Door()


class Door:
    def __init__(self):
        self.queues = {}
        self.receiver = Receiver(vendors(SETTINGS, SECRETS), self.queue, SystemClock())

    def queue(self, url):
        return self.queues.setdefault(url, MemoryQueue())

    @property
    def kept(self):
        return [(url, message) for url, one in self.queues.items() for message, _ in one.sent]

    def post(self, vendor, body, headers=None, token=None, encoded=False):
        parameters = {"vendor": vendor} | ({"token": token} if token is not None else {})
        event = {
            "version": "2.0",
            "routeKey": "POST /webhooks/{vendor}",
            "rawPath": f"/webhooks/{vendor}",
            "pathParameters": parameters,
            "headers": {"content-type": "application/json; charset=utf-8"} | (headers or {}),
            "body": base64.b64encode(body).decode() if encoded else body.decode(),
            "isBase64Encoded": encoded,
        }
        answer = self.receiver.receive(event)
        return answer["statusCode"], json.loads(answer["body"])


def stripe_header(body, secret=NEW, at=None):
    header = WebhookSignature.generate_signature_header(body.decode(), secret, at)
    return {"stripe-signature": header}


def onfido_header(body, token="onfido-token"):
    digest = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return {"x-sha2-signature": digest}


def broker_headers(body, secret=BROKER, at=None):
    moment = at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


def authentic(vendor):
    return {
        "stripe": (STRIPE_EVENT, stripe_header(STRIPE_EVENT), None),
        "daraja": (CALLBACK, {}, TOKEN),
        "onfido": (ONFIDO_EVENT, onfido_header(ONFIDO_EVENT), None),
        "broker": (BROKER_EVENT, broker_headers(BROKER_EVENT), None),
    }[vendor]


QUEUES = {
    "stripe": "payments",
    "daraja": "payments",
    "onfido": "identity",
    "broker": "broker-events",
}
ANSWERS = {"daraja": {"ResultCode": 0, "ResultDesc": "Accepted"}}


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("vendor", QUEUES)
def test_an_authentic_delivery_is_kept_byte_by_byte_and_answered(door, vendor, encoded):
    body, headers, token = authentic(vendor)
    answer = door.post(vendor, body, headers, token, encoded)
    assert answer == (200, ANSWERS.get(vendor, {"received": True}))
    ((url, message),) = door.kept
    assert url == QUEUES[vendor]
    assert (message.vendor, message.body, message.token) == (vendor, body, token)
    assert "stripe-signature" not in message.headers


def test_the_callback_address_that_a_push_gives_is_one_that_this_entrance_knows(door):
    addresses = GatewaySettings(
        stripe_secret="stripe",
        stripe_base_url="http://127.0.0.1:9",
        daraja_secret="daraja",
        daraja_base_url="http://127.0.0.1:9",
    )
    built = gateways(
        addresses,
        SECRETS,
        SystemClock(),
        app_url="https://app.example",
        webhook_base_url="https://hooks.example/webhooks",
        webhook_path_secret="path",
    )
    deposit = SimpleNamespace(user_id=IDS.new(Kind.USER), deposit_id=IDS.new(Kind.DEPOSIT))
    url = built[Gateway.MPESA]._callback_url(deposit)
    *_, vendor, token = url.split("/")
    assert url == f"https://hooks.example/webhooks/daraja/{token}"
    assert door.post(vendor, CALLBACK, token=token)[0] == 200
    ((_, message),) = door.kept
    assert named_by("t1", message.token) == Subject(deposit.user_id, deposit.deposit_id)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_of_several_stripe_secrets_is_good(door, secret):
    assert door.post("stripe", STRIPE_EVENT, stripe_header(STRIPE_EVENT, secret))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "t=1"},
        {"stripe-signature": "nonsense"},
        {"stripe-signature": f"t={int(time.time())},v1=é"},
        {"stripe-signature": f"t={'9' * 5000},v1=00"},
        stripe_header(STRIPE_EVENT, "whsec_wrong"),
        stripe_header(STRIPE_EVENT + b" "),
        stripe_header(STRIPE_EVENT, at=int(time.time()) - 3600),
        stripe_header(STRIPE_EVENT, at=int(time.time()) + 3600),
    ],
)
def test_a_forged_stale_or_premature_stripe_signature_is_refused(door, headers):
    assert door.post("stripe", STRIPE_EVENT, headers) == (401, {"error": "BAD_SIGNATURE"})
    assert door.kept == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-sha2-signature": "é"},
        onfido_header(ONFIDO_EVENT, "wrong"),
        onfido_header(ONFIDO_EVENT + b"\n"),
    ],
)
def test_a_forged_onfido_signature_is_refused(door, headers):
    assert door.post("onfido", ONFIDO_EVENT, headers) == (401, {"error": "BAD_SIGNATURE"})
    assert door.kept == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        broker_headers(BROKER_EVENT, "whsec_" + base64.b64encode(b"x" * 32).decode()),
        broker_headers(BROKER_EVENT + b" "),
        broker_headers(BROKER_EVENT, at=datetime.fromtimestamp(time.time() - 3600, UTC)),
        broker_headers(BROKER_EVENT, at=datetime.fromtimestamp(time.time() + 3600, UTC)),
        broker_headers(BROKER_EVENT) | {"webhook-signature": "garbage"},
        broker_headers(BROKER_EVENT) | {"webhook-signature": "v1,é v1,"},
        broker_headers(BROKER_EVENT) | {"webhook-timestamp": "nan"},
        broker_headers(BROKER_EVENT) | {"webhook-timestamp": "1e400"},
    ],
)
def test_a_forged_or_stale_broker_signature_is_refused(door, headers):
    assert door.post("broker", BROKER_EVENT, headers) == (401, {"error": "BAD_SIGNATURE"})
    assert door.kept == []


@pytest.mark.parametrize("token", ["", "0" * 96, TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1")])
def test_who_does_not_know_the_path_finds_nothing(door, token):
    assert door.post("daraja", CALLBACK, token=token) == (404, {"error": "NOT_FOUND"})
    assert door.kept == []


@pytest.mark.parametrize(
    ("vendor", "token"),
    [("daraja", None), ("stripe", TOKEN), ("paypal", None), ("", None), ("Stripe", None)],
)
def test_other_paths_do_not_exist(door, vendor, token):
    headers = stripe_header(STRIPE_EVENT)
    assert door.post(vendor, STRIPE_EVENT, headers, token) == (404, {"error": "NOT_FOUND"})
    assert door.kept == []


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_only_json_is_taken(door, kind):
    headers = stripe_header(STRIPE_EVENT) | {"content-type": kind}
    assert door.post("stripe", STRIPE_EVENT, headers) == (415, {"error": "NOT_JSON"})


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_of_the_largest_size_is_taken_and_one_byte_more_is_not(door, encoded):
    frame = json.dumps({"type": "payment_intent.succeeded", "pad": ""}).encode()
    body = frame.replace(b'""', b'"' + b"x" * (MAX_BODY - len(frame)) + b'"')
    assert door.post("stripe", body, stripe_header(body), encoded=encoded)[0] == 200
    larger = body.replace(b"x}", b"xx}").replace(b'x"', b'xx"')
    refused = door.post("stripe", larger, stripe_header(larger), encoded=encoded)
    assert refused == (413, {"error": "TOO_LARGE"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 50_000])
def test_a_malformed_body_is_refused_even_with_a_good_path(door, body):
    assert door.post("daraja", body, token=TOKEN) == (400, {"error": "MALFORMED"})
    assert door.kept == []


def test_a_body_that_is_not_text_is_refused(door):
    assert door.post("daraja", b"\xff\xfe", token=TOKEN, encoded=True)[0] == 400
    signed = {"stripe-signature": f"t={int(time.time())},v1=00"}
    assert door.post("stripe", b"\xff\xfe", signed, encoded=True)[0] == 401
    assert door.post("broker", b"\xff\xfe", broker_headers(b"{}"), encoded=True)[0] == 401


def test_a_broken_encoding_is_refused(door):
    event = {
        "pathParameters": {"vendor": "daraja", "token": TOKEN},
        "headers": {"Content-Type": "application/json"},
        "body": "***",
        "isBase64Encoded": True,
    }
    assert door.receiver.receive(event)["statusCode"] == 400


@pytest.mark.parametrize("event", [{}, {"pathParameters": None}, {"pathParameters": {}}])
def test_an_empty_request_is_nothing(door, event):
    assert door.receiver.receive(event)["statusCode"] == 404


def test_a_request_without_headers_or_body_is_refused(door):
    path = {"pathParameters": {"vendor": "stripe"}}
    assert door.receiver.receive(path)["statusCode"] == 415


@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("stripe", json.dumps({"type": "customer.created"}).encode()),
        ("stripe", json.dumps({"object": "v2.core.event", "type": ["x"]}).encode()),
        ("onfido", json.dumps({"payload": {"action": "report.completed"}}).encode()),
        ("onfido", json.dumps({"payload": None}).encode()),
        ("broker", json.dumps({"type": "account_note"}).encode()),
    ],
)
def test_authentic_news_that_nobody_wants_is_answered_and_dropped(door, vendor, body):
    sign = {"stripe": stripe_header, "onfido": onfido_header, "broker": broker_headers}[vendor]
    assert door.post(vendor, body, sign(body)) == (200, {"received": True})
    assert door.kept == []


def test_a_queue_that_is_down_asks_the_vendor_to_come_again(door):
    class Down:
        def send(self, message, delay_seconds=0):
            raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")

    door.receiver = Receiver(vendors(SETTINGS, SECRETS), lambda _: Down(), SystemClock())
    body, headers, token = authentic("daraja")
    assert door.post("daraja", body, headers, token) == (503, {"error": "TRY_AGAIN"})


@given(
    vendor=st.sampled_from([*QUEUES, "x"]),
    body=st.binary(max_size=60),
    signature=st.text(max_size=60),
    token=st.none() | st.text(max_size=100),
)
def test_no_input_makes_it_fail_or_keep_anything(vendor, body, signature, token):
    door = Door()
    headers = {
        "stripe-signature": signature,
        "x-sha2-signature": signature,
        "webhook-id": signature,
        "webhook-timestamp": signature,
        "webhook-signature": signature,
    }
    status, answer = door.post(vendor, body, headers, token, encoded=True)
    assert status in (400, 401, 404)
    assert set(answer) == {"error"}
    assert door.kept == []
