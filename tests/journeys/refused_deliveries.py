"""Deliveries that no vendor sent, or not so, and those that nobody asked for."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.config import SandboxConfig

VENDORS = SandboxConfig()
HUGE = 300 * 1024
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Attempt:
    """A request, the statuses it may get, and its refusal's code."""

    what: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    status: int
    code: str | None

    def send(self, http: httpx.Client, base: str) -> httpx.Response:
        return http.post(f"{base}/{self.path}", content=self.body, headers=dict(self.headers))


def hmac_of(key: str, body: bytes) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def by_stripe(body: bytes, *, ago: int = 0, secret: str | None = None) -> dict[str, str]:
    at = int(time.time()) - ago
    mac = hmac_of(secret or VENDORS.stripe_webhook_secret, f"{at}.".encode() + body)
    return JSON | {"stripe-signature": f"t={at},v1={mac}"}


def by_onfido(body: bytes, *, secret: str | None = None) -> dict[str, str]:
    return JSON | {"x-sha2-signature": hmac_of(secret or VENDORS.onfido_webhook_token, body)}


def by_broker(body: bytes, *, ago: int = 0, secret: str | None = None) -> dict[str, str]:
    at = int(time.time()) - ago
    key = base64.b64decode((secret or VENDORS.broker_webhook_secret).removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()
    return JSON | {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def packed(content: object) -> bytes:
    return json.dumps(content).encode()


def stripe_event(mark: str, **changes: Any) -> bytes:
    subject = {"id": mark, "object": "checkout.session", "metadata": {"user_id": mark}}
    event = {
        "id": f"evt_{mark}",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": subject},
    }
    return packed(event | changes)


def check(mark: str, action: str = "check.completed") -> bytes:
    payload = {"resource_type": "check", "action": action, "object": {"id": mark}}
    return packed({"payload": payload})


def trade(mark: str, kind: str = "trade_updates") -> bytes:
    return packed({"type": kind, "data": {"event": "new", "order": {"id": mark}}})


def callback(mark: str) -> bytes:
    return packed({"Body": {"stkCallback": {"CheckoutRequestID": mark, "ResultCode": 0}}})


def forged(mark: str) -> Iterator[Attempt]:
    """Of every vendor: not signed, wrongly signed, signed for something else, or at no time."""
    event, checked, traded = stripe_event(mark), check(mark), trade(mark)
    whsec = "whsec_" + base64.b64encode(b"w" * 32).decode()
    rows: list[tuple[str, str, bytes, Mapping[str, str]]] = [
        ("unsigned", "stripe", event, JSON),
        ("wrong secret", "stripe", event, by_stripe(event, secret="whsec_other")),
        ("other body", "stripe", event, by_stripe(event + b" ")),
        ("stale", "stripe", event, by_stripe(event, ago=3600)),
        ("premature", "stripe", event, by_stripe(event, ago=-3600)),
        ("two times", "stripe", event, twice(by_stripe(event))),
        ("unsigned", "onfido", checked, JSON),
        ("wrong secret", "onfido", checked, by_onfido(checked, secret="other")),
        ("other body", "onfido", checked, by_onfido(checked + b" ")),
        ("unsigned", "broker", traded, JSON),
        ("wrong secret", "broker", traded, by_broker(traded, secret=whsec)),
        ("other body", "broker", traded, by_broker(traded + b" ")),
        ("stale", "broker", traded, by_broker(traded, ago=3600)),
        ("premature", "broker", traded, by_broker(traded, ago=-3600)),
        ("another vendor's", "stripe", event, by_onfido(event)),
        ("another vendor's", "broker", traded, by_stripe(traded)),
    ]
    for what, vendor, body, headers in rows:
        yield Attempt(f"{vendor} {what}", vendor, body, headers, 401, "BAD_SIGNATURE")
    for token in (mark, "0" * 96, "f" * 95):
        yield Attempt("daraja path", f"daraja/{token}", callback(mark), JSON, 404, "NOT_FOUND")
    yield Attempt("no path", "daraja", callback(mark), JSON, 404, "NOT_FOUND")
    yield Attempt("no vendor", f"v{mark}", event, by_stripe(event), 404, "NOT_FOUND")
    yield Attempt("a path too long", f"stripe/{mark}", event, by_stripe(event), 404, "NOT_FOUND")


def twice(headers: Mapping[str, str]) -> dict[str, str]:
    time_of, _, _ = headers["stripe-signature"].partition(",")
    return dict(headers) | {"stripe-signature": f"{time_of},{headers['stripe-signature']}"}


def malformed(mark: str, token: str) -> Iterator[Attempt]:
    """Signed by the vendor's own secret, and still nothing that the vendor sends."""
    paths: dict[str, Callable[[bytes], dict[str, str]]] = {
        "stripe": by_stripe,
        "onfido": by_onfido,
        "broker": by_broker,
        f"daraja/{token}": lambda _: dict(JSON),
    }
    samples = {
        "stripe": stripe_event(mark),
        "onfido": check(mark),
        "broker": trade(mark),
        f"daraja/{token}": callback(mark),
    }
    for path, sign in paths.items():
        sample = samples[path]
        for body in (
            b"null",
            b"[]",
            b"1",
            b'"s"',
            b"{}",
            b"[" * 20_000,
            b"\xef\xbb\xbf" + sample,
            sample[:-1] + b',"n":NaN}',
            sample[:-1] + b"," + sample[1:],
            packed({"detail-type": mark, "source": "aws.partner/x", "detail": {"id": mark}}),
        ):
            yield Attempt(f"{path[:7]} {body[:9]!r}", path, body, sign(body), 400, "MALFORMED")
        plain = sign(sample) | {"content-type": "text/plain"}
        yield Attempt(f"{path[:7]} text", path, sample, plain, 415, "NOT_JSON")
        zipped = sign(sample) | {"content-encoding": "gzip"}
        yield Attempt(f"{path[:7]} gzip", path, sample, zipped, 415, "NOT_JSON")
        huge = sample[:-1] + b',"n":"' + b"x" * HUGE + b'"}'
        yield Attempt(f"{path[:7]} huge", path, huge, sign(huge), 413, "TOO_LARGE")
    live = stripe_event(mark, livemode=True)
    yield Attempt("live money", "stripe", live, by_stripe(live), 400, "WRONG_MODE")


def unwanted(mark: str) -> Iterator[Attempt]:
    """What vendors do send, and nobody here asked for."""
    event, checked, traded = (
        stripe_event(mark, type="customer.created"),
        check(mark, "check.started"),
        trade(mark, "account_note"),
    )
    for vendor, body, headers in (
        ("stripe", event, by_stripe(event)),
        ("onfido", checked, by_onfido(checked)),
        ("broker", traded, by_broker(traded)),
    ):
        yield Attempt(f"{vendor} unwanted", vendor, body, headers, 200, None)
