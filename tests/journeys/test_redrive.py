"""Messages that nobody could handle are put back by staff, twice: no order and no entry doubles."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from shared.kernel.ids import ulid_of
from shared.platform.queues import CheckMessage, encode
from tests.journeys.test_execution_faults import (
    Platform,
    at_broker_of,
    fills,
    orders,
    paid_in,
    platform,
)
from tools.journey.client import wait_for
from tools.journey.person import Person

__all__ = ["platform"]
pytestmark = pytest.mark.journey

COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True)
class Line:
    """A queue, its dead letters, and the worker that can be made to crash on all of it."""

    sqs: Any
    functions: Any
    name: str

    @property
    def url(self) -> str:
        """Of the queue."""
        return str(self.sqs.get_queue_url(QueueName=f"baobab-local-{self.name}")["QueueUrl"])

    @property
    def dead(self) -> str:
        """Of its dead letters."""
        return f"{self.url}-dlq"

    def _arn(self, url: str) -> str:
        told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(told["Attributes"]["QueueArn"])

    def worked(self, on: bool) -> None:
        """Whether the worker gets what is in the queue."""
        wanted = {"EventSourceArn": self._arn(self.url)}
        for one in self.functions.list_event_source_mappings(**wanted)["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=one["UUID"], Enabled=on)

    def dies(self, mark: str) -> list[str]:
        """Messages that name this are taken, and never finished, until they are dead letters."""
        found: dict[str, str] = {}

        def gone() -> bool:
            told = self._taken(self.url)
            named = [each for each in told if mark in _read(each["Body"])]
            found.update({each["MessageId"]: each["Body"] for each in named})
            return bool(found) and not told

        wait_for("dead letters", gone, seconds=30, every=20)
        return list(found.values())

    def _taken(self, url: str) -> list[Any]:
        asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
        found: list[Any] = self.sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])
        return found

    def redrive(self) -> None:
        """As staff do it; until the worker has had all of them."""
        self.sqs.start_message_move_task(SourceArn=self._arn(self.dead))
        wait_for("no dead letters", lambda: not self.waiting(self.dead), seconds=60, every=50)
        # Others' messages come and go beside these: on a busy stack it is never empty.
        with suppress(TimeoutError):
            wait_for("an empty queue", lambda: not self.waiting(self.url), seconds=15, every=50)

    def ask(self, check: str, **subject: str) -> None:
        """A message of the sweep of unfinished things."""
        body = encode(CheckMessage(check, subject))
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def waiting(self, *urls: str) -> int:
        """Messages there, in hands or not."""
        told = [
            self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
            for url in urls
        ]
        return sum(int(each[name]) for each in told for name in COUNTS)

    def again(self, bodies: list[str]) -> None:
        """The same dead letters twice more, and their redrive."""
        for body in bodies * 2:
            self.sqs.send_message(QueueUrl=self.dead, MessageBody=body)
        self.redrive()


def _read(body: str) -> str:
    """A message as text, with what came by a webhook."""
    inner = json.loads(body).get("body")
    return body if inner is None else base64.b64decode(inner).decode()


@pytest.fixture
def line_of(aws: Callable[[str], Any]) -> Iterator[Callable[[str], Line]]:
    """Lines whose workers work again after the test."""
    made: list[Line] = []

    def make(name: str) -> Line:
        made.append(Line(aws("sqs"), aws("lambda"), name))
        return made[-1]

    yield make
    for line in made:
        line.worked(True)


def of_deposit(person: Person, deposit: str) -> list[Any]:
    """The orders of one deposit."""
    return [one for one in orders(person) if one["why"]["depositId"] == deposit]


def effects(sandbox: Any, person: Person, deposit: str) -> tuple[Any, ...]:
    """What a deposit's orders have done: here, at the broker, and in the books."""
    mine = of_deposit(person, deposit)
    names = {one["orderId"].rpartition("_")[2] for one in mine}
    placed = at_broker_of(sandbox, person, "/trading/accounts/{account}/orders?status=all")
    at_broker = Counter(one["client_order_id"].rpartition(".")[2] for one in placed)
    by_order = {one["id"]: one["client_order_id"].rpartition(".")[2] for one in placed}
    executed = Counter(by_order[one["order_id"]] for one in fills(sandbox, person))
    booked = Counter(
        entry["reference"].rpartition("_")[2]
        for entry in person.journal()
        if entry["kind"] == "BUY"
    )
    counts = {name: (at_broker[name], executed[name], booked[name]) for name in sorted(names)}
    return sorted((one["orderId"], one["status"]) for one in mine), counts


def once(sandbox: Any, person: Person, deposit: str) -> tuple[Any, ...]:
    """The same, where each order is there once, was filled once and is booked once."""
    found = effects(sandbox, person, deposit)
    assert found[0]
    assert {status for _, status in found[0]} == {"FILLED"}
    assert set(found[1].values()) == {(1, 1, 1)}
    return found


def test_orders_whose_message_died_are_placed_once_by_the_sweep_and_not_again_by_redrives(
    trader: Person,
    platform: Platform,
    sandbox: Any,
    line_of: Callable[[str], Line],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    execution = line_of("execution")
    platform.refresh()
    execution.worked(False)
    deposit = paid_in(trader, "120.00")
    wait_for("orders", lambda: of_deposit(trader, deposit), seconds=60)
    bodies = execution.dies(trader.user_id)
    assert {one["status"] for one in of_deposit(trader, deposit)} == {"PLANNED"}
    assert effects(sandbox, trader, deposit)[1].keys()
    assert set(effects(sandbox, trader, deposit)[1].values()) == {(0, 0, 0)}
    execution.worked(True)

    # Another way to the broker, and only then the dead letter's own.
    platform.swept()
    trader.wait_until_invested([deposit])
    before = once(sandbox, trader, deposit)
    execution.redrive()
    execution.again(bodies)
    time.sleep(0.1)
    assert once(sandbox, trader, deposit) == before
    assert_books_agree(trader)


def test_fills_whose_messages_died_are_booked_once_by_a_redrive_and_not_again_by_others(
    trader: Person,
    platform: Platform,
    sandbox: Any,
    line_of: Callable[[str], Line],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    platform.refresh()
    events, planning = line_of("broker-events"), line_of("planning")
    deposit = paid_in(trader, "130.00")
    wait_for("orders", lambda: of_deposit(trader, deposit), seconds=60)
    events.worked(False)
    mark = ulid_of(trader.user_id)
    wait_for(
        "the fills",
        lambda: {one[1] for one in effects(sandbox, trader, deposit)[1].values()} == {1},
        seconds=30,
    )
    bodies = events.dies(mark)
    assert bodies
    events.worked(True)

    events.redrive()
    trader.wait_until_invested([deposit])
    before = once(sandbox, trader, deposit)
    events.again(bodies)
    # The message that made the plan, too, comes back from the dead.
    ask = {"user_id": trader.user_id, "deposit_id": deposit}
    planning.again([encode(CheckMessage("planning", ask))])
    assert once(sandbox, trader, deposit) == before
    assert_books_agree(trader)
