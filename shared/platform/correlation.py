"""One correlation id from the click to the fill: set by each entry point, sealed into events."""

import uuid
from contextvars import ContextVar

_CURRENT: ContextVar[str] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """The current one; a new one when no entry point has set it."""
    current = _CURRENT.get()
    if not current:
        current = uuid.uuid4().hex
        _CURRENT.set(current)
    return current


def set_correlation_id(value: str) -> None:
    """Continue the one that an event or a request carries; empty starts a new one."""
    _CURRENT.set(value[:64] or uuid.uuid4().hex)
