"""The portfolio's use case: the state behind the screen in two reads."""

from shared.portfolio.model import Screen
from shared.portfolio.ports import States

PAGE_CAP = 50


def screen[Raw](
    states: States[Raw], user_id: str, *, first: int = 20, after: str | None = None
) -> Screen[Raw]:
    """A person's bounded state and one page of their feed: exactly two requests.

    ``first`` is held between 1 and 50; ``after`` is the ``after`` of an earlier feed page.
    """
    limit = max(1, min(first, PAGE_CAP))
    return Screen(states.state(user_id), states.feed(user_id, limit, after))
