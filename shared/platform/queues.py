"""Messages between functions: what travels on a queue, and delayed checks."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config

from shared.kernel.clock import from_text, to_text
from shared.kernel.events import Envelope
from shared.platform.correlation import correlation_id

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

CHECK_DELAYS_SECONDS = (2, 5, 15, 60, 300, 900)
"""When the checks of an intent follow each other; the last one repeats."""

STREAM_BATCH_FAILED = "Stream Batch Failed"
"""Our name for what Lambda leaves on the on-failure queue of a stream: a message of no event."""


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event of ours that a rule of the bus delivered."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class CheckMessage:
    """A delayed check: look whether ``subject`` has reached a final state by now."""

    check: str
    subject: Mapping[str, str]
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A vendor's delivery, received and verified; ``body`` is the JSON of what is used of it."""

    vendor: str
    body: bytes
    received_at: datetime
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AwsMessage:
    """An event of an AWS service that a rule of the bus delivered."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]


type Message = EventMessage | CheckMessage | WebhookMessage | AwsMessage


class MalformedMessage(ValueError):
    """A message that no part of this system makes; it ends in the dead-letter queue."""


def encode(message: CheckMessage | WebhookMessage) -> str:
    """As the body of a queue message. Rules of the bus write the other two kinds themselves."""
    if isinstance(message, CheckMessage):
        content: dict[str, Any] = {
            "check": message.check,
            "subject": dict(message.subject),
            "attempt": message.attempt,
        }
    else:
        content = {
            "webhook": message.vendor,
            "body": base64.b64encode(message.body).decode(),
            "received_at": to_text(message.received_at),
            "token": message.token,
            "headers": dict(message.headers),
        }
    return json.dumps(content | {"correlation_id": correlation_id()}, separators=(",", ":"))


def decode(body: str) -> tuple[Message, str]:
    """The message and its correlation id; MalformedMessage when it is none of ours."""
    try:
        content = json.loads(body)
        if "check" in content:
            check = CheckMessage(content["check"], content["subject"], int(content["attempt"]))
            return check, str(content.get("correlation_id", ""))
        if "webhook" in content:
            webhook = WebhookMessage(
                vendor=content["webhook"],
                body=base64.b64decode(content["body"], validate=True),
                received_at=from_text(content["received_at"]),
                token=content["token"],
                headers=content["headers"],
            )
            return webhook, str(content.get("correlation_id", ""))
        if "DDBStreamBatchInfo" in content:
            info = content["DDBStreamBatchInfo"]
            return AwsMessage("aws.lambda", STREAM_BATCH_FAILED, info), ""
        if content["source"] == "baobab":
            envelope = Envelope.model_validate(content["detail"])
            return EventMessage(envelope), envelope.correlation_id
        aws = AwsMessage(content["source"], content["detail-type"], content["detail"])
        return aws, str(content.get("id", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedMessage(type(error).__name__) from error


class Queue(Protocol):
    """A place to leave a message for a worker."""

    def send(self, message: CheckMessage | WebhookMessage, delay_seconds: int = 0) -> None:
        """At least once, after the delay (0-900 s)."""


class SqsQueue:
    """An SQS standard queue."""

    def __init__(self, url: str, client: "SQSClient | None" = None) -> None:
        self._url = url
        self._client = client or sqs_client()

    def send(self, message: CheckMessage | WebhookMessage, delay_seconds: int = 0) -> None:
        """See Queue."""
        self._client.send_message(
            QueueUrl=self._url, MessageBody=encode(message), DelaySeconds=delay_seconds
        )


class MemoryQueue:
    """A list of (message, delay) for tests."""

    def __init__(self) -> None:
        self.sent: list[tuple[CheckMessage | WebhookMessage, int]] = []

    def send(self, message: CheckMessage | WebhookMessage, delay_seconds: int = 0) -> None:
        """See Queue."""
        self.sent.append((message, delay_seconds))


class Checks:
    """The chain of delayed checks after an intent: each check schedules the next."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def schedule(self, check: str, subject: Mapping[str, str], attempt: int = 0) -> None:
        """Enqueue check number ``attempt`` with its delay."""
        delay = CHECK_DELAYS_SECONDS[min(attempt, len(CHECK_DELAYS_SECONDS) - 1)]
        self._queue.send(CheckMessage(check, subject, attempt), delay)


def sqs_client() -> "SQSClient":
    """A client with short timeouts."""
    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return boto3.client("sqs", config=config)
