"""What M-Pesa answers later, by message: ``{"Result": …}`` as it comes, in all its shapes. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.money import Currency, Money
from shared.payments.providers.daraja_client import NAIROBI

_CODE = re.compile(r"[A-Za-z0-9_.]{1,24}", re.ASCII)
_NAME = re.compile(r"[\x21-\x7e]{1,120}", re.ASCII)
_RECEIPT = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_LARGEST = Decimal(10) ** 12
_TIMES = ("%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S")


@dataclass(frozen=True, slots=True)
class Result:
    """One message. ``code`` is text whatever it came as; names that make no sense are None;
    ``values`` are the parameters by key, without those that have no value."""

    code: str
    originator: str | None = None
    conversation: str | None = None
    transaction: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, *keys: str) -> str | None:
        """The first of these parameters that is a text or a number."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
                text = str(value).strip()
                if text:
                    return text
        return None

    def receipt(self, *keys: str) -> str | None:
        """The first of these parameters, if it has the form of a receipt number."""
        text = self.text(*keys)
        return text if text is not None and _RECEIPT.fullmatch(text) else None

    def money(self, *keys: str) -> Money | None:
        """Shillings; None for what is no amount."""
        return shillings(self.text(*keys))

    def moment(self, *keys: str) -> datetime | None:
        """An instant, told in East Africa Time in one of the two forms that are seen."""
        text = self.text(*keys)
        for form in _TIMES if text else ():
            try:
                local = datetime.strptime(f"{text} +0300", f"{form} %z")
            except ValueError:
                continue
            return local.replace(tzinfo=NAIROBI).astimezone(UTC)
        return None


def read_result(body: bytes) -> Result | None:
    """The message, or None for what is none of the kind."""
    try:
        content = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    inner = content.get("Result") if isinstance(content, dict) else None
    if not isinstance(inner, dict):
        return None
    code = inner.get("ResultCode")
    if isinstance(code, bool) or not isinstance(code, str | int):
        return None
    if not _CODE.fullmatch(str(code)):
        return None
    return Result(
        code=str(code),
        originator=_named(inner.get("OriginatorConversationID")),
        conversation=_named(inner.get("ConversationID")),
        transaction=_receipt(inner.get("TransactionID")),
        values=_values(inner.get("ResultParameters")),
    )


def shillings(text: object) -> Money | None:
    """An amount such as ``190``, ``190.00`` or ``190.5``; None for what is none."""
    try:
        amount = Decimal(str(text).strip()) if isinstance(text, str | int | Decimal) else None
    except InvalidOperation:
        return None
    if amount is None or not amount.is_finite() or not 0 <= amount < _LARGEST:
        return None
    minor = amount * 100
    return Money(int(minor), Currency.KES) if minor == minor.to_integral_value() else None


def _values(parameters: object) -> dict[str, Any]:
    """One parameter comes as an object now and then, several as a list; one may lack its value."""
    inner = parameters.get("ResultParameter") if isinstance(parameters, dict) else None
    listed = inner if isinstance(inner, list) else [inner]
    return {
        one["Key"]: one["Value"]
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("Key"), str) and "Value" in one
    }


def _named(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _receipt(value: object) -> str | None:
    return value if isinstance(value, str) and _RECEIPT.fullmatch(value) else None


def party(text: str | None) -> tuple[str, str]:
    """Number and name out of ``254708374149 - John Doe``; empty where they are not told."""
    number, _, name = (text or "").partition(" - ")
    return (number.strip(), name.strip()) if number.strip().isdigit() else ("", number.strip())
