"""Money in and out as lines of a statement: rates, fees and receipts, taken from API and books."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

GATEWAYS = {"STRIPE": "Stripe", "ADYEN": "Adyen", "MPESA": "M-Pesa"}


def deposit_line(deposit: Any, journal: list[Any]) -> dict[str, Any]:
    """What was paid in, through whom, at which rate, and what is the person's of it."""
    return {
        "way": "in",
        "paid": deposit["amount"],
        "through": GATEWAYS[deposit["gateway"]],
        "rate": _rate(deposit["quote"]),
        "moved": deposit["credited"],
        "gatewayFee": fee_of(journal, deposit["depositId"]),
        "reference": deposit["depositId"],
        "status": deposit["status"],
    }


def withdrawal_line(withdrawal: Any, journal: list[Any]) -> dict[str, Any]:
    """What left the account, at which rate, and what arrived under which receipt."""
    return {
        "way": "out",
        "paid": withdrawal["debited"],
        "through": "M-Pesa",
        "rate": _rate(withdrawal["quote"]),
        "moved": withdrawal["amount"],
        "gatewayFee": fee_of(journal, withdrawal["payoutId"]),
        "reference": withdrawal["receipt"],
        "status": withdrawal["status"],
    }


def fee_of(journal: list[Any], reference: str) -> dict[str, str] | None:
    """What a gateway kept of one movement, as it stands in the books; None while it has told of
    nothing."""
    charged = [
        leg
        for entry in journal
        if entry["reference"] == reference
        for leg in entry["postings"]
        if leg["account"].startswith("house:fees:")
    ]
    if not charged:
        return None
    total = sum((Decimal(leg["amount"]) for leg in charged), start=Decimal(0))
    return {"amount": format(total, "f"), "currency": charged[0]["asset"].partition("/")[0]}


def _rate(quote: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if quote is None:
        return None
    return {name: quote[name] for name in ("rate", "midRate", "spreadBasisPoints", "source")}
