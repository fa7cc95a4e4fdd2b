"""Functions of a new stack are started ahead of their first call, one after the other.

Each is a process that imports its code for about a second, and a journey passes ten of them in
a row. On AWS they start in parallel on other people's processors.
"""

import queue
import threading
from typing import Any, NamedTuple

from tools.embedded_aws import emulator

FUNCTION = "AWS::Lambda::Function"


class New(NamedTuple):
    """A function that a stack has just created."""

    account: str
    region: str
    name: str


def _start(new: New) -> None:
    """Starts one environment; a function that is gone or cannot be imported is left alone."""
    emulator.requests._request_account_id.set(new.account)
    emulator.requests._request_region.set(new.region)
    record = emulator.lambdas._functions.get(new.name)
    if not record or not record.get("code_zip"):
        return
    worker, _ = emulator.workers.acquire_worker(new.name, record["config"], record["code_zip"])
    if worker is None:
        return
    try:
        emulator.workers.ensure_spawned(worker)
    finally:
        emulator.workers.release_worker(worker)


def _start_for_ever(created: "queue.SimpleQueue[New]") -> None:
    while True:
        new = created.get()
        try:
            _start(new)
        except Exception as error:  # noqa: BLE001 - its first call will tell what is wrong with it
            emulator.lambdas.logger.warning("%s does not start: %s", new.name, error)


def start_functions_ahead() -> None:
    """Creating a function by a stack also starts it, in the background."""
    created: queue.SimpleQueue[New] = queue.SimpleQueue()
    stock = emulator.resource_types[FUNCTION]["create"]

    def create(*given: Any, **named: Any) -> Any:
        outcome = stock(*given, **named)
        account, region = emulator.requests.get_account_id(), emulator.requests.get_region()
        created.put(New(account, region, outcome[0]))
        return outcome

    emulator.resource_types[FUNCTION] = {**emulator.resource_types[FUNCTION], "create": create}
    thread = threading.Thread(target=_start_for_ever, args=(created,), daemon=True, name="warmth")
    thread.start()


def apply() -> None:
    start_functions_ahead()
