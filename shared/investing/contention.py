"""The pause between two tries of writers that met at the same rows."""

import random
import time


def pause(attempt: int) -> None:
    """Up to 20 ms at first and up to 200 ms later, at random."""
    longest_ms = min(200, 20 * (attempt + 1))
    time.sleep(random.randint(0, longest_ms) / 1000)  # noqa: S311 - spreading, not secrecy
