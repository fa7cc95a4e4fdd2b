"""The rules of the STK push fields."""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.config import SandboxConfig
from sandbox.daraja.errors import SYSTEM_ERROR, DarajaError, bad_field
from sandbox.loopback import NotLoopback, require_loopback

PHONE = re.compile(r"254[17]\d{8}", re.ASCII)
TIMESTAMP = re.compile(r"\d{14}", re.ASCII)
PAY_BILL = "CustomerPayBillOnline"
BUY_GOODS = "CustomerBuyGoodsOnline"
MAX_REFERENCE = 12
MAX_DIGITS = 20
FORBIDDEN_WORDS = ("mpesa", "safaricom", "exe", "cmd", "sql", "query", "ngrok")
# The address of an API on an emulated AWS; in production a domain name stands there.
EMULATOR_PREFIX = re.compile(r"^/_aws/execute-api/[^/]+")


@dataclass(frozen=True, slots=True)
class Push:
    """A push request that keeps every rule; `amount` in whole shillings."""

    transaction_type: str
    amount: int
    phone: str
    party_b: str
    callback_url: str
    account_reference: str
    description: str


def checked_push(body: Mapping[str, Any], config: SandboxConfig) -> Push:
    """The push that was asked for.

    Raises:
        DarajaError: 400.002.02 naming the first field that breaks a rule, or 500.001.1001 for a
            wrong shortcode or password.
    """
    check_password(body, config)
    transaction_type = text(body, "TransactionType")
    if transaction_type not in {PAY_BILL, BUY_GOODS}:
        raise bad_field("TransactionType")
    amount = digits(body, "Amount")
    if not 1 <= int(amount) < 10**12:
        raise bad_field("Amount")
    for field in ("PartyA", "PhoneNumber"):
        if not PHONE.fullmatch(digits(body, field)):
            raise bad_field(field)
    party_b = digits(body, "PartyB")
    if transaction_type == PAY_BILL and party_b != config.daraja_shortcode:
        raise bad_field("PartyB")
    reference = text(body, "AccountReference")
    if not 1 <= len(reference) <= MAX_REFERENCE:
        raise bad_field("AccountReference")
    description = text(body, "TransactionDesc")
    if not description:
        # Safaricom names this field by its name in another interface.
        raise bad_field("Remarks")
    return Push(
        transaction_type=transaction_type,
        amount=int(amount),
        phone=digits(body, "PhoneNumber"),
        party_b=party_b,
        callback_url=address(body, "CallBackURL"),
        account_reference=reference,
        description=description,
    )


def check_password(body: Mapping[str, Any], config: SandboxConfig) -> None:
    """Lets pass what base64(shortcode + passkey + Timestamp) signs.

    Raises:
        DarajaError: see `checked_push`.
    """
    shortcode = digits(body, "BusinessShortCode")
    timestamp = text(body, "Timestamp")
    if not TIMESTAMP.fullmatch(timestamp):
        raise bad_field("Timestamp")
    try:
        datetime.strptime(timestamp + "+0300", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise bad_field("Timestamp") from error
    password = text(body, "Password")
    if shortcode != config.daraja_shortcode:
        raise DarajaError(500, SYSTEM_ERROR, "Merchant does not exist")
    expected = base64.b64encode(f"{shortcode}{config.daraja_passkey}{timestamp}".encode())
    if not hmac.compare_digest(password.encode(), expected):
        raise DarajaError(500, SYSTEM_ERROR, "Wrong credentials")


def address(body: Mapping[str, Any], field: str) -> str:
    """A URL that Safaricom would call.

    Raises:
        DarajaError: 400.002.02 naming the field.
    """
    url = text(body, field)
    try:
        parts = urlsplit(require_loopback(url))
    except NotLoopback as error:
        raise bad_field(field) from error
    public = f"{parts.netloc}{EMULATOR_PREFIX.sub('', parts.path)}?{parts.query}"
    if any(word in public.lower() for word in FORBIDDEN_WORDS):
        raise bad_field(field)
    return url


def text(body: Mapping[str, Any], field: str) -> str:
    """A text that can be told again.

    Raises:
        DarajaError: 400.002.02 naming the field.
    """
    value = body.get(field)
    if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
        raise bad_field(field)
    return value


def digits(body: Mapping[str, Any], field: str) -> str:
    """A number that may be sent as JSON number or as text.

    Raises:
        DarajaError: 400.002.02 naming the field.
    """
    value = body.get(field)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise bad_field(field)
    return text
