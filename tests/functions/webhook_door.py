"""The webhook entrance over memory, and one authentic delivery of every vendor."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook
from stripe import WebhookSignature

from functions.receive_webhook.contents import json_object, value_at
from functions.receive_webhook.keeping import kept
from functions.receive_webhook.receiver import Receiver
from functions.receive_webhook.settings import Settings
from functions.receive_webhook.vendors import VENDORS
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import make_token
from shared.platform.queues import MemoryQueue, WebhookMessage
from shared.platform.secrets import MemorySecrets, Secrets
from tests.conftest import NOW

OLD, NEW = "whsec_old", "whsec_new"
BROKER_OLD, BROKER = (
    "whsec_" + base64.b64encode(text).decode()
    for text in (b"the-broker-secret-before-this-on", b"baobab-sandbox-broker-webhook-se")
)
ADYEN_OLD, ADYEN = "a0" * 32, "0F" * 32
ACCOUNT = "BaobabTest"
PATH_OLD, PATH_KEY = "0a" * 32, "0f" * 32
VALUES: dict[str, dict[str, Any]] = {
    "stripe": {"api_key": "sk", "webhook_secrets": [OLD, NEW]},
    "onfido": {"api_token": "t", "webhook_token": "onfido-token"},
    "broker": {"webhook_secrets": [BROKER_OLD, BROKER]},
    "adyen": {"api_key": "k", "merchant_account": ACCOUNT, "hmac_keys": [ADYEN_OLD, ADYEN]},
    "path": {"key": PATH_KEY},
}
SETTINGS = Settings(
    cell="t1",
    stripe_secret="stripe",
    adyen_secret="adyen",
    onfido_secret="onfido",
    broker_secret="broker",
    webhook_path_secret="path",
    payment_signals_queue="payments",
    identity_queue="identity",
    broker_events_queue="broker-events",
    disputes_queue="disputes",
    payouts_queue="payouts",
    live_mode=False,
)
QUEUES = {
    "stripe": "payments",
    "daraja": "payments",
    "onfido": "identity",
    "broker": "broker-events",
    "adyen": "payments",
}
_IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT = _IDS.new(Kind.USER), _IDS.new(Kind.DEPOSIT)
TOKEN = make_token(PATH_KEY.encode(), USER, DEPOSIT)


def packed(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def adyen_item(key: str = ADYEN, **changes: Any) -> dict[str, Any]:
    """A signed item; a change to ``...`` takes the member away."""
    item = {
        "pspReference": "QFQTPCQ8HXSKGK82",
        "merchantAccountCode": ACCOUNT,
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 2550, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-03-02T16:30:00+01:00",
        "paymentMethod": "visa",
        "operations": ["CANCEL", "CAPTURE", "REFUND"],
        "reason": "039404:4242:03/2030",
        "success": "true",
    } | changes
    item = {name: value for name, value in item.items() if value is not ...}
    return item | {"additionalData": {"cardSummary": "4242", "hmacSignature": mac_of(item, key)}}


def mac_of(item: Mapping[str, Any], key: str = ADYEN) -> str:
    """Adyen's signature of an item, by the rule of its documentation."""
    amount = item.get("amount")
    money = amount if isinstance(amount, dict) else {}
    members = [
        *(item.get(name) for name in ("pspReference", "originalReference")),
        *(item.get(name) for name in ("merchantAccountCode", "merchantReference")),
        *(money.get(name) for name in ("value", "currency")),
        *(item.get(name) for name in ("eventCode", "success")),
    ]
    text = ":".join("" if member is None else str(member) for member in members)
    made = hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def adyen_body(*items: Mapping[str, Any], live: object = "false") -> dict[str, Any]:
    """A delivery of these items."""
    return {
        "live": live,
        "notificationItems": [{"NotificationRequestItem": dict(item)} for item in items],
    }


SAMPLES: Mapping[str, dict[str, Any]] = {
    "stripe": {
        "id": "evt_1",
        "object": "event",
        "livemode": False,
        "type": "checkout.session.completed",
        "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
    },
    "daraja": {
        "Body": {
            "stkCallback": {
                "MerchantRequestID": "1-2-3",
                "CheckoutRequestID": "ws_CO_1",
                "ResultCode": 0,
                "ResultDesc": "ok",
                "CallbackMetadata": {"Item": [{"Name": "Amount", "Value": 1000.0}]},
            }
        }
    },
    "onfido": {
        "payload": {
            "resource_type": "check",
            "action": "check.completed",
            "object": {"id": "c-1", "status": "complete"},
        }
    },
    "adyen": adyen_body(adyen_item()),
    "broker": {"type": "trade_updates", "data": {"event": "fill", "order": {"id": "o"}}},
}
BODIES = {vendor: packed(sample) for vendor, sample in SAMPLES.items()}


def kept_of(vendor: str, body: bytes) -> bytes:
    """What goes on of a delivery of one piece of news."""
    content = json_object(body)
    if vendor == "adyen":
        content = content["notificationItems"][0]["NotificationRequestItem"]
    row = VENDORS[vendor]
    kind = None if row.kind is None else value_at(row.kind, content)
    return kept({**row.kept, **row.kept_also.get(str(kind), {})}, content)


def changed(vendor: str, *path: str, to: object) -> bytes:
    """The vendor's sample with one member changed, or taken away where ``to`` is ``...``."""
    content = json.loads(BODIES[vendor])
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return packed(content)


def stripe_header(body: bytes, secret: str = NEW, at: datetime = NOW) -> dict[str, str]:
    text = body.decode("utf-8", "surrogateescape")
    if body == text.encode("utf-8", "replace"):
        made = WebhookSignature.generate_signature_header(text, secret, int(at.timestamp()))
        return {"stripe-signature": made}
    return {"stripe-signature": f"t={int(at.timestamp())},v1={stripe_mac(body, secret, at)}"}


def stripe_mac(body: bytes, secret: str = NEW, at: datetime = NOW) -> str:
    signed = f"{int(at.timestamp())}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def onfido_header(body: bytes, token: str = "onfido-token", at: datetime = NOW) -> dict[str, str]:
    return {"x-sha2-signature": hmac.new(token.encode(), body, hashlib.sha256).hexdigest()}


def broker_headers(body: bytes, secret: str = BROKER, at: datetime = NOW) -> dict[str, str]:
    signed = f"msg_1.{int(at.timestamp())}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signature = f"v1,{digest}"
    if key and body.isascii():
        assert signature == Webhook(secret).sign("msg_1", at, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


SIGN: Mapping[str, Callable[..., dict[str, str]]] = {
    "stripe": stripe_header,
    "daraja": lambda body: {},
    "onfido": onfido_header,
    "broker": broker_headers,
    "adyen": lambda body: {},
}
"""Headers of an authentic delivery; Adyen's signatures lie in the body."""
LATE, EARLY = timedelta(seconds=300), timedelta(seconds=60)


class Door:
    """The receiver, and what lies on its queues."""

    def __init__(self, secrets: Secrets | None = None, settings: Settings = SETTINGS) -> None:
        self.queues: dict[str, MemoryQueue] = {}
        self.clock = FixedClock(NOW)
        self.receiver = Receiver(settings, secrets or MemorySecrets(VALUES), self.queue, self.clock)

    def queue(self, url: str) -> MemoryQueue:
        return self.queues.setdefault(url, MemoryQueue())

    @property
    def kept(self) -> list[tuple[str, WebhookMessage]]:
        return [
            (url, message)
            for url, one in self.queues.items()
            for message, _ in one.sent
            if isinstance(message, WebhookMessage)
        ]

    def post(
        self,
        vendor: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        *,
        encoded: bool = True,
    ) -> tuple[int, Any]:
        """As API Gateway hands it over; answers status and content."""
        event = {
            "version": "2.0",
            "routeKey": "POST /webhooks/{vendor}",
            "rawPath": f"/webhooks/{vendor}",
            "pathParameters": {"vendor": vendor} | ({} if token is None else {"token": token}),
            "headers": {"content-type": "application/json; charset=utf-8"} | dict(headers or {}),
            "body": base64.b64encode(body).decode() if encoded else body.decode(),
            "isBase64Encoded": encoded,
        }
        answer = self.receiver.receive(event)
        return answer["statusCode"], json.loads(answer["body"])

    def deliver(self, vendor: str, body: bytes | None = None, **more: Any) -> tuple[int, Any]:
        """An authentic delivery of this vendor, of its sample or of another body."""
        body = BODIES[vendor] if body is None else body
        token = TOKEN if vendor == "daraja" else None
        headers = SIGN[vendor](body) | more.pop("headers", {})
        return self.post(vendor, body, headers, token, **more)
