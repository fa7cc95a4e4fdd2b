"""One way to change what sign-ins depend on: read, decide, write if it is still as it was read."""

from collections.abc import Callable, Sequence

from shared.kernel.events import Event
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, Write, retry_lost_race
from shared.users.errors import NotSignedIn
from shared.users.model import User
from shared.users.service import People

TRIES = 8


def change_standing(
    people: People,
    user_id: str,
    decide: Callable[[User], User],
    *,
    extra: Sequence[Write] = (),
    events: Sequence[Event] = (),
    first: User | None = None,
) -> User:
    """The person as ``decide`` wants them, with other writes and events in the same fact.

    ``decide`` gets fresh state each time (``first`` when given, the first time) and may raise.
    Nothing is written when it changes nothing and there is nothing else to write. Raises
    NotSignedIn for nobody, ConditionFailed when another write's condition fails, and
    TemporarilyUnavailable when others kept interfering.
    """
    known = first

    def attempt() -> User:
        nonlocal known
        before = known or people.users.get(user_id)
        known = None
        if before is None:
            raise NotSignedIn()
        after = decide(before)
        if after == before and not extra and not events:
            return before
        try:
            people.facts.commit([people.users.save_standing(before, after), *extra], *events)
        except ConditionFailed as failed:
            if set(failed.found) != {"profile"}:
                raise
            raise LostRace from None
        return after

    return retry_lost_race(attempt, tries=TRIES, pause=full_jitter)
