"""Facts that meet others: read again and decide again, a bounded number of times."""

import random
import time
from collections.abc import Callable

from shared.platform.work import ConditionFailed, LostRace, retry_lost_race

TRIES = 6


def brief_pause(attempt: int) -> None:
    """Full jitter up to 20 ms, 40 ms, 80 ms …"""
    time.sleep(random.uniform(0, 2**attempt) / 50)  # noqa: S311 - spreading, not secrecy


def on_fresh_state[T](attempt: Callable[[], T], pause: Callable[[int], None] = brief_pause) -> T:
    """Run ``attempt`` until its conditions hold: it reads, decides and commits each time.

    Raises TemporarilyUnavailable when others kept interfering.
    """

    def once() -> T:
        try:
            return attempt()
        except ConditionFailed as failure:
            raise LostRace from failure

    return retry_lost_race(once, tries=TRIES, pause=pause)
