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

from functions.receive_webhook.contents import json_object
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
PATH_OLD, PATH_KEY = "0a" * 32, "0f" * 32
VALUES: dict[str, dict[str, Any]] = {
    "stripe": {"api_key": "sk", "webhook_secrets": [OLD, NEW]},
    "onfido": {"api_token": "t", "webhook_token": "onfido-token"},
    "broker": {"webhook_secrets": [BROKER_OLD, BROKER]},
    "path": {"key": PATH_KEY},
}
SETTINGS = Settings(
    cell="t1",
    stripe_secret="stripe",
    onfido_secret="onfido",
    broker_secret="broker",
    webhook_path_secret="path",
    payment_signals_queue="payments",
    identity_queue="identity",
    broker_events_queue="broker-events",
    live_mode=False,
)
QUEUES = {
    "stripe": "payments",
    "daraja": "payments",
    "onfido": "identity",
    "broker": "broker-events",
}
_IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT = _IDS.new(Kind.USER), _IDS.new(Kind.DEPOSIT)
TOKEN = make_token(PATH_KEY.encode(), USER, DEPOSIT)


def packed(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


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
    "broker": {"type": "trade_updates", "data": {"event": "fill", "order": {"id": "o"}}},
}
BODIES = {vendor: packed(sample) for vendor, sample in SAMPLES.items()}


def kept_of(vendor: str, body: bytes) -> bytes:
    """What goes on of a delivery."""
    return kept(VENDORS[vendor].kept, json_object(body))


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
}
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
