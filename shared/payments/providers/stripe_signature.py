"""Stripe's webhook signature, checked by the official library and bounded in both directions."""

from collections.abc import Sequence
from datetime import UTC, datetime

TOLERANCE_SECONDS = 300
FUTURE_SECONDS = 60
"""The library refuses old signatures only; one from the future would stay good for longer."""


def is_signed(body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the endpoint's secrets signed these exact bytes just now.

    Several secrets are good at once while one is being rolled.
    """
    from stripe import SignatureVerificationError, WebhookSignature

    if not header.isascii():
        return False
    for secret in secrets:
        try:
            WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        except (SignatureVerificationError, UnicodeDecodeError):
            continue
        signed_at, _ = WebhookSignature._get_timestamp_and_signatures(header, "v1")
        return int(signed_at) <= datetime.now(UTC).timestamp() + FUTURE_SECONDS
    return False
