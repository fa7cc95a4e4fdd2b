"""The event log and its signed delivery to the webhook endpoint."""

import hashlib
import hmac
import json
from collections.abc import Callable

from sandbox.context import Sandbox
from sandbox.stripe import objects
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.ledger import Origin
from sandbox.stripe.objects import Json

VENDOR = "stripe"
MAX_PAGE = 100
DEFAULT_PAGE = 10
OLD_SECRET = "whsec_the_secret_before_this_one"
WRONG_SECRET = "whsec_not_the_secret_of_this_endpoint"


def signature(secrets: list[str], timestamp: int, body: bytes) -> str:
    """`Stripe-Signature`: HMAC-SHA256 over `<timestamp>.<raw body>` in hex, scheme v1, once for
    each secret (there are two while a secret is rolled)."""
    signed = f"{timestamp}.".encode() + body
    digests = (hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets)
    return ",".join([f"t={timestamp}", *(f"v1={digest}" for digest in digests)])


class Events:
    """All events in the order in which they happened."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._log: list[Json] = []

    def publish(self, event_type: str, subject: Json, origin: Origin) -> None:
        """Logs an event and sends it, if an endpoint is set."""
        now = int(self._sandbox.now().timestamp())
        event = objects.event(event_type, subject, now, origin.request_id, origin.idempotency_key)
        self._log.append(event)
        url = self._sandbox.config.stripe_webhook_url
        if url is not None:
            event["pending_webhooks"] = 1
            self._sandbox.background.spawn(self._deliver(url, event))

    def clear(self) -> None:
        """Forgets every event."""
        self._log.clear()

    def get(self, event_id: str) -> Json:
        """One event.

        Raises:
            StripeError: 404.
        """
        for event in self._log:
            if event["id"] == event_id:
                return event
        raise no_such("event", event_id)

    def page(self, params: Json) -> Json:
        """`GET /v1/events`: newest first, by `type` or `types[]`, `created[gte]` and so on.

        Raises:
            StripeError: 400, a parameter does not fit.
        """
        known = {"created", "ending_before", "limit", "starting_after", "type", "types"}
        for name in params.keys() - known:
            raise StripeError(
                400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
        limit = _whole(params.get("limit", str(DEFAULT_PAGE)), "limit")
        if not 1 <= limit <= MAX_PAGE:
            raise StripeError(400, "Limit must be between 1 and 100.", param="limit")
        found = [event for event in reversed(self._log) if _fits(event, params)]
        if "ending_before" in params:
            border = self._log.index(self.get(params["ending_before"]))
            newer = found[: sum(_fits(event, params) for event in self._log[border + 1 :])]
            return _list(newer[-limit:], has_more=len(newer) > limit)
        if "starting_after" in params:
            border = self._log.index(self.get(params["starting_after"]))
            found = [event for event in reversed(self._log[:border]) if _fits(event, params)]
        return _list(found[:limit], has_more=len(found) > limit)

    async def _deliver(self, url: str, event: Json) -> None:
        body = json.dumps(event, indent=2).encode()
        skewed = self._sandbox.faults.take(VENDOR, "webhook", "skewed")
        skew = int(skewed.get("by", 3600)) if skewed is not None else 0
        rolling = self._sandbox.faults.take(VENDOR, "webhook", "rolled") is not None

        def signed_with(secret: str) -> dict[str, str]:
            timestamp = int(self._sandbox.now().timestamp()) + skew
            value = signature([OLD_SECRET, secret] if rolling else [secret], timestamp, body)
            return {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Stripe-Signature": value,
            }

        await self._sandbox.outbound.deliver(
            vendor=VENDOR,
            url=url,
            body=body,
            headers=lambda: signed_with(self._sandbox.config.stripe_webhook_secret),
            forged=lambda: signed_with(WRONG_SECRET),
            event_type=event["type"],
        )


def _list(data: list[Json], *, has_more: bool) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": "/v1/events"}


def _fits(event: Json, params: Json) -> bool:
    wanted = params.get("types", [params["type"]] if "type" in params else None)
    if wanted is not None and not isinstance(wanted, list):
        raise StripeError(400, "Invalid array", code="parameter_invalid", param="types")
    if wanted is not None and event["type"] not in wanted:
        return False
    created = params.get("created", {})
    if not isinstance(created, dict):
        return bool(event["created"] == _whole(created, "created"))
    checks: dict[str, Callable[[int], bool]] = {
        "gt": lambda bound: event["created"] > bound,
        "gte": lambda bound: event["created"] >= bound,
        "lt": lambda bound: event["created"] < bound,
        "lte": lambda bound: event["created"] <= bound,
    }
    for name, text in created.items():
        if name not in checks:
            raise StripeError(400, f"Received unknown parameter: created[{name}]")
        if not checks[name](_whole(text, f"created[{name}]")):
            return False
    return True


def _whole(text: object, param: str) -> int:
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20):
        raise StripeError(400, f"Invalid integer: {text}", code="parameter_invalid", param=param)
    return int(text)
