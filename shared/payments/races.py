"""Facts that meet others: read again and decide again, a bounded number of times."""

from collections.abc import Callable

from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, retry_lost_race

TRIES = 6


def on_fresh_state[T](attempt: Callable[[], T], pause: Callable[[int], None] = full_jitter) -> T:
    """Run ``attempt`` until its conditions hold: it reads, decides and commits each time.

    Raises TemporarilyUnavailable when others kept interfering.
    """

    def once() -> T:
        try:
            return attempt()
        except ConditionFailed as failure:
            raise LostRace from failure

    return retry_lost_race(once, tries=TRIES, pause=pause)
