"""The event bus: outbox rows leave here, in batches, each entry's result checked."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.kernel.events import Envelope
from shared.platform.correlation import set_correlation_id
from shared.platform.observability import logger, metric

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

SOURCE = "baobab"
BATCH = 10
TRIES = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One envelope to publish, as stored."""

    type: str
    envelope: str


class Bus(Protocol):
    """Where envelopes go."""

    def publish(self, outgoing: Sequence[Outgoing]) -> list[int]:
        """Publish at least once; the positions that failed after all tries."""


class EventBridgeBus:
    """A bus of EventBridge."""

    def __init__(
        self,
        name: str,
        client: "EventBridgeClient | None" = None,
        pause: Callable[[int], None] | None = None,
    ) -> None:
        self._name = name
        self._client: EventBridgeClient = client or boto3.client(
            "events", config=Config(connect_timeout=2, read_timeout=5)
        )
        self._pause = pause or (lambda attempt: time.sleep(4**attempt / 20))

    def publish(self, outgoing: Sequence[Outgoing]) -> list[int]:
        """See Bus. What failed within a batch is sent again, alone."""
        failed: list[int] = []
        for batch in batched(range(len(outgoing)), BATCH, strict=False):
            left = list(batch)
            for attempt in range(TRIES):
                left = self._send(outgoing, left)
                if not left:
                    break
                if attempt < TRIES - 1:
                    self._pause(attempt)
            failed += left
        return failed

    def _send(self, outgoing: Sequence[Outgoing], positions: list[int]) -> list[int]:
        entries: Any = [
            {
                "Source": SOURCE,
                "DetailType": outgoing[position].type,
                "Detail": outgoing[position].envelope,
                "EventBusName": self._name,
            }
            for position in positions
        ]
        try:
            answer = self._client.put_events(Entries=entries)
        except (BotoCoreError, ClientError):
            return positions
        results = zip(positions, answer["Entries"], strict=True)
        return [position for position, result in results if result.get("ErrorCode")]


class MemoryBus:
    """Keeps what was published, for tests."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []

    def publish(self, outgoing: Sequence[Outgoing]) -> list[int]:
        """See Bus."""
        self.published += [Envelope.model_validate_json(one.envelope) for one in outgoing]
        return []


def publish_stream(
    bus: Bus, records: Iterable[Mapping[str, Any]]
) -> dict[str, list[dict[str, str]]]:
    """Publish the new rows of a batch of stream records.

    Answers in the shape of a partial batch response: the lowest sequence number that failed, so
    that the stream delivers from there again. What had been published after it goes out twice,
    which consumers take as success.
    """
    inserted = [record for record in records if record["eventName"] == "INSERT"]
    outgoing = [
        Outgoing(
            type=record["dynamodb"]["NewImage"]["type"]["S"],
            envelope=record["dynamodb"]["NewImage"]["envelope"]["S"],
        )
        for record in inserted
    ]
    failed = bus.publish(outgoing)
    for position, one in enumerate(outgoing):
        _tell(one, published=position not in failed)
    if not failed:
        return {"batchItemFailures": []}
    metric("EventsNotPublished", len(failed))
    first = inserted[min(failed)]["dynamodb"]["SequenceNumber"]
    return {"batchItemFailures": [{"itemIdentifier": first}]}


def _tell(one: Outgoing, *, published: bool) -> None:
    envelope = json.loads(one.envelope)
    set_correlation_id(str(envelope["correlation_id"]))
    fields = {"event": one.type, "event_id": envelope["id"]}
    if published:
        logger("publish_outbox").info("event published", extra=fields)
    else:
        logger("publish_outbox").warning("event not published", extra=fields)
