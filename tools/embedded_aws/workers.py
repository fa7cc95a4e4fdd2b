"""How the emulator runs functions: which Python, from which path, how fast."""

import os
import queue
from contextlib import suppress
from typing import Any

from tools.embedded_aws import emulator

LOG_WAIT_S = 0.5
"""How long a call waits for its log lines at most: when its process has died."""
END_OF_CALL = "\x1eend-of-call\x1e"
"""The worker's last line of a call; it is no part of the log."""

FORGET_CHECKOUT = """
import sys as _sys
_sys.path[:] = [p for p in _sys.path if p not in {checkout!r}]
"""

ANSWERED = "        _real_stdout.flush()\n\nrun()\n"
ANSWERED_AND_TOLD = f"""\
        sys.stderr.write({END_OF_CALL!r} + "\\n")
        sys.stderr.flush()
{ANSWERED}"""

# The line of the emulator's worker that reports what a handler raised, and ours.
RAISED = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
RAISED_BUT_WARM = (
    '{"status": "ok", "raised": {"status": "error", "error": str(e), '
    '"trace": traceback.format_exc()}}'
)


def use_the_projects_python(python: str, checkout: list[str]) -> None:
    """Functions run on the project's locked dependencies, not on the emulator's.

    The project's environment also holds the checkout itself (an editable install). It is taken
    off the path, so that a function sees its own code in its bundle only, as it does on AWS.
    """
    script = emulator.workers._PYTHON_WORKER_SCRIPT + ""
    script = FORGET_CHECKOUT.format(checkout=checkout) + script
    detect = emulator.workers._detect_runtime_binary

    def chosen(runtime: str) -> tuple[str, str]:
        found: tuple[str, str] = (
            (python, script) if runtime.startswith("python") else detect(runtime)
        )
        return found

    emulator.workers._detect_runtime_binary = chosen


def keep_every_log_line() -> None:
    """A call's log ends where the call ends, and not after some silence.

    The emulator waits 50 ms for a first line, 5 ms after each, and writes what comes later into
    the log of the worker's next call, or nowhere. Here the worker says itself when it is done:
    no line is lost, and a call that logs nothing waits for nothing.
    """
    script = emulator.workers._PYTHON_WORKER_SCRIPT
    if script.count(ANSWERED) != 1:
        raise RuntimeError("the emulator's worker answers in another way than expected")
    emulator.workers._PYTHON_WORKER_SCRIPT = script.replace(ANSWERED, ANSWERED_AND_TOLD)
    stock = emulator.workers.Worker._drain_stderr_bounded

    def drained(worker: Any, *given: Any, **named: Any) -> str:
        if not str(worker.config.get("Runtime", "")).startswith("python"):
            return str(stock(worker, *given, **named))
        lines: list[str] = []
        with suppress(queue.Empty):
            while (line := worker._stderr_queue.get(timeout=LOG_WAIT_S)) != END_OF_CALL:
                lines.append(line)
        return "\n".join(lines)

    emulator.workers.Worker._drain_stderr_bounded = drained


def stay_warm_after_an_exception() -> None:
    """A handler that raises costs its environment here; on AWS the environment lives on.

    The worker reports success with the exception inside, which the emulator does not kill it
    for, and the answer is turned back into a failure.
    """
    script = emulator.workers._PYTHON_WORKER_SCRIPT
    if script.count(RAISED) != 1:
        raise RuntimeError("the emulator's worker reports exceptions in another way than expected")
    emulator.workers._PYTHON_WORKER_SCRIPT = script.replace(RAISED, RAISED_BUT_WARM)
    stock = emulator.workers.Worker.invoke

    def invoke(worker: Any, *given: Any, **named: Any) -> dict[str, Any]:
        answer: dict[str, Any] = stock(worker, *given, **named)
        return {**answer, **answer.pop("raised", {})}

    emulator.workers.Worker.invoke = invoke


def apply() -> None:
    stay_warm_after_an_exception()
    keep_every_log_line()
    python = os.environ.get("BAOBAB_FUNCTION_PYTHON", "")
    if python:
        checkout = os.environ.get("BAOBAB_CHECKOUT", "").split(os.pathsep)
        use_the_projects_python(python, checkout)
