"""What Stripe's objects say about a deposit: the only place where its words become ours. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.kernel.money import Currency, Money
from shared.payments.model import Deposit
from shared.payments.ports import (
    Failed,
    Lapsed,
    NoAnswer,
    Outcome,
    Paid,
    Processing,
    Waiting,
)
from shared.payments.reasons import Reason
from shared.platform.observability import metric

type Facts = Mapping[str, Any]
"""An object of Stripe's as plain values."""


def outcome_of_session(session: Facts, deposit: Deposit) -> Outcome:
    """Of a Checkout Session with its expanded PaymentIntent. One that does not name the deposit
    twice says nothing about it."""
    if not _names(session, deposit) or session.get("client_reference_id") != deposit.deposit_id:
        metric("SessionOfAnotherDeposit")
        return NoAnswer()
    if session["status"] == "expired":
        return Lapsed()
    if session["status"] != "complete":
        return Waiting()
    intent = session.get("payment_intent")
    if not isinstance(intent, dict):
        return NoAnswer()
    if intent["status"] in ("canceled", "requires_payment_method"):
        # The page is closed: what failed after it is final.
        return Failed(reason_of(intent.get("last_payment_error")))
    if intent["status"] == "processing":
        return Processing()
    if intent["status"] != "succeeded" or session["payment_status"] != "paid":
        return Waiting()
    return _paid(intent)


def outcome_of_intent(intent: Facts, deposit: Deposit) -> Outcome:
    """Of a PaymentIntent that has no page: a bank transfer, or a charge of a saved card."""
    if not _names(intent, deposit):
        metric("SessionOfAnotherDeposit")
        return NoAnswer()
    match intent["status"]:
        case "succeeded":
            return _paid(intent)
        case "processing":
            return Processing()
        case "canceled":
            return Lapsed()
        case "requires_payment_method":
            return Failed(reason_of(intent.get("last_payment_error")))
        case _:
            return Waiting()


def partly_funded(intent: Facts) -> bool:
    """Whether some of a bank transfer has come, and not all of it."""
    told = (intent.get("next_action") or {}).get("display_bank_transfer_instructions") or {}
    remaining = told.get("amount_remaining")
    some = isinstance(remaining, int) and remaining < int(intent["amount"])
    return intent["status"] == "requires_action" and (some or int(intent["amount_received"]) > 0)


def reason_of(error: Any) -> Reason:
    """Of a ``last_payment_error``, or of the code of an error."""
    said = error if isinstance(error, dict) else {}
    if "insufficient_funds" in (said.get("decline_code"), said.get("code")):
        return Reason.INSUFFICIENT_FUNDS
    return Reason.DECLINED


def refusal_of(code: str | None, decline_code: str | None = None) -> Reason:
    """Of a request that Stripe did not take."""
    if code in ("amount_too_small", "amount_too_large"):
        return Reason.LIMIT_EXCEEDED
    if "insufficient_funds" in (code, decline_code):
        return Reason.INSUFFICIENT_FUNDS
    if code in ("card_declined", "authentication_required", "expired_card"):
        return Reason.DECLINED
    return Reason.GATEWAY_REFUSED


def money_of(minor: Any, currency: Any) -> Money:
    """An amount of Stripe's. A currency that we do not keep cannot be any deposit's: then it is
    nothing, so that it differs from every deposit and a person looks."""
    try:
        return Money(int(minor), Currency(str(currency).upper()))
    except ValueError:
        metric("PaymentInForeignCurrency", gateway="STRIPE")
        return Money.zero(Currency.USD)


def fee_of(balance: Any, currency: str) -> int | None:
    """The fee of a balance transaction, in the payment's currency; None where Stripe settles in
    another one, or has not settled yet."""
    if not isinstance(balance, dict):
        return None
    if balance["currency"] != currency:
        metric("FeeInForeignCurrency", gateway="STRIPE")
        return None
    return int(balance["fee"])


def _names(subject: Facts, deposit: Deposit) -> bool:
    metadata = subject.get("metadata") or {}
    return bool(metadata.get("deposit_id") == deposit.deposit_id)


def _paid(intent: Facts) -> Paid:
    charge = intent.get("latest_charge")
    balance = charge.get("balance_transaction") if isinstance(charge, dict) else None
    amount = money_of(intent["amount_received"], intent["currency"])
    return Paid(intent["id"], amount, fee_of(balance, intent["currency"]))
