"""The faults that can befall any API operation, put around its handler."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.context import Sandbox

type Handler = Callable[[Request], Awaitable[Response]]
type FaultResponse = Callable[[int], Response]

DEFAULT_HOLD_SECONDS = 35
FIRST_ERROR_STATUS = 400


class BrokenResponse(Response):
    """Announces a byte and closes the connection without it: the caller never learns the result.

    The effect is in place, and the client sees a network error in the middle of an answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
        )


def operation(
    sandbox: Sandbox, vendor: str, name: str, handler: Handler, fault_response: FaultResponse
) -> Handler:
    """`handler` with the API faults of `vendor`/`name` around it.

    `latency` (params.ms) waits first. `rate_limited` answers 429 and `error` answers
    params.status (default 500), both without any effect. `timeout_after_effect` lets the effect
    happen and then answers params.status, or closes the connection at once (params.close), or
    holds it for params.seconds (default 35) and then closes it. `fault_response` gives the
    vendor's own error body for a status.
    """

    def take(kind: str) -> Mapping[str, Any] | None:
        return sandbox.faults.take(vendor, name, kind)

    async def faulty(request: Request) -> Response:
        latency = take("latency")
        if latency is not None:
            await asyncio.sleep(latency.get("ms", 1000) / 1000)
        if take("rate_limited") is not None:
            return fault_response(429)
        error = take("error")
        if error is not None:
            return fault_response(error.get("status", 500))
        response = await handler(request)
        if response.status_code >= FIRST_ERROR_STATUS:
            return response
        lost = take("timeout_after_effect")
        if lost is None:
            return response
        if "status" in lost:
            return fault_response(lost["status"])
        if not lost.get("close"):
            await _hold(request, lost.get("seconds", DEFAULT_HOLD_SECONDS))
        return BrokenResponse()

    return faulty


async def _hold(request: Request, seconds: int) -> None:
    """Waits, but no longer than the caller does."""
    step_s = 0.05
    for _ in range(int(seconds / step_s)):
        if await request.is_disconnected():
            return
        await asyncio.sleep(step_s)
