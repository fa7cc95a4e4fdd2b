"""What M-Pesa tells of a payment that somebody made from their phone's menu. Pure.

Nothing of it is signed: amounts and owners are what a message claims until M-Pesa has been asked.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.money import Currency, Money
from shared.payments.paybill_accounts import read_account_number

_RECEIPT = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_CODE_LIKE = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,12}", re.ASCII)
_LARGEST = Decimal(10) ** 12
_TIME = "%Y%m%d%H%M%S %z"


@dataclass(frozen=True, slots=True)
class PaybillNotice:
    """A payment that is to be made (``receipt`` may then be None) or was made. ``amount`` is
    None when it makes no sense, ``account`` is the text that the payer typed."""

    receipt: str | None
    amount: Money | None
    shortcode: str
    account: str
    paid_at: datetime | None = None

    @property
    def shown_account(self) -> str:
        """What of the typed text may be kept: something that looks like a mistyped account
        number. People also type their names and phone numbers, which are kept nowhere."""
        typed = self.account.replace(" ", "")
        if read_account_number(typed) or _CODE_LIKE.fullmatch(typed):
            return typed.upper()
        return ""


def read_notice(body: bytes) -> PaybillNotice | None:
    """The notice in a message; None for what is none."""
    try:
        content = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return notice_of(content) if isinstance(content, dict) else None


def notice_of(content: Mapping[str, Any]) -> PaybillNotice:
    """The notice in a message that was read."""
    receipt = content.get("TransID")
    known = isinstance(receipt, str) and _RECEIPT.fullmatch(receipt)
    return PaybillNotice(
        receipt=str(receipt) if known else None,
        amount=_amount(content.get("TransAmount")),
        shortcode=str(content.get("BusinessShortCode", "")),
        account=str(content.get("BillRefNumber") or ""),
        paid_at=_moment(content.get("TransTime")),
    )


def _amount(value: object) -> Money | None:
    """Of ``"5.00"``, or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value) * 100
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 < amount < _LARGEST or amount != amount.to_integral_value():
        return None
    return Money(int(amount), Currency.KES)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.strptime(f"{value} +0300", _TIME).astimezone(UTC)
    except ValueError:
        return None
