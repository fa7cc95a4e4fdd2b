"""Which vendors may call, how each proves itself, and what of its news is wanted."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.receive_webhook.settings import Settings
from shared.payments.callbacks import path_key, read_token
from shared.payments.providers.stripe_signature import is_signed
from shared.platform.secrets import Secrets

STRIPE_EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
    }
)
ONFIDO_EVENTS = frozenset({"check.completed", "check.withdrawn", "check.reopened"})
BROKER_EVENTS = frozenset({"trade_updates", "journal_status", "account_status"})
STANDARD_WEBHOOK_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came in; header names in lower case."""

    vendor: str
    token: str | None
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """The request is not what it should be: HTTP status and a code, nothing else."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Vendor:
    """``prove`` raises Refused or answers whether the news is wanted."""

    queue_url: str
    prove: Callable[[Delivery], bool]
    answer: Mapping[str, Any]
    has_token: bool = False


def vendors(settings: Settings, secrets: Secrets) -> Mapping[str, Vendor]:
    """All vendors by the name in the path."""
    received = {"received": True}

    def stripe(delivery: Delivery) -> bool:
        header = delivery.headers.get("stripe-signature", "")
        known: Sequence[str] = secrets.get(settings.stripe_secret)["webhook_secrets"]
        if not is_signed(delivery.body, header, known):
            raise Refused(401, "BAD_SIGNATURE")
        return _word(json_object(delivery.body), "type") in STRIPE_EVENTS

    def daraja(delivery: Delivery) -> bool:
        key = path_key(secrets.get(settings.webhook_path_secret))
        # Who does not know the path is told that there is none.
        if read_token(key, settings.cell, delivery.token or "") is None:
            raise Refused(404, "NOT_FOUND")
        json_object(delivery.body)
        return True

    def onfido(delivery: Delivery) -> bool:
        token = str(secrets.get(settings.onfido_secret)["webhook_token"])
        if not token:
            # Not set up yet: with an empty key everybody could sign.
            raise Refused(401, "BAD_SIGNATURE")
        expected = hmac.new(token.encode(), delivery.body, hashlib.sha256).hexdigest()
        given = delivery.headers.get("x-sha2-signature", "")
        if not hmac.compare_digest(expected.encode(), given.strip().lower().encode()):
            raise Refused(401, "BAD_SIGNATURE")
        payload = json_object(delivery.body).get("payload")
        return isinstance(payload, dict) and _word(payload, "action") in ONFIDO_EVENTS

    def broker(delivery: Delivery) -> bool:
        known: Sequence[str] = secrets.get(settings.broker_secret)["webhook_secrets"]
        if not any(secret and _is_standard(delivery, secret) for secret in known):
            raise Refused(401, "BAD_SIGNATURE")
        return _word(json_object(delivery.body), "type") in BROKER_EVENTS

    return {
        "stripe": Vendor(settings.payment_signals_queue, stripe, received),
        "daraja": Vendor(
            settings.payment_signals_queue,
            daraja,
            {"ResultCode": 0, "ResultDesc": "Accepted"},
            has_token=True,
        ),
        "onfido": Vendor(settings.identity_queue, onfido, received),
        "broker": Vendor(settings.broker_events_queue, broker, received),
    }


def _is_standard(delivery: Delivery, secret: str) -> bool:
    from standardwebhooks import Webhook, WebhookVerificationError

    headers = {name: delivery.headers.get(name, "") for name in STANDARD_WEBHOOK_HEADERS}
    try:
        Webhook(secret).verify(delivery.body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # The library raises ValueError for signatures and bodies that are not even text.
        return False
    return True


def _word(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def json_object(body: bytes) -> Mapping[str, Any]:
    """The body as a JSON object, or a refusal."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "MALFORMED") from None
    if not isinstance(content, dict):
        raise Refused(400, "MALFORMED")
    return content
