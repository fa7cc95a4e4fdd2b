"""A shop that sells one thing through hosted Checkout, with the official SDK."""

import stripe

AMOUNT = 12_345
SESSION = {
    "mode": "payment",
    "line_items": [
        {
            "price_data": {
                "currency": "usd",
                "unit_amount": AMOUNT,
                "product_data": {"name": "Deposit"},
            },
            "quantity": 1,
        }
    ],
    "metadata": {"deposit": "dep_1"},
    "payment_intent_data": {"metadata": {"deposit": "dep_1"}},
    "client_reference_id": "usr_1",
    "success_url": "http://127.0.0.1/paid?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1/back",
}


def client_of(sandbox, key="sk_test_sandbox", retries=0):
    return stripe.StripeClient(
        key,
        base_addresses={"api": f"{str(sandbox.base_url).rstrip('/')}/stripe"},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=5),
    )


def pay(sandbox, session, **order):
    answer = sandbox.post(f"/_control/stripe/sessions/{session.id}/pay", json=order)
    answer.raise_for_status()
    return answer.json()


def events(client, **params):
    return [event.type for event in client.v1.events.list(params).data]
