"""The event log and its signed delivery to the webhook endpoint."""

import hashlib
import hmac
import json

from sandbox.context import Sandbox
from sandbox.stripe import objects
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.lists import check_names, created_within, page
from sandbox.stripe.objects import Json
from sandbox.stripe.state import PLATFORM, Origin

VENDOR = "stripe"
OLD_SECRET = "whsec_the_secret_before_this_one"
OTHER_ACCOUNT = "acct_of_somebody_else"
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

    def publish(self, event_type: str, subject: Json, origin: Origin, account: str) -> None:
        """Logs an event and sends it, if an endpoint is set; of a connected account it names that
        account."""
        now = int(self._sandbox.now().timestamp())
        event = objects.event(event_type, subject, now, origin.request_id, origin.idempotency_key)
        if account != PLATFORM:
            event["account"] = account
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
        check_names(params, "created", "type", "types")
        wanted = params.get("types", [params["type"]] if "type" in params else None)
        if wanted is not None and not isinstance(wanted, list):
            raise StripeError(400, "Invalid array", code="parameter_invalid", param="types")

        def fits(event: Json) -> bool:
            named = wanted is None or event["type"] in wanted
            return named and "account" not in event and created_within(event, params)

        return page(self._log, params, "/v1/events", "event", fits)

    def _odd(self, event_type: str) -> Json:
        """What a wrong sender would have in an event: live money, or another account."""

        def ordered(kind: str) -> bool:
            faults = self._sandbox.faults
            return any(
                faults.take(VENDOR, name, kind) is not None for name in (event_type, "webhook")
            )

        odd: Json = {}
        if ordered("livemode"):
            odd["livemode"] = True
        if ordered("wrong_account"):
            odd["account"] = OTHER_ACCOUNT
        return odd

    async def _deliver(self, url: str, event: Json) -> None:
        body = json.dumps(event | self._odd(event["type"]), indent=2).encode()
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
