"""Few environments for each function: a process costs a second of a processor that others need.

AWS starts an environment for every concurrent call. Here, a burst of messages would start as many
processes at once and hold up everything else, where two warm ones are done sooner.
"""

import os
import time
from typing import Any

from tools.embedded_aws import emulator

ENVIRONMENTS_MAX = max(2, os.cpu_count() or 1)
PATIENCE_S = 4.0
"""How long a call waits for a warm environment; after that it gets its own all the same, since
the environments may be waiting for this very call."""
POLL_S = 0.005


def limit_concurrent_batches() -> None:
    """A queue's batches run no wider than there are environments; the mapping's own limit holds."""
    stock = emulator.lambdas._sqs_esm_concurrency

    def limited(*given: Any) -> int:
        return min(int(stock(*given)), ENVIRONMENTS_MAX)

    emulator.lambdas._sqs_esm_concurrency = limited


def wait_for_warm_environments() -> None:
    """A call prefers a warm environment that is busy for another moment to a new one."""
    stock = emulator.lambdas.acquire_worker

    def all_busy(key: str) -> bool:
        entries = emulator.workers._workers.get(key, ())
        return len(entries) >= ENVIRONMENTS_MAX and all(entry.in_use for entry in entries)

    def acquire(
        name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST", **named: Any
    ) -> Any:
        key = emulator.workers._worker_key(name, config, qualifier)
        deadline = time.monotonic() + PATIENCE_S
        while all_busy(key) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return stock(name, config, code, qualifier=qualifier, **named)

    emulator.lambdas.acquire_worker = acquire


def apply() -> None:
    limit_concurrent_batches()
    wait_for_warm_environments()
