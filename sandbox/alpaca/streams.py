"""Server-sent events: a window of the log, live when it has no end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from ulid import ULID

from sandbox.alpaca.event_log import VENDOR, Event, Topic
from sandbox.alpaca.exact_json import exact_json
from sandbox.alpaca.problems import invalid
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import time_parameter

HEARTBEAT = ":heartbeat\n\n"
TOO_SLOW = ": you are reading too slowly, dropped {} messages\n\n"
SERVER_ERROR = ": internal server error\n\n"


@dataclass(frozen=True, slots=True)
class Window:
    """Which events a stream gives. Bounds are included; without a lower bound only new events."""

    version: int
    since: datetime | None
    until: datetime | None
    since_id: int | None
    until_id: int | None

    def key(self, event: Event) -> int:
        """The id of an event as a number, in the version's own counting."""
        return event.number if self.version == 1 else int.from_bytes(_ulid(event.event_id).bytes)

    def begins_before(self, event: Event) -> bool:
        """True if the lower bound lets the event through."""
        after_time = self.since is None or event.at >= self.since
        return after_time and (self.since_id is None or self.key(event) >= self.since_id)

    def ends_before(self, event: Event) -> bool:
        """True if the event lies beyond the upper bound."""
        late = self.until is not None and event.at > self.until
        return late or (self.until_id is not None and self.key(event) > self.until_id)

    def is_over(self, now: datetime) -> bool:
        """True once no event can appear any more. An id bound is reached by time too: ids carry
        the time at which they were made."""
        if self.until is not None and now > self.until:
            return True
        now_ms = int(now.timestamp() * 1000)
        return self.version == 2 and self.until_id is not None and _made_ms(self.until_id) < now_ms

    @property
    def is_live(self) -> bool:
        """True if past events are not wanted."""
        return self.since is None and self.since_id is None


class Streams:
    """The event endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def trades(self, request: Request) -> Response:
        return self._stream(request, Topic.TRADE)

    async def journals(self, request: Request) -> Response:
        return self._stream(request, Topic.JOURNAL)

    async def accounts(self, request: Request) -> Response:
        return self._stream(request, Topic.ACCOUNT)

    async def activities(self, request: Request) -> Response:
        """What is booked in accounts without a trade: dividends, splits."""
        return self._stream(request, Topic.ACTIVITY)

    async def nothing(self, request: Request) -> Response:
        """Streams of things that this sandbox does not do: transfers."""
        return self._stream(request, None)

    def _stream(self, request: Request, topic: Topic | None) -> Response:
        version = 2 if "/v2/" in request.url.path else 1
        window = _window(request, version)
        return StreamingResponse(
            self._lines(request, window, topic),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache"},
        )

    async def _lines(
        self, request: Request, window: Window, topic: Topic | None
    ) -> AsyncIterator[str]:
        log = self._state.events
        generation = log.generation
        position = len(log.events) if window.is_live else 0
        yield HEARTBEAT
        while generation == log.generation:
            now = datetime.now(UTC)
            fresh = log.events[position:]
            position += len(fresh)
            wanted = [event for event in fresh if event.topic is topic]
            faults = self._state.sandbox.faults
            if wanted and faults.take(VENDOR, "events", "server_error") is not None:
                yield SERVER_ERROR
                return
            if wanted and faults.take(VENDOR, "events", "dropped") is not None:
                yield TOO_SLOW.format(len(wanted))
                wanted = []
            for event in wanted:
                if window.begins_before(event) and not window.ends_before(event):
                    yield f"data: {_text(event, window.version)}\n\n"
            ended = any(window.ends_before(event) for event in fresh)
            if ended or window.is_over(now) or await request.is_disconnected():
                return
            if len(log.events) != position:
                # Something was appended while the last lines were sent.
                continue
            await log.grown(self._wait(window, now))
            if len(log.events) == position and not window.is_over(datetime.now(UTC)):
                yield HEARTBEAT

    def _wait(self, window: Window, now: datetime) -> float:
        """Seconds until a heartbeat is due or the window ends."""
        heartbeat = self._state.knobs.heartbeat_seconds
        if window.until is None:
            return heartbeat
        return min(heartbeat, max(0.0, (window.until - now).total_seconds()) + 0.001)


def _window(request: Request, version: int) -> Window:
    window = Window(
        version=version,
        since=time_parameter(request, "since"),
        until=time_parameter(request, "until"),
        since_id=_id_parameter(request, "since_id", version),
        until_id=_id_parameter(request, "until_id", version),
    )
    if window.since is not None and window.since_id is not None:
        raise invalid("since and since_id can't be used at the same time")
    if window.until is not None and window.until_id is not None:
        raise invalid("until and until_id can't be used at the same time")
    bounded = window.until is not None or window.until_id is not None
    if bounded and window.is_live:
        raise invalid("an end needs a beginning: since or since_id")
    return window


def _id_parameter(request: Request, name: str, version: int) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return int(text) if version == 1 else int.from_bytes(_ulid(text).bytes)
    except ValueError as error:
        kind = "a whole number" if version == 1 else "a ULID"
        raise invalid(f"{name} must be {kind}") from error


def _ulid(text: str) -> ULID:
    return ULID.from_str(text)


def _made_ms(ulid: int) -> int:
    """Unix milliseconds: a ULID's first 48 of 128 bits."""
    return ulid >> 80


def _text(event: Event, version: int) -> str:
    """The v1 streams number their events; the v2 streams give them ULIDs."""
    data = dict(event.data)
    if version == 1:
        data["event_id"] = event.number
    return exact_json(data)
