"""The one way in which every worker takes messages from its queue."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shared.kernel.errors import BaobabError
from shared.platform.correlation import set_correlation_id
from shared.platform.entry import half_gone
from shared.platform.log_lines import frames_of
from shared.platform.observability import logger, metric
from shared.platform.queues import AwsMessage, CheckMessage, EventMessage, Message, decode
from shared.platform.queues import WebhookMessage as WebhookMessage

BACK_OFF_SECONDS = (1, 3, 10, 30, 60)
"""How long a failed message stays invisible, by attempt: faults mend in seconds, then politely."""

__all__ = [
    "TALLY",
    "AwsMessage",
    "CheckMessage",
    "EventMessage",
    "Message",
    "Tally",
    "WebhookMessage",
    "consume",
]


@dataclass(slots=True)
class Tally:
    """What this process has handled since somebody asked."""

    handled: int = 0
    failed: int = 0
    """Of those."""

    def count(self, *, failed: bool) -> None:
        """One more."""
        self.handled += 1
        self.failed += failed

    def drained(self) -> tuple[int, int]:
        """Handled and failed messages; counting begins anew."""
        counts = self.handled, self.failed
        self.handled = self.failed = 0
        return counts


TALLY = Tally()
"""Of this process."""


def consume(
    event: Mapping[str, Any],
    handle: Callable[[Message], None],
    *,
    service: str,
    back_off: Callable[[Mapping[str, Any]], None] | None = None,
) -> dict[str, list[dict[str, str]]]:
    """Hand each record of an SQS batch to ``handle``; answer with those to deliver again.

    Any exception of ``handle`` means "again later": the message's visibility is set by its
    attempt, and after the queue's limit it goes to the dead-letter queue. A duplicate is
    ``handle``'s success. Payloads never reach the log, only kinds and error classes.

    What has not begun when half of the call's time is over is given back: where a vendor hangs,
    the call would be cut off, and everything in its batch, done or not, would come again late.
    """
    failures = []
    for number, record in enumerate(event["Records"]):
        if number and half_gone():
            metric("MessageGivenBack", service=service)
            (back_off or _set_visibility)(record)
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        # A message that cannot be read has no id of its own, and not the one of its neighbour.
        set_correlation_id("")
        started = time.monotonic_ns()
        try:
            message, correlation = decode(record["body"])
            set_correlation_id(correlation)
            handle(message)
            TALLY.count(failed=False)
            _tell(service, record, message, started)
        except Exception as error:  # noqa: BLE001 - one bad message must not fail its batch
            TALLY.count(failed=True)
            _report(service, record, error)
            (back_off or _set_visibility)(record)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _tell(service: str, record: Mapping[str, Any], message: Message, started: int) -> None:
    milliseconds = (time.monotonic_ns() - started) // 1_000_000
    fields = {"handled": name_of(message), "ms": milliseconds} | _delivery(record)
    logger(service).info("message handled", extra=fields)


def name_of(message: Message) -> str:
    """What kind of message it is, in words of ours or of AWS."""
    match message:
        case EventMessage(envelope):
            return envelope.type
        case CheckMessage(check):
            return f"check {check}"
        case WebhookMessage(vendor):
            return f"delivery of {vendor}"
        case AwsMessage(source, detail_type):
            return f"{source} {detail_type}"


def _delivery(record: Mapping[str, Any]) -> dict[str, object]:
    attempt = record["attributes"].get("ApproximateReceiveCount", "1")
    return {"attempt": attempt, "message_id": record["messageId"]}


def _report(service: str, record: Mapping[str, Any], error: Exception) -> None:
    code = error.code if isinstance(error, BaobabError) else type(error).__name__
    fields = {"error": code} | _delivery(record)
    if isinstance(error, BaobabError) and error.retryable:
        logger(service).warning("message will be tried again", extra=fields)
    else:
        # The stack names code, the exception's text could name data: only the stack is kept.
        frames = frames_of(error.__traceback__)
        logger(service).error("message failed", extra=fields | {"frames": frames})
    metric("MessageFailed", service=service, error=code)


def _set_visibility(record: Mapping[str, Any]) -> None:
    attempt = int(record["attributes"].get("ApproximateReceiveCount", "1"))
    seconds = BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS)) - 1]
    region, account, name = record["eventSourceARN"].split(":")[3:6]
    try:
        client = boto3.client("sqs", region_name=region)
        url = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        client.change_message_visibility(
            QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
        )
    except (BotoCoreError, ClientError):
        # The queue's own visibility timeout delivers it again, only later.
        metric("BackOffNotSet")
