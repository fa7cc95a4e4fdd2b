"""A shop that sells one thing by a payment link, with the official SDK."""

import Adyen
import requests

ACCOUNT, KEY = "BaobabSandbox", "AQE_sandbox"
LINK = {
    "merchantAccount": ACCOUNT,
    "reference": "order-1",
    "amount": {"currency": "EUR", "value": 1_250},
    "returnUrl": "http://127.0.0.1/paid",
    "metadata": {"order": "1"},
}
PAYMENT = {
    "merchantAccount": ACCOUNT,
    "reference": "order-1",
    "amount": {"currency": "EUR", "value": 1_250},
    "paymentMethod": {
        "type": "scheme",
        "encryptedCardNumber": "test_4111111111111111",
        "encryptedExpiryMonth": "test_03",
        "encryptedExpiryYear": "test_2030",
        "encryptedSecurityCode": "test_737",
    },
    "returnUrl": "http://127.0.0.1/paid",
}


def client_of(sandbox, key=KEY):
    """The SDK's checkout service at the sandbox, with its own HTTP client."""
    sdk = Adyen.Adyen(xapikey=key, platform="test", http_timeout=5)
    base = f"{str(sandbox.base_url).rstrip('/')}/adyen/v72"
    checkout = sdk.checkout
    for api in (checkout.payment_links_api, checkout.modifications_api, checkout.payments_api):
        api.baseUrl = base
    return checkout


def raw(sandbox, method, path, body=None, key=KEY, **headers):
    """A request as bytes, for what the SDK would never send."""
    base = f"{str(sandbox.base_url).rstrip('/')}/adyen/v72"
    sent = {"x-api-key": key, "content-type": "application/json"} | headers
    with requests.Session() as session:
        return session.request(method, base + path, data=body, headers=sent, timeout=5)


def pay(sandbox, link, **order):
    """As the payer on the link's page."""
    answer = sandbox.post(f"/_control/adyen/links/{link['id']}/pay", json=order)
    return answer.raise_for_status().json()
