"""The pause between two tries of writers that met at the same rows."""

import random
import time

STEP_MS = 20
LONGEST_MS = 200


def pause_ms(milliseconds: int) -> None:
    """Sleep so long."""
    time.sleep(milliseconds / 1000)


def full_jitter(attempt: int) -> None:
    """Sleep at random up to 20 ms, 40 ms, 80 ms … and at most 200 ms."""
    longest_ms = min(LONGEST_MS, STEP_MS * 2 ** min(attempt, 8))
    time.sleep(random.randint(0, longest_ms) / 1000)  # noqa: S311 - spreading, not secrecy
