"""Webhook delivery with the retries of the vendor and the faults of a bad network."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from sandbox.background import Background
from sandbox.config import SandboxConfig
from sandbox.faults import Faults
from sandbox.loopback import require_loopback

type Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]

# Safaricom calls back once, whatever the receiver answers.
NEVER_RETRIED = frozenset({"daraja"})
OPERATION = "webhook"
KEPT_ATTEMPTS = 2000


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to be delivered."""

    number: int
    vendor: str
    url: str
    body: bytes
    headers: Headers
    event_type: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one delivery; `status` is None when no answer came, `note` says why; `took_ms`
    is from the sending to the answer, None for what was never sent."""

    delivery: int
    vendor: str
    event_type: str
    url: str
    attempt: int
    at: str
    status: int | None
    note: str
    headers: Mapping[str, str]
    body: str
    took_ms: int | None


class Outbound:
    """Sends webhooks in the background and remembers every attempt.

    The faults are ordered with operation `webhook`, or with the event type:
    `lost`, `duplicate` (params.copies, default 2 in all), `late` (params.seconds),
    `forged` (one more copy with a wrong signature before the real one; params.only: no real
    one), `out_of_order` (held until the vendor's next message was sent).
    """

    def __init__(
        self, faults: Faults, background: Background, config: Callable[[], SandboxConfig]
    ) -> None:
        self._faults = faults
        self._background = background
        self._config = config
        self._numbers = itertools.count(1)
        self._attempts: deque[Attempt] = deque(maxlen=KEPT_ATTEMPTS)
        self._held: dict[str, list[Message]] = {}
        self._client: httpx.AsyncClient | None = None

    async def deliver(
        self,
        *,
        vendor: str,
        url: str,
        body: bytes,
        headers: Headers,
        event_type: str,
        forged: Headers | None = None,
    ) -> None:
        """Schedules a delivery and returns at once.

        `headers` may be a function: it is called for each attempt, so that a signature with a
        timestamp is fresh in every retry. `forged` are the headers signed with a wrong secret;
        without them the fault `forged` is not used (an unsigned protocol has nothing to forge).

        Raises:
            NotLoopback: the URL does not lie on this machine.
        """
        message = Message(
            next(self._numbers), vendor, require_loopback(url), body, headers, event_type
        )
        if self._take(message, "lost") is not None:
            self._record(message, 0, None, "lost on purpose", {}, None)
            return
        forgery = self._take(message, "forged") if forged is not None else None
        if forgery is not None and forged is not None:
            fake = Message(message.number, vendor, url, body, forged, event_type)
            self._background.spawn(self._attempt_once(fake))
            if forgery.get("only"):
                return
        if self._take(message, "out_of_order") is not None:
            self._held.setdefault(vendor, []).append(message)
            return
        late = self._take(message, "late")
        delay_ms = int(late.get("seconds", 5) * 1000) if late is not None else 0
        duplicate = self._take(message, "duplicate")
        copies = int(duplicate.get("copies", 2)) if duplicate is not None else 1
        self._background.after(delay_ms, self._send(message, copies))

    async def ask(
        self,
        *,
        vendor: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        event_type: str,
        within_s: float,
    ) -> Any:
        """Asks once and waits for the JSON of the answer; None when none came, or none in time.
        The fault `lost` loses the question, `late` (params.seconds) waits before it.

        Raises:
            NotLoopback: the URL does not lie on this machine.
        """
        message = Message(
            next(self._numbers), vendor, require_loopback(url), body, headers, event_type
        )
        if self._take(message, "lost") is not None:
            self._record(message, 0, None, "lost on purpose", {}, None)
            return None
        late = self._take(message, "late")
        if late is not None:
            await asyncio.sleep(late.get("seconds", 5))
        began = time.monotonic()
        try:
            response = await self._http().post(
                url, content=body, headers=dict(headers), timeout=within_s
            )
            answer = response.json() if response.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._record(message, 1, None, type(error).__name__, headers, began)
            return None
        except ValueError:
            answer = None
        self._record(message, 1, response.status_code, "", headers, began)
        return answer

    def attempts(self) -> list[dict[str, Any]]:
        """Every attempt, oldest first."""
        return [asdict(attempt) for attempt in self._attempts]

    def clear(self) -> None:
        """Forgets attempts and held messages."""
        self._attempts.clear()
        self._held.clear()

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _take(self, message: Message, kind: str) -> Mapping[str, Any] | None:
        found = self._faults.take(message.vendor, message.event_type, kind)
        if found is None:
            found = self._faults.take(message.vendor, OPERATION, kind)
        return found

    async def _send(self, message: Message, copies: int) -> None:
        held = self._held.pop(message.vendor, [])
        for _ in range(copies):
            delivered = await self._attempt(message, 1)
            if not delivered and message.vendor not in NEVER_RETRIED:
                self._background.spawn(self._retry(message))
        for earlier in held:
            self._background.spawn(self._send(earlier, 1))

    async def _retry(self, message: Message) -> None:
        for number, wait_ms in enumerate(self._config().webhook_backoff_ms, start=2):
            await asyncio.sleep(wait_ms / 1000)
            if await self._attempt(message, number):
                return

    async def _attempt_once(self, message: Message) -> None:
        await self._attempt(message, 1)

    async def _attempt(self, message: Message, number: int) -> bool:
        headers = message.headers() if callable(message.headers) else message.headers
        timeout_s, began = self._config().webhook_timeout_ms / 1000, time.monotonic()
        try:
            response = await self._http().post(
                message.url, content=message.body, headers=dict(headers), timeout=timeout_s
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._record(message, number, None, type(error).__name__, headers, began)
            return False
        self._record(message, number, response.status_code, "", headers, began)
        return response.is_success

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # No redirects and no proxy: both would lead off this machine.
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        return self._client

    def _record(
        self,
        message: Message,
        number: int,
        status: int | None,
        note: str,
        headers: Mapping[str, str],
        began: float | None,
    ) -> None:
        took_ms = None if began is None else int((time.monotonic() - began) * 1000)
        self._attempts.append(
            Attempt(
                delivery=message.number,
                vendor=message.vendor,
                event_type=message.event_type,
                url=message.url,
                attempt=number,
                at=datetime.now(UTC).isoformat(),
                status=status,
                note=note,
                headers=dict(headers),
                body=message.body.decode("utf-8", errors="replace"),
                took_ms=took_ms,
            )
        )
