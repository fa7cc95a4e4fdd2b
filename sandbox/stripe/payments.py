"""The objects of a payment: intent, method, charge, balance transaction."""

from sandbox.stripe.cards import Behaviour, TestCard
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.parameters import SessionParameters

SETTLEMENT_SECONDS = 2 * 24 * 60 * 60
FEE_PER_MILLE = 29
FEE_FIXED = 30

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


def fee_of(amount: int) -> int:
    """Stripe's fee in minor units: 2.9 % rounded half up, plus 30."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def payment_intent(session: Json, parameters: SessionParameters, now: int) -> Json:
    """The intent that a session makes when somebody first tries to pay."""
    data = parameters.payment_intent_data
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        **dict.fromkeys(UNUSED_OF_INTENT),
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x', 25)[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "description": data.description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(data.metadata),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": list(session["payment_method_types"]),
        "receipt_email": data.receipt_email,
        "statement_descriptor_suffix": data.statement_descriptor_suffix,
        "status": "requires_payment_method",
    }


def payment_method(card: TestCard, email: str | None, now: int) -> Json:
    """The card as Stripe keeps it: never with its number."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": _billing_details(email),
        "card": {
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
        "created": now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def charge(intent: Json, method: Json, card: TestCard, declined: bool, now: int) -> Json:
    """One attempt to take the money; `balance_transaction` is set when it succeeds."""
    charge_id = new_id("ch")
    return {
        "id": charge_id,
        "object": "charge",
        **dict.fromkeys(UNUSED_OF_CHARGE),
        "amount": intent["amount"],
        "amount_captured": 0 if declined else intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "BAOBAB",
        "captured": not declined,
        "created": now,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": card.code if declined else None,
        "failure_message": card.message if declined else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(card, declined),
        "paid": not declined,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": _card_details(intent, method, card, declined),
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if declined else "succeeded",
    }


def balance_transaction(of_charge: Json, now: int) -> Json:
    """What the charge does to the balance: amount, fee and net in minor units."""
    fee = fee_of(of_charge["amount"])
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": of_charge["amount"],
        "available_on": now + SETTLEMENT_SECONDS,
        "balance_type": "payments",
        "created": now,
        "currency": of_charge["currency"],
        "description": of_charge["description"],
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": of_charge["currency"],
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ],
        "net": of_charge["amount"] - fee,
        "reporting_category": "charge",
        "source": of_charge["id"],
        "status": "pending",
        "type": "charge",
    }


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
