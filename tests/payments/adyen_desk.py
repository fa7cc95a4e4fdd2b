"""What the sandbox's Adyen sends, as it comes out of our webhook entrance."""

import base64
import time

from functions.receive_webhook.receiver import Receiver
from sandbox.config import SandboxConfig
from shared.kernel.clock import SystemClock
from shared.platform.queues import MemoryQueue
from shared.platform.secrets import MemorySecrets
from tests.functions.webhook_door import SETTINGS, VALUES

CONFIG = SandboxConfig()
SECRETS = VALUES | {
    "adyen": {
        "merchant_account": CONFIG.adyen_merchant_account,
        "hmac_keys": [CONFIG.adyen_hmac_key],
    }
}


def listening(sandbox):
    """Notifications are made, and kept by the sandbox instead of being sent."""
    config = {"adyen_webhook_url": "http://127.0.0.1:9/adyen", "adyen_refund_delay_ms": 0}
    sandbox.post("/_control/config", json=config).raise_for_status()
    kept = {"vendor": "adyen", "operation": "webhook", "kind": "lost", "times": 1_000}
    sandbox.post("/_control/faults", json=kept).raise_for_status()


def deliveries(sandbox, count):
    """The first ``count`` deliveries of Adyen, once there are so many: event and body."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        sent = sandbox.get("/_control/deliveries").json()["deliveries"]
        found = [(one["event_type"], one["body"].encode()) for one in sent]
        if len(found) >= count:
            return found[:count]
        time.sleep(0.01)
    raise AssertionError(f"not {count} deliveries: {found}")


def entered(body):
    """Status, and what lies on the queues: their names and the bodies of the messages."""
    queues = {}
    receiver = Receiver(
        SETTINGS,
        MemorySecrets(SECRETS),
        lambda url: queues.setdefault(url, MemoryQueue()),
        SystemClock(),
    )
    answer = receiver.receive(
        {
            "pathParameters": {"vendor": "adyen"},
            "headers": {"content-type": "application/json; charset=utf-8"},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
    )
    kept = [(url, message.body) for url, queue in queues.items() for message, _ in queue.sent]
    return answer["statusCode"], kept
