"""Log lines: one JSON object each, of bounded size, with nothing personal and no secret in it.

Everything that a process logs passes here, also what libraries say: of those only the words of
the message are kept, never the values filled into it. Of an exception only its type and the
places it came through are told, because its text may quote what a person sent.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from shared.platform.correlation import caused_by, correlation_id
from shared.platform.masking import cleaned

ROOT = "baobab"
"""Parent of the loggers of our own."""
FRAMES_MAX = 6

CALL: ContextVar[Mapping[str, object]] = ContextVar("call", default={})  # noqa: B039 - never changed in place
"""What is the same in all lines of one call of a function."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(LambdaPowertoolsFormatter):
    """Formats a record as one line of JSON in ASCII: no newline, no control character.

    The library's own form would tell the texts of exceptions, and statements of the source.
    """

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        own = record.name == ROOT or record.name.startswith(f"{ROOT}.")
        line: dict[str, object] = {
            "level": record.levelname,
            "message": _words(record, own=own),
            "timestamp": _instant(record),
            "service": _service(record, own=own),
            **common(),
        }
        if not own:
            line["logger"] = record.name
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            line |= {
                "exception": record.exc_info[0].__name__,
                "frames": frames_of(record.exc_info[2]),
            }
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        # What a caller adds cannot take the place of what every line carries.
        line = {**(extra if own else {}), **line}
        return json.dumps(cleaned(line), separators=(",", ":"))


class Output(logging.Handler):
    """Writes to what is the standard output now, each line at once and whole."""

    def emit(self, record: logging.LogRecord) -> None:
        """See the class."""
        try:
            write(self.format(record))
        except Exception:  # noqa: BLE001 - a line that cannot be written must not end the work
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Without the stack and the arguments that the library would print."""
        write(f'{{"level":"ERROR","message":"a log line of {record.levelname} was lost"}}')


def write(line: str) -> None:
    """One line on the standard output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def common() -> dict[str, object]:
    """What every line carries."""
    fields: dict[str, object] = {"correlation_id": correlation_id()}
    cause, trace = caused_by(), os.environ.get("_X_AMZN_TRACE_ID", "")
    if cause:
        fields["caused_by"] = cause
    if trace:
        fields["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    return fields | dict(CALL.get())


def frames_of(trace: TracebackType | None) -> list[str]:
    """The last places of a traceback: file, line and name, no code and no values."""
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-FRAMES_MAX:]


def _words(record: logging.LogRecord, *, own: bool) -> str:
    if not isinstance(record.msg, str):
        return f"[{type(record.msg).__name__}]"
    return record.getMessage() if own else record.msg


def _service(record: logging.LogRecord, *, own: bool) -> str:
    named = record.name.removeprefix(ROOT).removeprefix(".") if own else ""
    return named or str(CALL.get().get("function", "library"))


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
