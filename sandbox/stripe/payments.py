"""The objects of a payment: intent, method and charge."""

from sandbox.stripe.cards import Behaviour, TestCard
from sandbox.stripe.objects import Json, new_id

# Fields that every object of the kind has and that the sandbox never fills.
UNUSED_OF_INTENT = (
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "customer",
    "on_behalf_of",
    "processing",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "transfer_data",
    "transfer_group",
)
UNUSED_OF_CHARGE = (
    "application",
    "application_fee",
    "application_fee_amount",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "transfer_data",
    "transfer_group",
)


def payment_intent(
    amount: int, currency: str, types: list[str], metadata: dict[str, str], now: int, **more: object
) -> Json:
    """An intent that nobody has tried to pay yet; `more` are further members."""
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        **dict.fromkeys(UNUSED_OF_INTENT),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x', 25)[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": currency,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(metadata),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": types,
        "receipt_email": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        **more,
    }


def card_method(card: TestCard, email: str | None, now: int) -> Json:
    """The card as Stripe keeps it: never with its number."""
    return _method(
        "card",
        {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        email,
        now,
    )


def bank_method(number: str, email: str | None, now: int) -> Json:
    """A US bank account that was debited."""
    details = {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "fingerprint": f"sandbox{number[-4:]}",
        "last4": number[-4:],
        "routing_number": "110000000",
    }
    return _method("us_bank_account", details, email, now)


def balance_method(now: int) -> Json:
    """What a customer has sent by bank transfer."""
    return _method("customer_balance", {}, None, now)


def _method(kind: str, details: Json, email: str | None, now: int) -> Json:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": _billing_details(email),
        kind: details,
        "created": now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def charge(intent: Json, method: Json, status: str, details: Json, now: int) -> Json:
    """One attempt to take the money: `succeeded`, `pending` or `failed`. What it does to the
    balance is entered when it succeeds."""
    return {
        "id": new_id("ch" if method["type"] == "card" else "py"),
        "object": "charge",
        **dict.fromkeys(UNUSED_OF_CHARGE),
        "amount": intent["amount"],
        "amount_captured": 0 if status == "failed" else intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "BAOBAB",
        "captured": status != "failed",
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": None,
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: details, "type": method["type"]},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
    }


def card_charge(intent: Json, method: Json, card: TestCard, declined: bool, now: int) -> Json:
    """One attempt with a card."""
    details = _card_details(intent, method, card, declined)
    made = charge(intent, method, "failed" if declined else "succeeded", details, now)
    made["outcome"] = _outcome(card, declined)
    if declined:
        made.update(failure_code=card.code, failure_message=card.message)
    return made


def _card_details(intent: Json, method: Json, card: TestCard, declined: bool) -> Json:
    authenticated = card.behaviour is Behaviour.AUTHENTICATES
    return {
        "amount_authorized": None if declined else intent["amount"],
        "brand": card.brand,
        "checks": method["card"]["checks"],
        "country": "US",
        "exp_month": method["card"]["exp_month"],
        "exp_year": method["card"]["exp_year"],
        "fingerprint": method["card"]["fingerprint"],
        "funding": "credit",
        "last4": card.last4,
        "network": card.brand,
        "three_d_secure": _three_d_secure() if authenticated else None,
        "wallet": None,
    }


def _billing_details(email: str | None) -> Json:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": email, "name": None, "phone": None, "tax_id": None}


def _three_d_secure() -> Json:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def _outcome(card: TestCard, declined: bool) -> Json:
    if not declined:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 1,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": "try_again_later",
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network",
        "reason": card.decline_code or card.code,
        "risk_level": "normal",
        "risk_score": 1,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
