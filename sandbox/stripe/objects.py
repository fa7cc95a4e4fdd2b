"""The JSON objects of the Stripe API, as new as they are made."""

import secrets
import string
from typing import Any

from sandbox.stripe.cards import Behaviour, TestCard
from sandbox.stripe.parameters import LineItem, SessionParameters

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits
SETTLEMENT_SECONDS = 2 * 24 * 60 * 60
FEE_PER_MILLE = 29
FEE_FIXED = 30


def new_id(prefix: str, length: int = 24) -> str:
    """`pi_3Q…`: a prefix and random letters."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def fee_of(amount: int) -> int:
    """Stripe's fee in minor units: 2.9 % rounded half up, plus 30."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def checkout_session(
    parameters: SessionParameters, now: int, expires_at: int, pay_page: str
) -> Json:
    """An open session; its page is `pay_page` followed by the id."""
    session_id = new_id("cs_test", 58)
    return {
        "id": session_id,
        "object": "checkout.session",
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": parameters.amount,
        "amount_total": parameters.amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": parameters.cancel_url,
        "client_reference_id": parameters.client_reference_id,
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": parameters.currency,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": parameters.customer_email,
        "expires_at": expires_at,
        "invoice": None,
        "livemode": False,
        "locale": parameters.locale,
        "metadata": dict(parameters.metadata),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": list(parameters.payment_method_types),
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": parameters.submit_type,
        "subscription": None,
        "success_url": parameters.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": f"{pay_page}{session_id}",
    }


def line_items(session_id: str, items: list[LineItem]) -> Json:
    """The expandable list of a session's lines."""
    return {
        "object": "list",
        "data": [
            {
                "id": new_id("li"),
                "object": "item",
                "amount_discount": 0,
                "amount_subtotal": item.amount,
                "amount_tax": 0,
                "amount_total": item.amount,
                "currency": item.price_data.currency,
                "description": item.price_data.product_data.name,
                "quantity": item.quantity,
            }
            for item in items
        ],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }


def payment_intent(session: Json, parameters: SessionParameters, now: int) -> Json:
    """The intent that a session makes when somebody first tries to pay."""
    data = parameters.payment_intent_data
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x', 25)[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "customer": None,
        "description": data.description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(data.metadata),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": list(session["payment_method_types"]),
        "processing": None,
        "receipt_email": data.receipt_email,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": data.statement_descriptor_suffix,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
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
    authenticated = card.behaviour is Behaviour.AUTHENTICATES
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if declined else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "BAOBAB",
        "captured": not declined,
        "created": now,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": card.code if declined else None,
        "failure_message": card.message if declined else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(card, declined),
        "paid": not declined,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {
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
            },
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if declined else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
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


def event(
    event_type: str, subject: Json, now: int, request_id: str | None, key: str | None
) -> Json:
    """The envelope of an event about `subject`, which must be a copy."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": request_id, "idempotency_key": key},
        "type": event_type,
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
