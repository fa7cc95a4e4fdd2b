"""From an HTTP request to a message on a queue: verified, or answered without a trace.

One way for all vendors: the edge, the path, the media type, the size, the proof over the exact
bytes, the form, the mode, the allow-list, the queue, and only then the answer.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.receive_webhook.contents import Malformed, fits, json_object, value_at
from functions.receive_webhook.items import SignedItems
from functions.receive_webhook.keeping import kept
from functions.receive_webhook.paths import CapabilityPath, FixedPath
from functions.receive_webhook.settings import Settings
from functions.receive_webhook.signatures import Scheme
from functions.receive_webhook.vendors import VENDORS, Vendor
from shared.kernel import webhook_errors
from shared.kernel.clock import Clock
from shared.kernel.edge_errors import Forbidden
from shared.kernel.errors import BaobabError, NotFound
from shared.platform.observability import metric
from shared.platform.origin import HEADER, NO_EDGE, Origin
from shared.platform.queues import Queue, WebhookMessage
from shared.platform.secrets import Secrets

MAX_BODY = 180 * 1024
"""Encoded for the queue it grows by a third and must stay within 256 KiB."""
JSON_TYPES = frozenset(
    {"application/json", "application/json;charset=utf-8", 'application/json;charset="utf-8"'}
)

type Response = dict[str, Any]


class Refused(Exception):
    """The request is not what it should be: told by HTTP status and code, and nothing else."""

    def __init__(self, kind: type[BaobabError], *, proved: bool = False) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.proved = proved
        """The vendor sent it all the same: somebody has to look why."""
        self.status = kind.status or 400
        self.code = kind.code


@contextmanager
def _proved() -> Iterator[None]:
    """Around what is looked at when it is known who sent it."""
    try:
        yield
    except Refused as refusal:
        raise Refused(refusal.kind, proved=True) from None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came in; header names in lower case."""

    token: str | None
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Receiver:
    """``queue_of`` gives the queue behind a URL."""

    settings: Settings
    secrets: Secrets
    queue_of: Callable[[str], Queue]
    clock: Clock
    origin: Origin = NO_EDGE
    vendors: Mapping[str, Vendor] = field(default_factory=lambda: VENDORS)
    replies: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = field(
        default_factory=dict
    )
    """By name in the table of vendors: what is answered to a question."""

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
            if refusal.proved:
                metric("WebhookNotUnderstood", vendor=known, code=refusal.code)
            return _answer(refusal.status, {"error": refusal.code})
        except (BotoCoreError, ClientError) as error:
            metric("WebhookNotKept", vendor=known, error=type(error).__name__)
            again = Refused(webhook_errors.TryAgain)
            return _answer(again.status, {"error": again.code})

    def _accept(self, event: Mapping[str, Any], name: str, token: str | None) -> Response:
        headers = _headers(event)
        if not self.origin.admits(headers.get(HEADER, "")):
            raise Refused(Forbidden)
        vendor = self.vendors.get(name)
        if vendor is None or _has_path(vendor) != (token is not None):
            raise Refused(NotFound)
        _check_type(headers)
        delivery = Delivery(token, headers, _body(event))
        wanted: list[tuple[str, WebhookMessage]] = []
        news = self._news(vendor, delivery)
        if vendor.reply is not None:
            # Somebody waits for what we say: nothing is kept.
            return _answer(200, self.replies[vendor.reply](news[0]))
        for one in news:
            with _proved():
                queue = self._queue_for(vendor, one, token)
            if queue is None:
                metric("WebhookNotWanted", vendor=name)
                continue
            body = _short(vendor, one)
            # A path that proves nothing but itself is known to the vendor and us alone.
            named = token if isinstance(vendor.proof, CapabilityPath) else None
            wanted.append((queue, WebhookMessage(name, body, self.clock.now(), named)))
        for queue, message in wanted:
            self.queue_of(getattr(self.settings, queue)).send(message)
        return _answer(200, vendor.answer)

    def _news(self, vendor: Vendor, delivery: Delivery) -> Sequence[Mapping[str, Any]]:
        """What an authentic delivery of this mode says: one piece of news, or several."""
        secret = self.secrets.get(getattr(self.settings, vendor.kept_in))
        keys = _keys(secret, vendor.keys)
        if isinstance(vendor.proof, SignedItems):
            # What is signed lies inside, so that the form has to be looked at first.
            content = _formed(vendor, delivery.body)
            try:
                news: Sequence[Mapping[str, Any]] = vendor.proof.read(content)
            except Malformed:
                raise Refused(webhook_errors.Malformed) from None
            if not vendor.proof.proves(news, keys):
                raise Refused(webhook_errors.BadSignature)
        else:
            self._prove(vendor.proof, delivery, keys)
            with _proved():
                content = _formed(vendor, delivery.body)
            news = [content]
        with _proved():
            self._check_ours(vendor, content, news, secret)
        return news

    def _check_ours(
        self,
        vendor: Vendor,
        content: Mapping[str, Any],
        news: Sequence[Mapping[str, Any]],
        secret: Mapping[str, Any],
    ) -> None:
        """Refused for money of the other mode, and for another account of the vendor's."""
        if vendor.live and _flag(value_at(vendor.live, content)) is not self.settings.live_mode:
            raise Refused(webhook_errors.WrongMode)
        if vendor.account is not None:
            member, ours = vendor.account
            if any(one[member] != secret.get(ours) for one in news):
                raise Refused(webhook_errors.WrongAccount)

    def _prove(
        self, proof: Scheme | CapabilityPath | FixedPath, delivery: Delivery, keys: list[str]
    ) -> None:
        if isinstance(proof, CapabilityPath | FixedPath):
            if not proof.proves(keys, self.settings.cell, delivery.token or ""):
                # Who does not know the path is told that there is none.
                raise Refused(NotFound)
        elif not proof.proves(delivery.headers, delivery.body, keys, self.clock.now()):
            raise Refused(webhook_errors.BadSignature)

    def _queue_for(self, vendor: Vendor, news: Mapping[str, Any], token: str | None) -> str | None:
        """The settings' field of its queue, None for news that is not used; Refused when it is
        not what the vendor sends."""
        if isinstance(vendor.proof, CapabilityPath):
            return vendor.proof.queue_for(self.settings.cell, token or "")
        if vendor.kind is None:
            return vendor.queue
        kind = value_at(vendor.kind, news)
        shape = vendor.wanted.get(kind)
        if shape is None:
            return None
        if not fits(shape, news):
            raise Refused(webhook_errors.Malformed)
        return vendor.queues.get(kind, vendor.queue)


def _has_path(vendor: Vendor) -> bool:
    return isinstance(vendor.proof, CapabilityPath | FixedPath)


def _formed(vendor: Vendor, body: bytes) -> Mapping[str, Any]:
    """The body as the vendor's envelope; Refused when it is anything else."""
    try:
        content = json_object(body)
    except Malformed:
        raise Refused(webhook_errors.Malformed) from None
    if not fits(vendor.envelope, content):
        raise Refused(webhook_errors.Malformed)
    return content


def _short(vendor: Vendor, news: Mapping[str, Any]) -> bytes:
    kind = None if vendor.kind is None else value_at(vendor.kind, news)
    return kept({**vendor.kept, **vendor.kept_also.get(str(kind), {})}, news)


def _flag(value: bool | str) -> bool:
    """A flag, which some vendors write as a text."""
    return value if isinstance(value, bool) else value == "true"


def _keys(secret: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """All texts under these names. An empty one proves nothing: everybody could sign with it."""
    keys: list[object] = []
    for name in names:
        value = secret.get(name)
        keys += value if isinstance(value, list) else [value]
    return [key for key in keys if isinstance(key, str) and key]


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Names in lower case; Refused when one comes twice under different spellings."""
    given = event.get("headers") or {}
    headers = {str(name).lower(): str(value) for name, value in given.items()}
    if len(headers) != len(given):
        raise Refused(webhook_errors.Malformed)
    return headers


def _check_type(headers: Mapping[str, str]) -> None:
    media = headers.get("content-type", "").lower().replace(" ", "")
    if media not in JSON_TYPES or headers.get("content-encoding", "identity") != "identity":
        raise Refused(webhook_errors.NotJson)


def _body(event: Mapping[str, Any]) -> bytes:
    """The exact bytes that were signed."""
    text = event.get("body") or ""
    if len(text) > 2 * MAX_BODY:
        raise Refused(webhook_errors.DeliveryTooLarge)
    try:
        raw = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else None
    except (binascii.Error, ValueError):
        raise Refused(webhook_errors.Malformed) from None
    body = str(text).encode("utf-8", "surrogatepass") if raw is None else raw
    if len(body) > MAX_BODY:
        raise Refused(webhook_errors.DeliveryTooLarge)
    if not body:
        raise Refused(webhook_errors.Malformed)
    return body


def _answer(status: int, body: Mapping[str, Any]) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body, separators=(",", ":")),
    }
