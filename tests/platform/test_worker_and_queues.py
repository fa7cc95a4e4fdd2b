"""Messages survive the queue, one bad message fails alone, and logs hold no payload."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.correlation import correlation_id, set_correlation_id
from shared.platform.entry import entry_point
from shared.platform.queues import (
    AwsMessage,
    CheckMessage,
    Checks,
    EventMessage,
    MalformedMessage,
    MemoryQueue,
    WebhookMessage,
    decode,
    encode,
)
from shared.platform.worker import Message, consume

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def sqs_record(body: str, number: int = 1, attempt: int = 1) -> dict[str, Any]:
    """A record as SQS hands it to a function."""
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
    }


@pytest.mark.parametrize(
    "message",
    [
        CheckMessage("payment", {"user_id": "u", "deposit_id": "d"}, 3),
        WebhookMessage("stripe", b'{"a": "\xc3\xa9"}\n', NOW, None, {"stripe-signature": "t=1"}),
        WebhookMessage("daraja", b"\x00\xff", NOW, "ab12"),
    ],
)
def test_messages_come_back_as_they_were_sent(message: CheckMessage | WebhookMessage) -> None:
    set_correlation_id("c-9")
    assert decode(encode(message)) == (message, "c-9")


def test_events_of_the_bus_are_ours_or_of_aws() -> None:
    envelope = {
        "id": "evt_1",
        "type": "payments.deposit_settled.v1",
        "occurred_at": "2026-03-02T15:30:00Z",
        "correlation_id": "c-1",
        "data": {"user_id": "u"},
    }
    ours = {"source": "baobab", "detail-type": envelope["type"], "detail": envelope}
    message, correlation = decode(json.dumps(ours))
    assert isinstance(message, EventMessage)
    assert (message.envelope.data, correlation) == ({"user_id": "u"}, "c-1")
    theirs = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"k": 1}, "id": "e"}
    assert decode(json.dumps(theirs)) == (AwsMessage("aws.s3", "Object Created", {"k": 1}), "e")


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '"x"', '{"check": "a"}', '{"webhook": "x", "body": "%%"}']
)
def test_anything_else_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessage):
        decode(body)


def test_checks_follow_each_other_with_growing_delays() -> None:
    queue = MemoryQueue()
    for attempt in range(8):
        Checks(queue).schedule("payment", {"deposit_id": "d"}, attempt)
    assert [delay for _, delay in queue.sent] == [2, 5, 15, 60, 300, 900, 900, 900]
    assert queue.sent[7][0] == CheckMessage("payment", {"deposit_id": "d"}, 7)


def test_only_the_failed_messages_of_a_batch_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    handled: list[Message] = []
    backed_off: list[str] = []

    def handle(message: Message) -> None:
        assert isinstance(message, CheckMessage)
        if message.check == "bad":
            raise ValueError("4242424242424242 belongs to jane@example.com")
        if message.check == "busy":
            raise TemporarilyUnavailable()
        assert correlation_id() == "c-7"
        handled.append(message)

    set_correlation_id("c-7")
    checks = [CheckMessage(name, {}) for name in ("good", "bad", "busy", "fine")]
    records = [sqs_record(encode(check), number) for number, check in enumerate(checks)]
    records.append(sqs_record("garbage 254712345678", 4))
    answer = consume(
        {"Records": records},
        handle,
        service="tests",
        back_off=lambda record: backed_off.append(record["messageId"]),
    )
    failures = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert (failures, backed_off) == (["m1", "m2", "m4"], ["m1", "m2", "m4"])
    assert handled == [checks[0], checks[3]]
    printed = capsys.readouterr()
    for secret in ("4242", "jane@example.com", "254712345678"):
        assert secret not in printed.out + printed.err
    assert '"error":"ValueError"' in printed.out.replace(" ", "")


class Context:
    """Of a call that is ended after so many milliseconds."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@pytest.mark.parametrize(
    ("context", "handled_one", "given_back"),
    [(Context(40), 1, ["m1", "m2"]), (Context(60_000), 3, []), (None, 3, [])],
)
def test_what_has_not_begun_at_half_time_is_given_back(
    context: Context | None, handled_one: int, given_back: list[str]
) -> None:
    """A vendor hangs while the first message is worked on."""
    handled: list[Message] = []
    backed_off: list[str] = []

    def handle(message: Message) -> None:
        handled.append(message)
        if len(handled) == 1:
            time.sleep(0.03)

    @entry_point("tests")
    def handler(event: dict[str, Any], _: object) -> dict[str, list[dict[str, str]]]:
        return consume(
            event,
            handle,
            service="tests",
            back_off=lambda record: backed_off.append(record["messageId"]),
        )

    records = [sqs_record(encode(CheckMessage(f"c{each}", {})), each) for each in range(3)]
    answer = handler({"Records": records}, context)
    failures = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert (failures, backed_off) == (given_back, given_back)
    assert len(handled) == handled_one


def test_the_first_message_of_a_call_is_always_worked_on() -> None:
    handled: list[Message] = []

    @entry_point("tests")
    def handler(event: dict[str, Any], _: object) -> dict[str, list[dict[str, str]]]:
        return consume(event, handled.append, service="tests", back_off=lambda _: None)

    answer = handler({"Records": [sqs_record(encode(CheckMessage("c", {})), 0)]}, Context(0))
    assert (answer, len(handled)) == ({"batchItemFailures": []}, 1)
