"""Around every function's handler: the correlation id, the call's fields, and failures."""

import functools
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from shared.platform.correlation import set_correlation_id
from shared.platform.log_lines import CALL, frames_of
from shared.platform.observability import adopt_libraries, logger, metric
from shared.platform.snapshots import differ_after_restore

_FIRST = True
_HALF_GONE_AT: ContextVar[int | None] = ContextVar("half_gone_at", default=None)
"""Nanoseconds of the monotonic clock; None where nobody ends the call."""


class HandlerFailed(Exception):
    """What the runtime learns, and logs, of an exception: its type."""


type Handler[Answer] = Callable[[dict[str, Any], Any], Answer]


def entry_point[Answer](service: str) -> Callable[[Handler[Answer]], Handler[Answer]]:
    """Make a function's handler of what takes an event and a context.

    Every line of a call carries its correlation id (until a message brings its own), the
    function, the request and whether the process is new. An exception is logged by type and
    place and leaves as HandlerFailed, because the runtime writes the text of whatever it gets
    into the log.
    """

    def decorate(handle: Handler[Answer]) -> Handler[Answer]:
        adopt_libraries()
        differ_after_restore()

        @functools.wraps(handle)
        def handler(event: dict[str, Any], context: Any) -> Answer:
            _begin(service, event, context)
            try:
                return handle(event, context)
            except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
                _report(service, error)
                name = type(error).__name__
            finally:
                _HALF_GONE_AT.set(None)
            raise HandlerFailed(name)

        return handler

    return decorate


def half_gone() -> bool:
    """Whether half of the time of this call is over: what begins now may be cut off."""
    at = _HALF_GONE_AT.get()
    return at is not None and time.monotonic_ns() >= at


def _begin(service: str, event: Mapping[str, Any], context: Any) -> None:
    global _FIRST
    request = str(getattr(context, "aws_request_id", "") or "")
    gateway = event.get("requestContext") if isinstance(event, Mapping) else None
    given = gateway.get("requestId") if isinstance(gateway, Mapping) else None
    set_correlation_id(str(given or request))
    left = getattr(context, "get_remaining_time_in_millis", None)
    _HALF_GONE_AT.set(None if left is None else time.monotonic_ns() + left() * 500_000)
    CALL.set({"function": service, "request_id": request, "cold_start": _FIRST})
    _FIRST = False


def _report(service: str, error: Exception) -> None:
    fields = {"error": type(error).__name__, "frames": frames_of(error.__traceback__)}
    logger(service).error("call failed", extra=fields)
    metric("CallFailed", service=service, error=type(error).__name__)
