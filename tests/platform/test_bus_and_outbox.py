"""Events leave with their fact, are published at least once, and nothing is skipped."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.attributes import NumberAttribute

from shared.kernel.clock import FixedClock
from shared.kernel.events import Envelope, Event
from shared.kernel.ids import SequentialIds
from shared.platform.bus import EventBridgeBus, MemoryBus, Outgoing, publish_stream
from shared.platform.correlation import set_correlation_id
from shared.platform.outbox import SHARDS, Facts, OutboxRow
from shared.platform.tables import Check, Database, Put, Row, Table
from shared.platform.work import ConditionFailed

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


class TestedV1(Event):
    """An event of the tests."""

    __test__ = False
    type: ClassVar[str] = "tests.published"

    number: int


class Fact(Row):
    """A row of the tests."""

    KIND: ClassVar[str] = "fact"

    number = NumberAttribute()


def outbox_of(database: Database) -> list[OutboxRow]:
    """All rows of the outbox in the order of their time."""
    shards = [database.query(Table.OUTBOX, f"OUTBOX#{n}", "0", "~") for n in range(SHARDS)]
    rows = [row for page in shards for row in page.rows(OutboxRow)]
    return sorted(rows, key=lambda row: row.sk)


def test_an_event_is_stored_with_its_fact(database: Database, facts: Facts) -> None:
    set_correlation_id("click-1")
    facts.commit([Put.new("fact", Fact(pk="p", sk="s", number=1))], TestedV1(number=1))
    (row,) = outbox_of(database)
    envelope = Envelope.model_validate_json(row.envelope)
    assert (envelope.open(), envelope.correlation_id) == (TestedV1(number=1), "click-1")
    assert row.type == "tests.published.v1"
    assert row.expires_at == int(NOW.timestamp()) + 7 * 86400


def test_no_event_leaves_without_its_fact(database: Database, facts: Facts) -> None:
    with pytest.raises(ConditionFailed):
        facts.commit([Check("c", Fact, "p", "s", Fact.number == 1)], TestedV1(number=1))
    assert outbox_of(database) == []


def record(sequence: str, number: int, name: str = "INSERT") -> dict[str, Any]:
    """A stream record as DynamoDB delivers it."""
    envelope = Envelope.seal(
        TestedV1(number=number), id=f"evt_{sequence}", at=NOW, correlation_id="c"
    )
    image = {
        "type": {"S": envelope.type},
        "envelope": {"S": envelope.model_dump_json()},
    }
    return {
        "eventName": name,
        "dynamodb": {"SequenceNumber": sequence, "NewImage": image if name == "INSERT" else {}},
    }


def test_new_rows_are_published_and_removals_by_ttl_are_not() -> None:
    bus = MemoryBus()
    answer = publish_stream(bus, [record("1", 1), record("2", 2, "REMOVE"), record("3", 3)])
    assert answer == {"batchItemFailures": []}
    assert [envelope.data for envelope in bus.published] == [{"number": 1}, {"number": 3}]


class Flaky:
    """An EventBridge client that refuses given details a number of times."""

    def __init__(self, refusals: dict[str, int], broken: int = 0) -> None:
        self.refusals, self.broken = refusals, broken
        self.calls: list[list[str]] = []

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:
        self.calls.append([entry["Detail"] for entry in Entries])
        if self.broken:
            self.broken -= 1
            raise EndpointConnectionError(endpoint_url="loopback")
        results = []
        for entry in Entries:
            left = self.refusals.get(entry["Detail"], 0)
            self.refusals[entry["Detail"]] = max(0, left - 1)
            results.append({"ErrorCode": "InternalFailure"} if left else {"EventId": "1"})
        return {"Entries": results}


def outgoing(*details: str) -> list[Outgoing]:
    """Envelopes that are told apart by their text."""
    return [Outgoing("tests.published.v1", detail) for detail in details]


def test_what_failed_is_sent_again_alone() -> None:
    client = Flaky({"b": 2})
    bus = EventBridgeBus("bus", client, lambda attempt: None)
    assert bus.publish(outgoing("a", "b", "c")) == []
    assert client.calls == [["a", "b", "c"], ["b"], ["b"]]


def test_batches_hold_ten_and_a_broken_connection_is_tried_again() -> None:
    client = Flaky({}, broken=1)
    bus = EventBridgeBus("bus", client, lambda attempt: None)
    assert bus.publish(outgoing(*[str(number) for number in range(12)])) == []
    assert [len(call) for call in client.calls] == [10, 10, 2]


def test_the_stream_resumes_at_the_first_that_never_left() -> None:
    records = [record("1", 1), record("2", 2), record("3", 3)]
    stuck = records[1]["dynamodb"]["NewImage"]["envelope"]["S"]
    client = Flaky({stuck: 99})
    bus = EventBridgeBus("bus", client, lambda attempt: None)
    assert publish_stream(bus, records) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    last = records[-1]["dynamodb"]["NewImage"]["envelope"]["S"]
    client = Flaky({stuck: 99, last: 99})
    bus = EventBridgeBus("bus", client, lambda attempt: None)
    assert publish_stream(bus, records) == {"batchItemFailures": [{"itemIdentifier": "2"}]}


def test_outbox_rows_spread_over_all_shards() -> None:
    ids = SequentialIds("t1", FixedClock(NOW))
    from shared.kernel.ids import Kind
    from shared.platform.outbox import outbox_row

    shards = set()
    for _ in range(64):
        envelope = Envelope.seal(
            TestedV1(number=1), id=ids.new(Kind.EVENT), at=NOW, correlation_id="c"
        )
        shards.add(outbox_row(envelope, NOW).pk)
    assert len(shards) == SHARDS
