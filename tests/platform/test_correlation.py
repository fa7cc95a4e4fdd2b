"""One id from the click to the fill, whatever comes in between."""

import json
import logging
from typing import Any

import pytest

from shared.kernel.events import Event
from shared.kernel.ids import UlidIds
from shared.platform.bus import MemoryBus, publish_stream
from shared.platform.correlation import (
    caused_by,
    continue_trace,
    correlation_id,
    set_correlation_id,
)
from shared.platform.entry import HandlerFailed, entry_point
from shared.platform.memory import MemoryDatabase
from shared.platform.observability import adopt_libraries, logger, metric
from shared.platform.outbox import Facts, OutboxRow
from shared.platform.queues import CheckMessage, encode
from shared.platform.tables import Table
from shared.platform.worker import Message, consume
from tests.platform.lines import lines_of


class Context:
    """What the runtime hands to a handler."""

    aws_request_id = "request-77"


@pytest.mark.parametrize(
    "given",
    ["", " ", "a b", "x\r\nSet-Cookie: a=b", "\x1b[31mred", "ä", "x" * 65, '"}{"', "-dash", "a\n"],
)
def test_what_is_no_id_starts_a_new_one(given: str) -> None:
    set_correlation_id(given)
    assert correlation_id() != given
    assert len(correlation_id()) == 32
    assert correlation_id().isalnum()


@pytest.mark.parametrize(
    "given", ["JKJaXmPLvHcESHA=", "61b0f8c4-2f0e-4b8e-9a55-77b6b2a35f0a", "c-9", "a" * 64]
)
def test_ids_of_gateway_and_bus_are_taken_as_they_are(given: str) -> None:
    set_correlation_id(given)
    assert (correlation_id(), caused_by()) == (given, "")


def test_a_row_goes_on_under_its_own_id_and_names_the_cause() -> None:
    set_correlation_id("webhook-1")
    continue_trace("click-1")
    assert (correlation_id(), caused_by()) == ("click-1", "webhook-1")
    continue_trace("click-1")
    continue_trace("click-2")
    assert (correlation_id(), caused_by()) == ("click-2", "webhook-1")
    set_correlation_id("next-1")
    assert (correlation_id(), caused_by()) == ("next-1", "")


@pytest.mark.parametrize("trace", [None, "", "not an id\n"])
def test_a_row_without_an_id_changes_nothing(trace: str | None) -> None:
    set_correlation_id("webhook-1")
    continue_trace(trace)
    assert (correlation_id(), caused_by()) == ("webhook-1", "")


def test_a_call_begins_with_the_gateways_id_or_the_runtimes(capsys: Any) -> None:
    seen = []

    @entry_point("tests")
    def handler(event: dict[str, Any], context: Any) -> str:
        seen.append(correlation_id())
        logger("tests").info("hello")
        return "answer"

    assert handler({"requestContext": {"requestId": "gateway-1"}}, Context()) == "answer"
    assert handler({"Records": []}, Context()) == "answer"
    assert handler({}, None) == "answer"
    assert seen[:2] == ["gateway-1", "request-77"]
    assert len(seen[2]) == 32
    first, second, third = lines_of(capsys)
    assert first | second == second | {"cold_start": False}
    assert (second["function"], second["request_id"]) == ("tests", "request-77")
    assert third["cold_start"] is False


def test_every_line_of_a_worker_carries_the_id_of_its_own_message(capsys: Any) -> None:
    def handle(message: Message) -> None:
        assert isinstance(message, CheckMessage)
        logger("elsewhere").warning("inside")
        metric("Counted", kind="x")
        if message.check == "bad":
            raise ValueError("jane@example.com")

    @entry_point("tests")
    def handler(event: dict[str, Any], context: Any) -> Any:
        return consume(event, handle, service="tests", back_off=lambda record: None)

    records = []
    for number, check in enumerate(("good", "bad")):
        set_correlation_id(f"message-{number}")
        records.append(_record(encode(CheckMessage(check, {})), number))
    records.append(_record("garbage", 2))
    handler({"Records": records}, Context())
    told = lines_of(capsys)
    by_id = {
        trace: [_name(one) for one in told if one["correlation_id"] == trace]
        for trace in {one["correlation_id"] for one in told}
    }
    assert by_id.pop("message-0") == ["inside", "Counted", "message handled"]
    assert by_id.pop("message-1") == [
        "inside",
        "Counted",
        "message failed",
        "MessageFailed",
    ]
    (unread,) = by_id.values()
    assert unread == ["message failed", "MessageFailed"]
    assert {one["function"] for one in told} == {"tests"}


def test_what_a_handler_raises_reaches_neither_the_log_nor_the_runtime(capsys: Any) -> None:
    @entry_point("tests")
    def handler(event: dict[str, Any], context: Any) -> None:
        try:
            raise KeyError("4242424242424242")
        except KeyError as error:
            raise ValueError("of jane@example.com") from error

    with pytest.raises(HandlerFailed) as failed:
        handler({}, Context())
    assert str(failed.value) == "ValueError"
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    line, count = lines_of(capsys)
    assert (line["message"], line["error"]) == ("call failed", "ValueError")
    assert line["frames"][-1].endswith(" handler")
    assert count["CallFailed"] == [1]
    assert "jane" not in json.dumps([line, count])


class Planted(Event):
    type = "tests.planted"
    user_id: str
    amount_minor: int


def test_a_fact_is_told_by_its_ids_and_sealed_under_the_current_id(capsys: Any, clock: Any) -> None:
    database = MemoryDatabase()
    set_correlation_id("webhook-1")
    continue_trace("click-1")
    Facts(database, clock, UlidIds("t1")).commit([], Planted(user_id="usr_t1_a", amount_minor=5))
    (row,) = [
        row
        for shard in range(8)
        for row in database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    ]
    assert json.loads(row.envelope)["correlation_id"] == "click-1"
    (line,) = lines_of(capsys)
    assert (line["event"], line["user_id"]) == ("tests.planted.v1", "usr_t1_a")
    assert (line["correlation_id"], line["caused_by"]) == ("click-1", "webhook-1")
    assert "amount_minor" not in line


def test_publishing_is_told_under_the_id_of_each_event(capsys: Any) -> None:
    def record(number: int) -> dict[str, Any]:
        envelope = {
            "id": f"evt_{number}",
            "type": "tests.planted.v1",
            "occurred_at": "2026-03-02T15:30:00Z",
            "correlation_id": f"click-{number}",
            "data": {},
        }
        image = {"type": {"S": "tests.planted.v1"}, "envelope": {"S": json.dumps(envelope)}}
        return {"eventName": "INSERT", "dynamodb": {"NewImage": image, "SequenceNumber": "1"}}

    class OneFails(MemoryBus):
        def publish(self, outgoing: Any) -> list[int]:
            super().publish(outgoing)
            return [1]

    publish_stream(OneFails(), [record(1), record(2)])
    told = [(_name(one), one["correlation_id"]) for one in lines_of(capsys)]
    assert told[:2] == [("event published", "click-1"), ("event not published", "click-2")]


def test_libraries_adopted_twice_speak_once(capsys: Any) -> None:
    root = logging.getLogger()
    kept = root.handlers[:]
    try:
        root.handlers = []
        adopt_libraries()
        adopt_libraries()
        set_correlation_id("c-1")
        logging.getLogger("urllib3").warning("pool %s is full", "secret-host")
        logging.getLogger("urllib3").info("not told")
    finally:
        root.handlers = kept
    (line,) = lines_of(capsys)
    assert (line["message"], line["logger"]) == ("pool %s is full", "urllib3")
    assert line["correlation_id"] == "c-1"


def _record(body: str, number: int) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
    }


def _name(line: dict[str, Any]) -> str:
    if "_aws" in line:
        return str(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"])
    return str(line["message"])
