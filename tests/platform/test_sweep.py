"""What stayed unfinished is checked again; what stayed in the outbox leaves."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from pynamodb.attributes import UnicodeAttribute

from functions.sweep_pending.routes import route_of
from shared.kernel.clock import FixedClock, to_text
from shared.kernel.events import Envelope, Event
from shared.kernel.ids import Kind, SequentialIds
from shared.platform.bus import MemoryBus
from shared.platform.indexes import pending_bucket
from shared.platform.outbox import outbox_row
from shared.platform.queues import (
    STREAM_BATCH_FAILED,
    AwsMessage,
    CheckMessage,
    MemoryQueue,
    decode,
)
from shared.platform.sweep import republish, sweep
from shared.platform.tables import Database, Put, Row

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
WAITING = "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAY"


class SweptV1(Event):
    """An event of the tests."""

    type: ClassVar[str] = "tests.swept"

    number: int


def unfinished(
    kind: str,
    sk: str,
    due: datetime,
    check: str | None = None,
    plan_id: str | None = None,
    bucket: str | None = None,
) -> Put:
    """A row of some context that waits for something; those of one ``bucket`` wait together."""

    class Waiting(Row):
        KIND: ClassVar[str] = kind
        pending = UnicodeAttribute()
        due = UnicodeAttribute()
        check = UnicodeAttribute(null=True)
        plan_id = UnicodeAttribute(null=True)

    row = Waiting(
        pk=f"USER#{USER}",
        sk=sk,
        pending=pending_bucket(bucket or sk),
        due=to_text(due),
        check=check,
        plan_id=plan_id,
    )
    return Put.new(sk, row)


def test_each_overdue_thing_gets_its_check(database: Database) -> None:
    overdue, later = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    database.transact(
        [
            unfinished("deposit", f"FEED#{ULID}#dep", overdue, "funding"),
            unfinished("deposit", "FEED#01ARZ3NDEKTSV4RRFFQ69G5FAX#dep", later, "payment"),
            unfinished("deposit", "FEED#01ARZ3NDEKTSV4RRFFQ69G5FAY#dep", overdue, "planning"),
            unfinished("kyc_case", "PROOF#CASE", overdue),
            unfinished("broker_account", "PROOF#BROKER", overdue),
            unfinished("order", f"FEED#{ULID}#ord", overdue, plan_id="pln_t1_P"),
            unfinished("something", "OTHER", overdue),
        ]
    )
    names = ("payment-signals", "funding", "planning", "identity", "broker-accounts", "execution")
    queues = {name: MemoryQueue() for name in names}
    assert sweep(database, FixedClock(NOW), queues, route_of) == 5
    sent = {name: [message for message, _ in queue.sent] for name, queue in queues.items()}
    assert sent == {
        "payment-signals": [],
        "funding": [CheckMessage("funding", {"user_id": USER, "deposit_id": f"dep_t1_{ULID}"})],
        "planning": [CheckMessage("planning", {"user_id": USER, "deposit_id": WAITING})],
        "identity": [CheckMessage("identity", {"user_id": USER})],
        "broker-accounts": [CheckMessage("broker_account", {"user_id": USER})],
        "execution": [CheckMessage("execution", {"user_id": USER, "plan_id": "pln_t1_P"})],
    }


def test_a_plan_that_lapsed_is_asked_for_among_those_to_plan(database: Database) -> None:
    database.transact([unfinished("lapse", f"LAPSE#{ULID}", NOW, plan_id="pln_t1_P")])
    queue = MemoryQueue()
    assert sweep(database, FixedClock(NOW), {"planning": queue}, route_of) == 1
    wanted = CheckMessage("planning", {"user_id": USER, "again": "pln_t1_P"})
    assert queue.sent == [(wanted, 0)]


def test_a_dividend_that_is_not_complete_is_looked_at(database: Database) -> None:
    database.transact([unfinished("corporate_action", f"FEED#{ULID}#act", NOW)])
    queue = MemoryQueue()
    assert sweep(database, FixedClock(NOW), {"corporate-actions": queue}, route_of) == 1
    wanted = CheckMessage("corporate_action", {"user_id": USER, "action_id": f"act_t1_{ULID}"})
    assert queue.sent == [(wanted, 0)]


def test_many_that_stay_unfinished_do_not_hide_what_comes_after_them(database: Database) -> None:
    """The index has the oldest first, and these stay the oldest."""
    hour = NOW - timedelta(hours=1)
    rows = [
        unfinished("deposit", f"FEED#{number:026d}#dep", hour, "funding", bucket="A")
        for number in range(130)
    ]
    rows.append(unfinished("order", f"FEED#{ULID}#ord", NOW, plan_id="pln_t1_P", bucket="A"))
    for start in range(0, len(rows), 100):
        database.transact(rows[start : start + 100])
    queues = {"funding": MemoryQueue(), "execution": MemoryQueue()}
    assert sweep(database, FixedClock(NOW), queues, route_of) == 131
    assert len(queues["execution"].sent) == 1


@pytest.mark.parametrize("later", range(3))
def test_a_thing_that_is_not_as_it_should_be_keeps_no_other_waiting(
    database: Database, later: int
) -> None:
    database.transact(
        [
            unfinished("deposit", f"FEED#{ULID}#dep", NOW, "no such check", bucket="A"),
            unfinished("order", f"FEED#{ULID}#ord", NOW, bucket="A"),
            unfinished("kyc_case", "PROOF#CASE", NOW, bucket="A"),
        ]
    )
    queues = {"identity": MemoryQueue()}
    clock = FixedClock(NOW + later * timedelta(minutes=5))
    assert sweep(database, clock, queues, route_of) == 1
    assert len(queues["identity"].sent) == 1


def test_a_given_up_batch_of_the_stream_leaves_by_its_times(database: Database) -> None:
    clock = FixedClock(NOW)
    ids = SequentialIds("t1", clock)
    for number in range(40):
        envelope = Envelope.seal(
            SweptV1(number=number), id=ids.new(Kind.EVENT), at=clock.now(), correlation_id="c"
        )
        database.write(Put("row", outbox_row(envelope, clock.now())))
        clock.advance(timedelta(seconds=5))
    bus = MemoryBus()
    first, last = to_text(NOW + timedelta(seconds=50)), to_text(NOW + timedelta(seconds=60))
    assert republish(database, bus, first, last) == 7
    assert sorted(e.data["number"] for e in bus.published) == [8, 9, 10, 11, 12, 13, 14]


def test_the_message_of_a_given_up_batch_is_understood() -> None:
    body = (
        '{"requestContext": {"condition": "RetryAttemptsExhausted"}, "version": "1.0",'
        ' "DDBStreamBatchInfo": {"shardId": "s", "batchSize": 1,'
        ' "approximateArrivalOfFirstRecord": "2026-03-02T15:30:00Z",'
        ' "approximateArrivalOfLastRecord": "2026-03-02T15:30:00Z"}}'
    )
    message, _ = decode(body)
    assert isinstance(message, AwsMessage)
    assert message.detail_type == STREAM_BATCH_FAILED
    assert message.detail["approximateArrivalOfLastRecord"] == "2026-03-02T15:30:00Z"
