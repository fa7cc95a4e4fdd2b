"""One correlation id from the click to the fill: set by each entry point, sealed into events.

What people begin outlives requests: a webhook or a poll comes with an id of its own and then
meets a row that names the id it was begun under. ``continue_trace`` goes on with that one, and
the other stays readable as the cause.
"""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.=+/:-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Trace:
    id: str
    cause: str = ""


_CURRENT: ContextVar[_Trace | None] = ContextVar("correlation", default=None)


def correlation_id() -> str:
    """The current one; a new one when no entry point has set it."""
    current = _CURRENT.get()
    if current is None:
        current = _Trace(uuid.uuid4().hex)
        _CURRENT.set(current)
    return current.id


def caused_by() -> str:
    """The id under which this call came in, when it goes on with another one; else empty."""
    current = _CURRENT.get()
    return "" if current is None else current.cause


def set_correlation_id(value: str) -> None:
    """Take the one that an event or a request carries; anything that is none starts a new one."""
    _CURRENT.set(_Trace(value if _FORM.fullmatch(value) else uuid.uuid4().hex))


def continue_trace(trace: str | None) -> None:
    """Go on with the id that a row was begun under; nothing for rows that name none."""
    if not trace or not _FORM.fullmatch(trace):
        return
    here = correlation_id()
    if here != trace:
        _CURRENT.set(_Trace(trace, caused_by() or here))
