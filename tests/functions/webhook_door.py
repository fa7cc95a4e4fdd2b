"""The webhook entrance over memory, and what an authentic delivery of each vendor is to it."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from functions.receive_webhook.contents import json_object, value_at
from functions.receive_webhook.keeping import kept
from functions.receive_webhook.receiver import Receiver
from functions.receive_webhook.settings import Settings
from functions.receive_webhook.vendors import VENDORS
from shared.kernel.clock import FixedClock
from shared.platform.queues import MemoryQueue, WebhookMessage
from shared.platform.secrets import MemorySecrets, Secrets
from tests.conftest import NOW
from tests.functions.webhook_samples import ACCOUNT, BODIES, C2B_TOKEN, PATH_KEY, PATHS
from tests.functions.webhook_signing import (
    ADYEN,
    ADYEN_OLD,
    BROKER,
    BROKER_OLD,
    NEW,
    OLD,
    broker_headers,
    onfido_header,
    stripe_header,
)

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


def kept_of(vendor: str, body: bytes) -> bytes:
    """What goes on of a delivery of one piece of news."""
    content = json_object(body)
    if vendor == "adyen":
        content = content["notificationItems"][0]["NotificationRequestItem"]
    row = VENDORS[vendor]
    kind = None if row.kind is None else value_at(row.kind, content)
    return kept({**row.kept, **row.kept_also.get(str(kind), {})}, content)


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
