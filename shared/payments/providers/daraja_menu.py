"""Telling M-Pesa where to ask about, and to confirm, payments from the phone's menu (C2B)."""

import httpx

from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.daraja_client import DarajaClient, accepted, body_of
from shared.platform.observability import metric

REGISTER = "/mpesa/c2b/v2/registerurl"
VALIDATION, CONFIRMATION = "daraja-c2b-validation", "daraja-c2b-confirmation"


def register_urls(client: DarajaClient, webhook_base_url: str, token: str) -> None:
    """Register the two addresses of our paybill; ``token`` is the secret part of both. Where
    nobody answers M-Pesa in time it takes the payment: money whose owner cannot be found is kept
    in suspense, while a payer who is turned away may be one who typed everything right.

    In production M-Pesa takes this once, and changes it through its support only. Raises
    GatewayUnavailable when it was not taken.
    """
    base = webhook_base_url.rstrip("/")
    content = {
        "ShortCode": client.shortcode,
        "ResponseType": "Completed",
        "ConfirmationURL": f"{base}/{CONFIRMATION}/{token}",
        "ValidationURL": f"{base}/{VALIDATION}/{token}",
    }
    try:
        answer = client.post(REGISTER, content)
    except httpx.HTTPError as error:
        metric("GatewayFailed", gateway="MPESA", error=type(error).__name__)
        raise GatewayUnavailable() from None
    body = body_of(answer)
    if not accepted(answer, body):
        code = str(body.get("errorCode") or answer.status_code)
        metric("GatewayRefused", gateway="MPESA", code=code)
        raise GatewayUnavailable()
