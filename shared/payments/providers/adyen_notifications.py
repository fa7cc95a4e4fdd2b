"""What Adyen's notifications prove about payments. Pure.

Of an item only what its signature covers is believed: pspReference, originalReference,
merchantReference, amount, eventCode and success. The rest is for people to read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.ports import Paid
from shared.payments.providers.adyen_references import named_in
from shared.payments.settlement import Hint
from shared.payments.signals import Signal
from shared.platform.observability import metric


class ChargebackStage(StrEnum):
    """How far a bank has gone."""

    ANNOUNCED = "ANNOUNCED"
    """The bank asks, or says that it will take the money; none has moved."""
    TAKEN = "TAKEN"
    """The money has left our balance, or never came into it."""
    RETURNED = "RETURNED"
    """It is back in our balance."""


STAGES: Mapping[str, ChargebackStage] = {
    "NOTIFICATION_OF_CHARGEBACK": ChargebackStage.ANNOUNCED,
    "CHARGEBACK": ChargebackStage.TAKEN,
    "SECOND_CHARGEBACK": ChargebackStage.TAKEN,
    "CAPTURE_FAILED": ChargebackStage.TAKEN,
    "CHARGEBACK_REVERSED": ChargebackStage.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Chargeback:
    """A signed fact about money that a bank takes back; ``code`` and ``evidence_due`` are not
    signed and decide nothing."""

    user_id: str
    deposit_id: str
    reference: str
    """Adyen's name of the dispute."""
    payment: str | None
    """Adyen's name of the payment, where the notification gives it."""
    amount: Money
    stage: ChargebackStage
    final: bool
    """Nothing can be said against it any more."""
    code: str = ""
    """The card scheme's code of the reason, such as ``10.4``."""
    evidence_due: datetime | None = None


def item_of(body: bytes) -> Mapping[str, Any]:
    """The item of a message that was kept; empty when it is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def amount_of(item: Mapping[str, Any]) -> Money:
    """The signed amount. A currency that we do not keep cannot be any payment's of ours: then it
    is nothing, so that it differs from everything and a person looks."""
    given = item.get("amount")
    money: Mapping[str, Any] = given if isinstance(given, dict) else {}
    try:
        return Money(int(money["value"]), Currency(money["currency"]))
    except (TypeError, KeyError, ValueError):
        metric("PaymentInForeignCurrency", gateway="ADYEN")
        return Money.zero(Currency.USD)


def adyen_signals(body: bytes, cell: str) -> list[Signal]:
    """Whose deposit an AUTHORISATION is about, and that it was paid; empty for what is no deposit
    of this cell.

    A refused card proves nothing: the link stays open and the payer may try another one, so that
    the deposit is looked at as it is for any other hint.
    """
    item = item_of(body)
    named = named_in(item.get("merchantReference"), Kind.DEPOSIT, cell)
    if named is None or item.get("eventCode") != "AUTHORISATION":
        return []
    paid = item.get("success") == "true"
    proved = Paid(str(item["pspReference"]), amount_of(item)) if paid else None
    return [Signal(*named, Hint(), Gateway.ADYEN, proved)]


def adyen_chargeback(body: bytes, cell: str) -> Chargeback | None:
    """What a bank did to a deposit's payment; None for what is no deposit of this cell."""
    item = item_of(body)
    named = named_in(item.get("merchantReference"), Kind.DEPOSIT, cell)
    event = str(item.get("eventCode"))
    stage = STAGES.get(event)
    if named is None or stage is None:
        return None
    more = item.get("additionalData")
    told: Mapping[str, Any] = more if isinstance(more, dict) else {}
    original = item.get("originalReference")
    return Chargeback(
        user_id=named[0],
        deposit_id=named[1],
        reference=str(item["pspReference"]),
        payment=original if isinstance(original, str) and original else None,
        amount=amount_of(item),
        stage=stage,
        final=event in ("SECOND_CHARGEBACK", "CAPTURE_FAILED"),
        code=str(told.get("chargebackReasonCode") or "").strip()[:20],
        evidence_due=_moment(told.get("defensePeriodEndsAt")),
    )


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)
