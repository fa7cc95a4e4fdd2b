"""A sample of people of one strategy: bounded, the same for the same question, and stated."""

from collections.abc import Sequence

import pytest

from shared.investing.sampling import REQUESTS_MAX, sample_of, strategies_of
from shared.kernel.ids import Kind, SequentialIds
from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.tables import Item
from shared.portfolio.holders import Holder, HoldersPage
from shared.strategies.goals import general_goal_id

SEED = "prp_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def goal(style: str, score: int | None = None, status: str = "ACTIVE", sk: str = "X") -> Item:
    more = {} if score is None else {"score": {"N": str(score)}}
    kept = {"kind": {"S": "goal"}, "style": {"S": style}, "status": {"S": status}}
    return Item({**kept, **more, "sk": {"S": f"{keys.SAVING}{sk}"}})


def named(number: int) -> str:
    return f"usr_t1_{number:026}"


def holder(user_id: str, score: int | None = 3, *goals: Item) -> Holder:
    known = {} if score is None else {"risk_score": {"N": str(score)}}
    profile = Item({"kind": {"S": "profile"}, "sk": {"S": "PROFILE"}, **known})
    return Holder(user_id, items=(profile, *goals))


class Index:
    """Pages by segment, and how many were asked for."""

    def __init__(self, pages: dict[int, list[HoldersPage]]) -> None:
        self.pages = pages
        self.asked: list[int] = []

    def page(self, segment: int, after: str | None = None) -> HoldersPage:
        self.asked.append(segment)
        return self.pages.get(segment, [HoldersPage(())])[int(after or 0)]


def pages(parts: Sequence[Sequence[Holder]]) -> list[HoldersPage]:
    last = len(parts) - 1
    return [
        HoldersPage(tuple(part), after=None if number == last else str(number + 1))
        for number, part in enumerate(parts)
    ]


@pytest.mark.parametrize(
    ("goals", "expected"),
    [
        ((), {"factor-3"}),
        ((goal("INCOME"),), {"factor-3", "income-3"}),
        ((goal("GROWTH", 1),), {"factor-3", "factor-1"}),
        ((goal("GROWTH", 5),), {"factor-3"}),
        ((goal("INCOME", status="ARCHIVED"),), {"factor-3"}),
    ],
)
def test_the_strategies_of_a_person_are_those_of_their_goals(
    goals: tuple[Item, ...], expected: set[str], ids: SequentialIds
) -> None:
    assert strategies_of(holder(ids.new(Kind.USER), 3, *goals)) == expected


def test_a_general_goal_that_was_changed_counts_as_it_was_changed(ids: SequentialIds) -> None:
    user_id = ids.new(Kind.USER)
    sk = keys.goal(general_goal_id(user_id)).removeprefix(keys.SAVING)
    assert strategies_of(holder(user_id, 4, goal("INCOME", sk=sk))) == {"income-4"}


def test_before_the_risk_questions_there_is_no_strategy(ids: SequentialIds) -> None:
    assert strategies_of(holder(ids.new(Kind.USER), None, goal("INCOME"))) == frozenset()


def test_everybody_is_passed_once_and_the_walk_begins_where_the_question_says() -> None:
    index = Index(
        {5: pages([[holder(named(0))], [holder(named(1), 4)]]), 60: pages([[holder(named(2))]])}
    )
    sample = sample_of(index, "factor-3", seed=SEED, size=9)
    assert (sorted(sample.user_ids), sample.seen) == ([named(0), named(2)], 3)
    # Of the last segment there was no request left: nobody says that this was everybody.
    assert (len(index.asked), sample.complete) == (REQUESTS_MAX, False)
    first = sum(SEED.encode()[-8:]) % SEGMENTS
    assert index.asked[0] == first
    again = Index(index.pages)
    assert sample_of(again, "factor-3", seed=SEED, size=9) == sample


def test_of_few_people_all_are_seen_and_that_is_told() -> None:
    sample = sample_of(Index({5: pages([[holder(named(0))]])}), "factor-3", seed=SEED, size=9)
    assert (sample.user_ids, sample.seen, sample.complete) == ((named(0),), 1, True)


def test_the_walk_ends_with_the_sample() -> None:
    first = sum(SEED.encode()[-8:]) % SEGMENTS
    many = [holder(named(number)) for number in range(100)]
    index = Index({first: pages([many])})
    sample = sample_of(index, "factor-3", seed=SEED, size=7)
    assert (len(sample.user_ids), sample.seen, sample.complete) == (7, 7, False)
    assert index.asked == [first]


def test_one_whose_rows_cannot_be_read_is_passed_over_and_not_hidden() -> None:
    bad = holder(named(4), 3, goal("WRONG"))
    index = Index({5: pages([[bad, holder(named(3))]])})
    sample = sample_of(index, "factor-3", seed=SEED, size=9)
    assert (sample.user_ids, sample.seen, sample.complete) == ((named(3),), 2, False)
    index = Index({5: [HoldersPage((holder(named(3)),), unreadable=(named(4),))]})
    assert sample_of(index, "factor-3", seed=SEED, size=9).complete is False
