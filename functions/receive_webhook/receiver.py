"""From an HTTP request to a message on a queue: verified, or answered without a trace."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.receive_webhook.vendors import Delivery, Refused, Vendor
from shared.kernel.clock import Clock
from shared.platform.observability import metric
from shared.platform.origin import HEADER, NO_EDGE, Origin
from shared.platform.queues import Queue, WebhookMessage

MAX_BODY = 180 * 1024
"""Encoded for the queue it grows by a third and must stay within 256 KiB."""
KEPT_HEADERS = ("content-type", "webhook-id")

type Response = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receiver:
    """``queue_of`` gives the queue behind a URL."""

    vendors: Mapping[str, Vendor]
    queue_of: Callable[[str], Queue]
    clock: Clock
    origin: Origin = NO_EDGE

    def receive(self, event: Mapping[str, Any]) -> Response:
        """Answer an API Gateway (payload 2.0) request. 2xx only when the delivery is safe on a
        queue or not wanted, 4xx for what is wrong with it, 503 when it should come again."""
        path = event.get("pathParameters") or {}
        name = str(path.get("vendor", ""))
        known = name if name in self.vendors else "unknown"
        try:
            return self._accept(event, name, path.get("token"))
        except Refused as refusal:
            metric("WebhookRefused", vendor=known, code=refusal.code)
            return _answer(refusal.status, {"error": refusal.code})
        except (BotoCoreError, ClientError) as error:
            metric("WebhookNotKept", vendor=known, error=type(error).__name__)
            return _answer(503, {"error": "TRY_AGAIN"})

    def _accept(self, event: Mapping[str, Any], name: str, token: str | None) -> Response:
        headers = {
            str(key).lower(): str(value) for key, value in (event.get("headers") or {}).items()
        }
        if not self.origin.admits(headers.get(HEADER, "")):
            raise Refused(403, "FORBIDDEN")
        vendor = self.vendors.get(name)
        if vendor is None or vendor.has_token != (token is not None):
            raise Refused(404, "NOT_FOUND")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "NOT_JSON")
        delivery = Delivery(name, token, headers, _body(event))
        if not vendor.prove(delivery):
            metric("WebhookNotWanted", vendor=name)
            return _answer(200, vendor.answer)
        message = WebhookMessage(
            vendor=name,
            body=delivery.body,
            received_at=self.clock.now(),
            token=token,
            headers={key: headers[key] for key in KEPT_HEADERS if key in headers},
        )
        self.queue_of(vendor.queue_url).send(message)
        return _answer(200, vendor.answer)


def _body(event: Mapping[str, Any]) -> bytes:
    """The exact bytes that were signed."""
    text = event.get("body") or ""
    if len(text) > 2 * MAX_BODY:
        raise Refused(413, "TOO_LARGE")
    try:
        raw = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else None
    except binascii.Error:
        raise Refused(400, "MALFORMED") from None
    body = str(text).encode("utf-8", "surrogatepass") if raw is None else raw
    if len(body) > MAX_BODY:
        raise Refused(413, "TOO_LARGE")
    if not body:
        raise Refused(400, "MALFORMED")
    return body


def _answer(status: int, body: Mapping[str, Any]) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body, separators=(",", ":")),
    }
