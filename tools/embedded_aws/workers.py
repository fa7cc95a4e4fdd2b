"""How the emulator runs functions: which Python, from which path, how fast."""

import os
from typing import Any

from tools.embedded_aws import emulator

LOG_WAIT_S = (0.004, 0.003, 0.25)
"""First line, quiet after a line, at most: how long a call waits for its log lines."""

FORGET_CHECKOUT = """
import sys as _sys
_sys.path[:] = [p for p in _sys.path if p not in {checkout!r}]
"""

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


def wait_less_for_logs() -> None:
    """A call that logs nothing waits 50 ms for its log; a few are enough on one machine."""
    emulator.workers.Worker._drain_stderr_bounded.__defaults__ = LOG_WAIT_S


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
    python = os.environ.get("BAOBAB_FUNCTION_PYTHON", "")
    if python:
        checkout = os.environ.get("BAOBAB_CHECKOUT", "").split(os.pathsep)
        use_the_projects_python(python, checkout)
    wait_less_for_logs()
