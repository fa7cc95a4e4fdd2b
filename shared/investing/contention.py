"""The pause between two tries of writers that met at the same rows."""

import random
import time


def pause(attempt: int) -> None:
    """Up to 20 ms at first and up to 200 ms later, at random."""
    time.sleep(random.uniform(0, min(0.2, 0.02 * (attempt + 1))))  # noqa: S311 - spreading, not secrecy
