"""What messages on the queue say: which dispute to ask about, and readings that wait. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.reasons import DisputeReason
from shared.kernel.clock import from_text, to_text
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway

_NAME = re.compile(r"(?:dp|du)_[A-Za-z0-9]{1,100}", re.ASCII)


def stripe_dispute(body: bytes) -> str | None:
    """Of a Stripe event the dispute's name; None when it names none."""
    try:
        event: Any = json.loads(body)
        name = event["data"]["object"]["id"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def packed(reading: Reading) -> dict[str, str]:
    """A reading as the subject of a check, for a gateway that cannot be asked again."""
    due = reading.evidence_due
    return {
        "gateway": reading.gateway.value,
        "reference": reading.reference,
        "payment": reading.payment,
        "currency": reading.amount.currency.value,
        "amount_minor": str(reading.amount.minor),
        "status": reading.status.value,
        "taken": "yes" if reading.taken else "",
        "fee_minor": str(reading.fee_minor),
        "reason": reading.reason.value,
        "step": str(reading.step),
        "evidence_due": "" if due is None else to_text(due),
    }


def unpacked(subject: Mapping[str, str]) -> Reading:
    """The reading again."""
    due = subject["evidence_due"]
    return Reading(
        gateway=Gateway(subject["gateway"]),
        reference=subject["reference"],
        payment=subject["payment"],
        amount=Money(int(subject["amount_minor"]), Currency(subject["currency"])),
        status=DisputeStatus(subject["status"]),
        taken=bool(subject["taken"]),
        fee_minor=int(subject["fee_minor"]),
        reason=DisputeReason(subject["reason"]),
        evidence_due=from_text(due) if due else None,
        step=int(subject.get("step", "0")),
    )
