"""What reaches the workers of payouts, in the shapes of SQS, EventBridge and the gateways."""

import json
from datetime import UTC, datetime

from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, UlidIds
from shared.payments.callbacks import make_token
from shared.payments.providers.adyen_references import reference_of
from shared.platform.queues import CheckMessage, WebhookMessage, encode

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
IDS = UlidIds("t1")
USER, PAYOUT, DEPOSIT = IDS.new(Kind.USER), IDS.new(Kind.PAYOUT), IDS.new(Kind.DEPOSIT)
NAMED = {"user_id": USER, "payout_id": PAYOUT}


def batch(*bodies):
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:baobab-local-payouts",
                "body": body,
            }
            for number, body in enumerate(bodies)
        ]
    }


def event(fact):
    envelope = Envelope.seal(fact, id=IDS.new(Kind.EVENT), at=NOW, correlation_id="c")
    detail = envelope.model_dump(mode="json")
    return json.dumps({"source": "baobab", "detail-type": fact.detail_type(), "detail": detail})


def webhook(vendor, content, token=None):
    return encode(WebhookMessage(vendor, json.dumps(content).encode(), NOW, token))


def check(name, attempt=3):
    return encode(CheckMessage(name, NAMED, attempt))


def notice(code, success, **changes):
    return {
        "pspReference": "re_1",
        "originalReference": "psp_2",
        "merchantReference": reference_of(USER, PAYOUT),
        "eventCode": code,
        "success": success,
        "amount": {"value": 130_000, "currency": "KES"},
    } | changes


def mpesa(purpose, vendor, content):
    return webhook(vendor, content, make_token(b"k", USER, PAYOUT, purpose, attempt=1))
