"""A bounded sample of people who save by one strategy, found in the index of holders."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.tables import Item
from shared.portfolio.holders import Holder
from shared.portfolio.ports import Holders
from shared.strategies.goals import GoalStatus, general_goal_id
from shared.strategies.model import Style, strategy_id

REQUESTS_MAX = SEGMENTS
"""Pages of the index that are read for a sample: on a small platform that is everybody."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Who may be affected; ``seen`` people were passed to find them. ``complete`` when that was
    everybody, so that nobody else is affected; one whose rows cannot be read is not."""

    user_ids: tuple[str, ...]
    seen: int
    complete: bool


def sample_of(holders: Holders, strategy: str, *, seed: str, size: int) -> Sample:
    """At most ``size`` people whose goals start from a strategy, by its id.

    The walk begins in a segment that ``seed`` names, so that the same question finds the same
    people, and different ones other people. At most REQUESTS_MAX requests, each for hundreds.
    """
    found: list[str] = []
    seen = asked = unreadable = 0
    first = sum(seed.encode()[-8:]) % SEGMENTS
    for number in range(SEGMENTS):
        after: str | None = None
        while True:
            if asked == REQUESTS_MAX:
                return Sample(tuple(found), seen, complete=False)
            page = holders.page((first + number) % SEGMENTS, after)
            asked += 1
            unreadable += len(page.unreadable)
            for holder in page.holders:
                seen += 1
                try:
                    mine = strategies_of(holder)
                except (KeyError, ValueError):
                    unreadable += 1
                    continue
                if strategy in mine:
                    found.append(holder.user_id)
                if len(found) == size:
                    return Sample(tuple(found), seen, complete=False)
            after = page.after
            if after is None:
                break
    return Sample(tuple(found), seen, complete=not unreadable)


def strategies_of(holder: Holder) -> frozenset[str]:
    """Ids of the strategies from which the goals of a person start, as the index knows them."""
    return frozenset(_strategies(holder))


def _strategies(holder: Holder) -> Iterator[str]:
    score = next((_whole(one, "risk_score") for one in holder.items if one.kind == "profile"), None)
    if score is None:
        return
    goals = [one for one in holder.items if one.kind == "goal"]
    if keys.goal(general_goal_id(holder.user_id)) not in {one.sk for one in goals}:
        yield strategy_id(Style.GROWTH, score)
    for goal in goals:
        if goal.attributes["status"]["S"] == GoalStatus.ACTIVE:
            lower = _whole(goal, "score")
            counts = score if lower is None else min(score, lower)
            yield strategy_id(Style(goal.attributes["style"]["S"]), counts)


def _whole(item: Item, name: str) -> int | None:
    value = item.attributes.get(name, {}).get("N")
    return None if value is None else int(value)
