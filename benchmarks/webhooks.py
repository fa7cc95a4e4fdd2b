"""What it costs to verify a vendor's delivery and to keep it, beside a handler that does neither.

The other side takes the body out of the same gateway event, reads it as JSON, encodes a message and
sends it: what any receiver on a queue does. Both send to memory, so that only our CPU time counts.
The requests are counted in the same run: one send, and neither a read nor a write.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from functions.receive_webhook.receiver import Receiver, Response
from functions.receive_webhook.settings import Settings
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.payments.callbacks import make_token
from shared.platform.queues import MemoryQueue, WebhookMessage, encode
from shared.platform.secrets import MemorySecrets

ROUNDS, CALLS = 21, 400
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
_IDS = SequentialIds("b1", FixedClock(NOW))
USER, DEPOSIT = _IDS.new(Kind.USER), _IDS.new(Kind.DEPOSIT)
SIGNING, PATH, HMAC_KEY = "whsec_benchmark", "path-key", "44" * 32

type Event = Mapping[str, Any]


class EncodingQueue(MemoryQueue):
    """Encodes as the real one does and forgets: what is sent is not what is measured."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def send(self, message: Any, delay_seconds: int = 0) -> None:
        """See Queue."""
        encode(message)
        self.count += 1


def _event(vendor: str, body: bytes, token: str | None = None, **headers: str) -> Event:
    path = {"vendor": vendor} if token is None else {"vendor": vendor, "token": token}
    return {
        "pathParameters": path,
        "headers": {"content-type": "application/json", **headers},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def stripe() -> Event:
    """A session that was completed, signed."""
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "metadata": {"user_id": USER, "deposit_id": DEPOSIT},
        **{f"member_{number}": "x" * 40 for number in range(40)},
    }
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "checkout.session.completed",
            "livemode": False,
            "data": {"object": session},
        }
    ).encode()
    at = int(NOW.timestamp())
    mac = hmac.new(SIGNING.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return _event("stripe", body, **{"stripe-signature": f"t={at},v1={mac}"})


def daraja() -> Event:
    """The callback of a push, on its own path."""
    items = [
        {"Name": "Amount", "Value": 1000.0},
        {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Name": "PhoneNumber", "Value": 254712345678},
    ]
    callback = {
        "MerchantRequestID": "29115-34620561-1",
        "CheckoutRequestID": "ws_CO_191220191020363925",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    }
    body = json.dumps({"Body": {"stkCallback": callback}}).encode()
    return _event("daraja", body, make_token(PATH.encode(), USER, DEPOSIT))


def adyen() -> Event:
    """One authorisation, signed inside."""
    item: dict[str, Any] = {
        "pspReference": "QFQTPCQ8HXSKGK82",
        "merchantAccountCode": "BaobabECOM",
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 2550, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-03-02T16:30:00+01:00",
        "reason": "ok",
        "success": "true",
    }
    text = f"{item['pspReference']}::{item['merchantAccountCode']}:{item['merchantReference']}"
    text += ":2550:USD:AUTHORISATION:true"
    mac = hmac.new(bytes.fromhex(HMAC_KEY), text.encode(), hashlib.sha256).digest()
    item["additionalData"] = {"hmacSignature": base64.b64encode(mac).decode()}
    body = {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
    return _event("adyen", json.dumps(body).encode())


def receiver(queue: EncodingQueue) -> Receiver:
    """The real one, with secrets and queues in memory."""
    secrets = MemorySecrets(
        {
            "stripe": {"webhook_secrets": [SIGNING]},
            "path": {"key": PATH},
            "adyen": {"hmac_keys": [HMAC_KEY], "merchant_account": "BaobabECOM"},
        }
    )
    names = {name: name for name in Settings.model_fields}
    settings = Settings.model_validate(
        names
        | {
            "cell": "b1",
            "stripe_secret": "stripe",
            "adyen_secret": "adyen",
            "webhook_path_secret": "path",
            "live_mode": False,
            "origin_secret": None,
            "log_level": "INFO",
        }
    )
    return Receiver(settings, secrets, lambda url: queue, FixedClock(NOW))


def bare(queue: EncodingQueue, event: Event) -> Response:
    """A handler that believes everything."""
    body = base64.b64decode(event["body"])
    json.loads(body)
    vendor, token = event["pathParameters"]["vendor"], event["pathParameters"].get("token")
    queue.send(WebhookMessage(vendor, body, NOW, token))
    return {"statusCode": 200, "headers": {}, "body": "{}"}


def cpu_microseconds(call: Callable[[], Response]) -> int:
    """CPU time of one call, the median of rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for _ in range(CALLS):
            call()
        rounds.append((time.process_time_ns() - began) // CALLS // 1000)
    return int(median(rounds))


def main() -> None:
    """Print the table."""
    print("| delivery | bytes | verified and kept, µs CPU | bare handler, µs CPU | ratio | sends |")
    print("|---|---|---|---|---|---|")
    for name, event in (("Stripe", stripe()), ("M-Pesa", daraja()), ("Adyen", adyen())):
        queue = EncodingQueue()
        real = receiver(queue)
        with (
            open(os.devnull, "w", encoding="utf-8") as silence,
            contextlib.redirect_stdout(silence),
        ):
            answer = real.receive(event)
            if answer["statusCode"] != 200 or queue.count != 1:
                raise RuntimeError(f"{name}: {answer}, {queue.count} sends")
            ours = cpu_microseconds(partial(real.receive, event))
            plain = cpu_microseconds(partial(bare, queue, event))
        size = len(base64.b64decode(event["body"]))
        print(f"| {name} | {size:,} | {ours} | {plain} | {ours / plain:.1f} | 1 |")
