"""The Checkout Session object and its lines."""

from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.parameters import LineItem, SessionParameters

# Fields that every session has and that the sandbox never fills.
UNUSED_OF_SESSION = (
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "consent",
    "consent_collection",
    "invoice",
    "payment_link",
    "recovered_from",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
)
CUSTOM_TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def checkout_session(
    parameters: SessionParameters, now: int, expires_at: int, pay_page: str
) -> Json:
    """An open session; its page is `pay_page` followed by the id."""
    session_id = new_id("cs_test", 58)
    return {
        "id": session_id,
        "object": "checkout.session",
        **dict.fromkeys(UNUSED_OF_SESSION),
        "amount_subtotal": parameters.amount,
        "amount_total": parameters.amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": parameters.cancel_url,
        "client_reference_id": parameters.client_reference_id,
        "created": now,
        "currency": parameters.currency,
        "custom_fields": [],
        "custom_text": dict.fromkeys(CUSTOM_TEXTS),
        "customer": parameters.customer,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": parameters.customer_email,
        "expires_at": expires_at,
        "livemode": False,
        "locale": parameters.locale,
        "metadata": dict(parameters.metadata),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": list(parameters.payment_method_types),
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": parameters.submit_type,
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
