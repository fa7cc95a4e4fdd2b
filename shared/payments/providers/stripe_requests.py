"""What Stripe is asked for, by method of payment. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.kernel.money import Currency
from shared.payments.methods import Method
from shared.payments.model import Deposit

TRANSFERS: Mapping[Currency, Mapping[str, Any]] = {
    Currency.USD: {"type": "us_bank_transfer"},
    Currency.EUR: {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "IE"}},
}
"""To which kind of account the payer sends money; an account anywhere in the euro area will do."""

_NAMES: Mapping[str, Mapping[str, str]] = {
    "aba": {
        "account_holder_name": "ACCOUNT_HOLDER",
        "bank_name": "BANK",
        "routing_number": "ROUTING_NUMBER",
        "account_number": "ACCOUNT_NUMBER",
        "account_type": "ACCOUNT_TYPE",
    },
    "swift": {"swift_code": "SWIFT"},
    "iban": {
        "account_holder_name": "ACCOUNT_HOLDER",
        "iban": "IBAN",
        "bic": "BIC",
        "country": "COUNTRY",
    },
}
"""What of an address is shown, and under which code."""


def metadata_of(deposit: Deposit) -> dict[str, str]:
    """By what every message of Stripe's names the deposit."""
    return {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}


def checkout(
    deposit: Deposit, *, success_url: str, cancel_url: str, customer: str | None
) -> dict[str, Any]:
    """A page for a card or a debit. With a ``customer`` the card is kept for later charges."""
    price = {
        "currency": deposit.amount.currency.value.lower(),
        "unit_amount": deposit.amount.minor,
        "product_data": {"name": "Deposit"},
    }
    intent: dict[str, Any] = {"metadata": metadata_of(deposit)}
    params: dict[str, Any] = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": deposit.deposit_id,
        "metadata": metadata_of(deposit),
        "payment_intent_data": intent,
        "success_url": success_url.format(deposit_id=deposit.deposit_id),
        "cancel_url": cancel_url.format(deposit_id=deposit.deposit_id),
        "expires_at": int(deposit.lapses_at.timestamp()),
    }
    if deposit.method is Method.BANK_DEBIT:
        params["payment_method_types"] = ["us_bank_account"]
        # Sign-in at the bank only: small test deposits would outlive the page.
        params["payment_method_options"] = {"us_bank_account": {"verification_method": "instant"}}
    if customer is not None:
        params["customer"] = customer
        intent["setup_future_usage"] = "off_session"
    return params


def bank_transfer(deposit: Deposit, customer: str) -> dict[str, Any]:
    """A payment that the person sends from their bank to an account of Stripe's."""
    return {
        "amount": deposit.amount.minor,
        "currency": deposit.amount.currency.value.lower(),
        "customer": customer,
        "payment_method_types": ["customer_balance"],
        "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": {
            "customer_balance": {
                "funding_type": "bank_transfer",
                "bank_transfer": TRANSFERS[deposit.amount.currency],
            }
        },
        "confirm": True,
        "metadata": metadata_of(deposit),
    }


def saved_card(deposit: Deposit, customer: str, payment_method: str) -> dict[str, Any]:
    """A charge of a card that was kept, while its owner is away."""
    return {
        "amount": deposit.amount.minor,
        "currency": deposit.amount.currency.value.lower(),
        "customer": customer,
        "payment_method": payment_method,
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "metadata": metadata_of(deposit),
    }


def instructions_of(intent: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Where to send a bank transfer: stable codes and texts, the reference last. Empty when there
    is nothing left to send."""
    told = (intent.get("next_action") or {}).get("display_bank_transfer_instructions") or {}
    found: dict[str, str] = {}
    for address in told.get("financial_addresses") or ():
        kind = address.get("type")
        details = address.get(kind) or {}
        for member, name in _NAMES.get(kind, {}).items():
            if isinstance(details.get(member), str):
                found.setdefault(name, details[member])
    if isinstance(told.get("reference"), str):
        found["REFERENCE"] = told["reference"]
    return tuple(found.items())
