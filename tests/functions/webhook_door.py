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
from shared.payments.callbacks import Purpose, make_token
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
C2B_OLD, C2B_TOKEN = "1a" * 32, "1f" * 32
VALUES: dict[str, dict[str, Any]] = {
    "stripe": {"api_key": "sk", "webhook_secrets": [OLD, NEW]},
    "onfido": {"api_token": "t", "webhook_token": "onfido-token"},
    "broker": {"webhook_secrets": [BROKER_OLD, BROKER]},
    "adyen": {"api_key": "k", "merchant_account": ACCOUNT, "hmac_keys": [ADYEN_OLD, ADYEN]},
    "path": {"key": PATH_KEY},
    "c2b": {"token": C2B_TOKEN},
}
SETTINGS = Settings(
    cell="t1",
    stripe_secret="stripe",
    adyen_secret="adyen",
    onfido_secret="onfido",
    broker_secret="broker",
    webhook_path_secret="path",
    c2b_token_secret="c2b",
    core_table="core",
    mpesa_paybill="174379",
    payment_signals_queue="payments",
    identity_queue="identity",
    broker_events_queue="broker-events",
    disputes_queue="disputes",
    payouts_queue="payouts",
    reconciliation_queue="reconciliation",
    live_mode=False,
)
QUEUES = {
    "stripe": "payments",
    "daraja": "payments",
    "daraja-result": "payouts",
    "daraja-status": "payouts",
    "daraja-timeout": "payouts",
    "daraja-balance": "reconciliation",
    "daraja-c2b-confirmation": "payments",
    "onfido": "identity",
    "broker": "broker-events",
    "adyen": "payments",
}
KEPT_NOWHERE = {"daraja-c2b-validation"}
"""Vendors whose news are on no queue: a question."""
_IDS = SequentialIds("t1", FixedClock(NOW))
USER, DEPOSIT, PAYOUT = _IDS.new(Kind.USER), _IDS.new(Kind.DEPOSIT), _IDS.new(Kind.PAYOUT)
REPORT = _IDS.new(Kind.REPORT)
TOKEN = make_token(PATH_KEY.encode(), USER, DEPOSIT)


def path_of(purpose: Purpose, subject: str = PAYOUT, key: str = PATH_KEY) -> str:
    """The path of M-Pesa's messages of a purpose."""
    user_id = "" if subject == REPORT else USER
    return make_token(key.encode(), user_id, subject, purpose)


PATHS: Mapping[str, str] = {
    "daraja": TOKEN,
    "daraja-result": path_of(Purpose.RESULT),
    "daraja-status": path_of(Purpose.STATUS),
    "daraja-timeout": path_of(Purpose.TIMEOUT),
    "daraja-balance": path_of(Purpose.BALANCE, REPORT),
    "daraja-c2b-validation": C2B_TOKEN,
    "daraja-c2b-confirmation": C2B_TOKEN,
}
"""What stands after the vendor's name, where something does."""


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


def result(code: object = 0, **values: object) -> dict[str, Any]:
    """A message of M-Pesa with these parameters."""
    listed = [{"Key": key, "Value": value} for key, value in values.items()]
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": code,
            "ResultDesc": "ok",
            "OriginatorConversationID": "10571-7910404-1",
            "ConversationID": "AG_20191219_00004e48cf7e3533f581",
            "TransactionID": "NLJ41HAY6Q",
            "ResultParameters": {"ResultParameter": listed},
        }
    }


NOTICE: dict[str, Any] = {
    "TransactionType": "Pay Bill",
    "TransID": "RKL51ZDR4F",
    "TransTime": "20231121121325",
    "TransAmount": "500.00",
    "BusinessShortCode": "174379",
    "BillRefNumber": "0123 4567",
    "MSISDN": "2547 ***** 126",
    "FirstName": "NICHOLAS",
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
    "daraja-result": result(TransactionReceipt="NLJ41HAY6Q", TransactionAmount=10),
    "daraja-status": result(ReceiptNo="NLJ41HAY6Q", Amount=10, TransactionStatus="Completed"),
    "daraja-timeout": {"Result": {"ResultType": 1, "ResultCode": "1"}},
    "daraja-balance": result(AccountBalance="Working Account|KES|700000.00|700000.00|0.00|0.00"),
    "daraja-c2b-validation": NOTICE,
    "daraja-c2b-confirmation": NOTICE,
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
    **dict.fromkeys(PATHS, lambda body: {}),
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
        self.asked: list[Mapping[str, Any]] = []
        self.receiver = Receiver(
            settings,
            secrets or MemorySecrets(VALUES),
            self.queue,
            self.clock,
            replies={"paybill": self.reply},
        )

    def reply(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(content)
        return {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}

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
        token = PATHS.get(vendor)
        headers = SIGN[vendor](body) | more.pop("headers", {})
        return self.post(vendor, body, headers, token, **more)
