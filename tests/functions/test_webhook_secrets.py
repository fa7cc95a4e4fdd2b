"""Until a vendor's secret is set, nobody's signature is good."""

import hashlib
import hmac

import pytest
from stripe import WebhookSignature

from functions.receive_webhook.receiver import Receiver
from functions.receive_webhook.vendors import vendors
from shared.kernel.clock import SystemClock
from shared.platform.secrets import MemorySecrets
from tests.functions.test_receive_webhook import (
    BROKER_EVENT,
    ONFIDO_EVENT,
    SETTINGS,
    STRIPE_EVENT,
    Door,
    broker_headers,
)

AS_DEPLOYED = {
    "stripe": {"api_key": "", "webhook_secrets": []},
    "onfido": {"api_token": "", "webhook_token": ""},
    "broker": {"webhook_secrets": []},
}
HALF_SET = AS_DEPLOYED | {
    "stripe": {"api_key": "sk", "webhook_secrets": [""]},
    "broker": {"webhook_secrets": [""]},
}


def _signed_with_nothing(vendor):
    if vendor == "onfido":
        digest = hmac.new(b"", ONFIDO_EVENT, hashlib.sha256).hexdigest()
        return ONFIDO_EVENT, {"x-sha2-signature": digest}
    if vendor == "stripe":
        header = WebhookSignature.generate_signature_header(STRIPE_EVENT.decode(), "")
        return STRIPE_EVENT, {"stripe-signature": header}
    return BROKER_EVENT, broker_headers(BROKER_EVENT, "whsec_AAAA")


@pytest.mark.parametrize("secrets", [AS_DEPLOYED, HALF_SET], ids=["as-deployed", "half-set"])
@pytest.mark.parametrize("vendor", ["stripe", "onfido", "broker"])
def test_an_empty_secret_signs_nothing(vendor, secrets):
    door = Door()
    known = vendors(SETTINGS, MemorySecrets(secrets))
    door.receiver = Receiver(known, door.queue, SystemClock())
    body, headers = _signed_with_nothing(vendor)
    assert door.post(vendor, body, headers) == (401, {"error": "BAD_SIGNATURE"})
    assert door.kept == []
