"""Everything that happened, in order, for the streams and the signed push."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from standardwebhooks import Webhook
from ulid import ULID

from sandbox.alpaca.exact_json import exact_json
from sandbox.alpaca.knobs import Knobs
from sandbox.alpaca.wire import timestamp
from sandbox.context import Sandbox

VENDOR = "alpaca"
WRONG_SECRET = "whsec_" + "d3Jvbmcg" * 4


class Topic(StrEnum):
    """What an event is about; the value names it in a pushed body."""

    TRADE = "trade_updates"
    JOURNAL = "journal_status"
    ACCOUNT = "account_status"
    ACTIVITY = "account_activity"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `number` is the id in the v1 streams; `at` is wall time, since a stream is a
    matter of delivery and its cursor must only grow."""

    number: int
    event_id: str
    at: datetime
    topic: Topic
    data: Mapping[str, Any]


class EventLog:
    """Appends, wakes the streams, pushes."""

    def __init__(self, sandbox: Sandbox, knobs: Callable[[], Knobs]) -> None:
        self._sandbox = sandbox
        self._knobs = knobs
        self._events: list[Event] = []
        self._last_id = 0
        self._grown = asyncio.Event()
        self.generation = 0

    @property
    def events(self) -> list[Event]:
        """All events, oldest first."""
        return self._events

    def clear(self) -> None:
        """Forgets everything and ends the open streams."""
        self._events = []
        self.generation += 1
        self._wake()

    async def grown(self, timeout_seconds: float) -> None:
        """Returns when something was appended, at the latest after the timeout."""
        try:
            await asyncio.wait_for(self._grown.wait(), timeout_seconds)
        except TimeoutError:
            return

    def append(self, topic: Topic, data: Mapping[str, Any]) -> None:
        """Adds `event_id` and `at` to the data and publishes it."""
        at = datetime.now(UTC)
        event_id = self._next_id(at)
        body = {**data, "at": timestamp(at), "event_id": event_id}
        self._events.append(Event(len(self._events) + 1, event_id, at, topic, body))
        self._wake()
        self._push(self._events[-1])

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    def _next_id(self, at: datetime) -> str:
        """A ULID that is larger than all before it, also within a millisecond."""
        drawn = int.from_bytes(ULID.from_datetime(at).bytes)
        self._last_id = max(drawn, self._last_id + 1)
        return str(ULID.from_bytes(self._last_id.to_bytes(16)))

    def _push(self, event: Event) -> None:
        url = self._sandbox.config.broker_webhook_url
        if url is None or not self._knobs().push:
            return
        body = exact_json({"type": event.topic.value, "data": event.data})

        def signed_with(secret: str) -> Mapping[str, str]:
            now = datetime.now(UTC)
            return {
                "content-type": "application/json",
                "webhook-id": event.event_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(secret).sign(event.event_id, now, body),
            }

        self._sandbox.background.spawn(
            self._sandbox.outbound.deliver(
                vendor=VENDOR,
                url=url,
                body=body.encode(),
                headers=lambda: signed_with(self._sandbox.config.broker_webhook_secret),
                event_type=event.topic.value,
                forged=lambda: signed_with(WRONG_SECRET),
            )
        )
