"""How each vendor signs what it sends, by the rules of its documentation."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook
from stripe import WebhookSignature

from tests.conftest import NOW

OLD, NEW = "whsec_old", "whsec_new"
BROKER_OLD, BROKER = (
    "whsec_" + base64.b64encode(text).decode()
    for text in (b"the-broker-secret-before-this-on", b"baobab-sandbox-broker-webhook-se")
)
ADYEN_OLD, ADYEN = "a0" * 32, "0F" * 32


def mac_of(item: Mapping[str, Any], key: str = ADYEN) -> str:
    """Adyen's signature of an item, by the rule of its documentation."""
    amount = item.get("amount")
    money = amount if isinstance(amount, dict) else {}
    members = [
        *(item.get(name) for name in ("pspReference", "originalReference")),
        *(item.get(name) for name in ("merchantAccountCode", "merchantReference")),
        *(money.get(name) for name in ("value", "currency")),
        *(item.get(name) for name in ("eventCode", "success")),
    ]
    text = ":".join("" if member is None else str(member) for member in members)
    made = hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def stripe_header(body: bytes, secret: str = NEW, at: datetime = NOW) -> dict[str, str]:
    text = body.decode("utf-8", "surrogateescape")
    if body == text.encode("utf-8", "replace"):
        made = WebhookSignature.generate_signature_header(text, secret, int(at.timestamp()))
        return {"stripe-signature": made}
    return {"stripe-signature": f"t={int(at.timestamp())},v1={stripe_mac(body, secret, at)}"}


def stripe_mac(body: bytes, secret: str = NEW, at: datetime = NOW) -> str:
    signed = f"{int(at.timestamp())}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def onfido_header(body: bytes, token: str = "onfido-token", at: datetime = NOW) -> dict[str, str]:
    return {"x-sha2-signature": hmac.new(token.encode(), body, hashlib.sha256).hexdigest()}


def broker_headers(body: bytes, secret: str = BROKER, at: datetime = NOW) -> dict[str, str]:
    signed = f"msg_1.{int(at.timestamp())}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signature = f"v1,{digest}"
    if key and body.isascii():
        assert signature == Webhook(secret).sign("msg_1", at, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
