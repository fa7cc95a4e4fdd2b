"""What a verified webhook says about a deposit: whose it is, and a hint. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.kernel.ids import Kind, cell_of, is_id
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import named_by
from shared.payments.methods import Gateway
from shared.payments.ports import Outcome
from shared.payments.settlement import Hint

_RECEIPT = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_REFERENCE = re.compile(r"[\x21-\x7e]{1,120}", re.ASCII)
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Signal:
    """Look at this deposit now."""

    user_id: str
    deposit_id: str
    hint: Hint
    gateway: Gateway
    proved: Outcome | None = None
    """What the message itself proves by its signature, where the gateway cannot be asked."""


def stripe_signal(body: bytes, cell: str) -> Signal | None:
    """Of a Stripe event only the identifiers are used. None for what is not a deposit of this
    cell, such as another product's payment on the same Stripe account."""
    subject = _mapping(_mapping(_mapping(_parsed(body)).get("data")).get("object"))
    metadata = _mapping(subject.get("metadata"))
    user_id, deposit_id = str(metadata.get("user_id")), str(metadata.get("deposit_id"))
    if not (is_id(user_id, Kind.USER) and is_id(deposit_id, Kind.DEPOSIT)):
        return None
    if {cell_of(user_id), cell_of(deposit_id)} != {cell}:
        return None
    name = _text(subject.get("id"), _REFERENCE)
    session = subject.get("object") == "checkout.session"
    hint = Hint(name) if session else Hint(intent=name)
    return Signal(user_id, deposit_id, hint, Gateway.STRIPE)


def daraja_signal(body: bytes, token: str, cell: str) -> Signal:
    """The token says whose callback it is; what the callback says stays a hint."""
    named = named_by(cell, token)
    callback = _mapping(_mapping(_mapping(_parsed(body)).get("Body")).get("stkCallback"))
    reference = _text(callback.get("CheckoutRequestID"), _REFERENCE)
    if str(callback.get("ResultCode")) != "0":
        return Signal(named.user_id, named.deposit_id, Hint(reference), Gateway.MPESA)
    items = _mapping(callback.get("CallbackMetadata")).get("Item")
    values = {
        str(item.get("Name")): item.get("Value")
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    }
    hint = Hint(
        reference,
        paid=_shillings(values.get("Amount")),
        receipt=_text(values.get("MpesaReceiptNumber"), _RECEIPT),
    )
    return Signal(named.user_id, named.deposit_id, hint, Gateway.MPESA)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, form: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None


def _shillings(value: Any) -> Money | None:
    """An amount such as ``1000`` or ``1000.0``. One that makes no sense is not one: zero, so
    that it differs from every deposit and a person looks."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return Money(0, Currency.KES)
    amount = Decimal(value)
    if not amount.is_finite() or not 0 < amount < _LARGEST or amount != amount.quantize(Decimal(1)):
        return Money(0, Currency.KES)
    return Money(int(amount) * 100, Currency.KES)
