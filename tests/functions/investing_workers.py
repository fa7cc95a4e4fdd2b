"""What tests of the workers of investing share: an environment, and messages of queues."""

from datetime import UTC, datetime

from shared.kernel.clock import FixedClock
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, SequentialIds
from shared.platform.queues import (
    EventMessage,
    encode,
)
from shared.platform.secrets import MemorySecrets

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


IDS = SequentialIds("t1", FixedClock(NOW))


USER, DEPOSIT, PLAN = IDS.new(Kind.USER), IDS.new(Kind.DEPOSIT), IDS.new(Kind.PLAN)


URL = "http://127.0.0.1:9/1/"


ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "MARKET_TABLE": "market",
    "BROKER_SECRET": "broker",
    "BROKER_BASE_URL": "http://127.0.0.1:9/alpaca",
    "IBKR_SECRET": "ibkr",
    "IBKR_BASE_URL": "http://127.0.0.1:9/ibkr",
    "BROKER_SESSIONS_QUEUE": f"{URL}broker-sessions",
    "MARKET_DATA_BASE_URL": "http://127.0.0.1:9/data",
    "FX_BASE_URL": "http://127.0.0.1:9/fx",
    "PLANNING_QUEUE": f"{URL}planning",
    "MARKET_QUEUE": f"{URL}market",
    "EXECUTION_QUEUE": f"{URL}execution",
    "BROKER_POLL_QUEUE": f"{URL}broker-poll",
    "BROKER_EVENTS_QUEUE": f"{URL}broker-events",
    "BROKER_ACCOUNTS_QUEUE": f"{URL}broker-accounts",
    "FUNDING_QUEUE": f"{URL}funding",
    "RECALLS_QUEUE": f"{URL}recalls",
    "PRICE_MAX_AGE_SECONDS": "120",
}


SECRETS = MemorySecrets({"broker": {"key": "k", "secret": "s"}, "ibkr": {"token": "t"}})


def event_of(event):
    sealed = Envelope.seal(event, id=IDS.new(Kind.EVENT), at=NOW, correlation_id="c")
    return EventMessage(sealed)


def batch(message):
    """One record in the shape of SQS."""
    body = encode(message)
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
    }
    return {"Records": [record]}
