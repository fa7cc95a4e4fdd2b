"""What all objects of the Stripe API share, and the event that carries one."""

import secrets
import string
from typing import Any

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """`pi_3Q…`: a prefix and random letters."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def event(
    event_type: str, subject: Json, now: int, request_id: str | None, key: str | None
) -> Json:
    """The envelope of an event about `subject`, which must be a copy."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": request_id, "idempotency_key": key},
        "type": event_type,
    }
