"""Deliveries of several news at once, each signed for itself: Adyen's scheme.

The HMAC covers eight members of an item and nothing else: reference, original reference, account,
our own reference, amount, currency, event and success. They are joined by colons that are not
escaped, so the form of the others has to leave our own reference the only one with a colon in it:
then what was signed can be cut into members in one way only.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.receive_webhook.contents import Malformed, Shape, fits, is_text, one_of

ITEMS_MAX = 20
"""Adyen sends one; each is a message to a queue, within the time that the vendor waits."""
KEY_BYTES_MIN = 16

_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,80}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_KEY = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_AMOUNT_MAX = 10**15


@dataclass(frozen=True, slots=True)
class SignedItems:
    """Where the list lies in a delivery, what wraps each item, and the form of an item."""

    listed: str
    wrapped: str
    form: Shape

    def read(self, content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The items; Malformed when one of them has not the vendor's form."""
        listed = content.get(self.listed)
        if not isinstance(listed, list) or not 0 < len(listed) <= ITEMS_MAX:
            raise Malformed
        items = [one.get(self.wrapped) if isinstance(one, dict) else None for one in listed]
        formed = [item for item in items if isinstance(item, dict) and fits(self.form, item)]
        if len(formed) != len(items):
            raise Malformed
        return formed

    def proves(self, items: Iterable[Mapping[str, Any]], secrets: Iterable[str]) -> bool:
        """Whether each of the items was signed with one of the secrets."""
        keys = [key for secret in secrets if (key := _key_of(secret))]
        # Every item is looked at, so that the time tells nothing of the first forged one.
        proved = [_proves(item, keys) for item in items]
        return bool(proved) and all(proved)


def is_reference(value: Any) -> bool:
    """A reference of the vendor's own making, or the name of a report."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def is_currency(value: Any) -> bool:
    """Three capital letters."""
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None


def is_minor(value: Any) -> bool:
    """An amount in minor units."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _AMOUNT_MAX


def signed_text(item: Mapping[str, Any]) -> bytes | None:
    """What Adyen signs of an item; None where a member is of no form that Adyen sends."""
    amount = item.get("amount")
    money = amount if isinstance(amount, dict) else {}
    original = item.get("originalReference")
    if original not in (None, "") and not is_reference(original):
        return None
    value, currency = money.get("value"), money.get("currency")
    if not (value is None or is_minor(value)) or not (currency is None or is_currency(currency)):
        return None
    members = (
        item.get("pspReference"),
        original,
        item.get("merchantAccountCode"),
        item.get("merchantReference"),
        value,
        currency,
        item.get("eventCode"),
        item.get("success"),
    )
    texts = ["" if member is None else str(member) for member in members]
    return ":".join(texts).encode()


def _proves(item: Mapping[str, Any], keys: list[bytes]) -> bool:
    more = item.get("additionalData")
    given = more.get("hmacSignature") if isinstance(more, dict) else None
    text = signed_text(item)
    if text is None or not isinstance(given, str) or not _SIGNATURE.fullmatch(given):
        return False
    stated = base64.b64decode(given)
    made = [hmac.digest(key, text, hashlib.sha256) for key in keys]
    # Every key is tried, whichever of them fits.
    return sum(hmac.compare_digest(one, stated) for one in made) > 0


def _key_of(secret: str) -> bytes | None:
    key = bytes.fromhex(secret) if _KEY.fullmatch(secret) else b""
    return key if len(key) >= KEY_BYTES_MIN else None


def _is_ours(value: Any) -> bool:
    """Our own reference: any text, absent in news that are about no payment."""
    return value is None or (isinstance(value, str) and len(value) <= 200)


def _is_code(value: Any) -> bool:
    return is_text(value) and ":" not in value


ADYEN_ITEMS = SignedItems(
    listed="notificationItems",
    wrapped="NotificationRequestItem",
    form={
        "pspReference": is_reference,
        "merchantAccountCode": _is_code,
        "eventCode": _is_code,
        "success": one_of("true", "false"),
    },
)
MONEY: Shape = {
    "merchantReference": _is_ours,
    "amount": {"value": is_minor, "currency": is_currency},
}
"""What news about money have beside."""
