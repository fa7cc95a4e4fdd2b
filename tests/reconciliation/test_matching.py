"""Two sides held against each other: every line once, and differences that explain themselves."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.reconciliation.matching import match
from shared.reconciliation.model import Category, Item, Line, Status, Totals
from tests.reconciliation.desk import DAY, at

P = Category.PAYMENT


def item(name: str, reference: str, minor: int, day: date = DAY, category: Category = P) -> Item:
    return Item(name, category, reference, minor, at(day), day)


def statuses(lines: tuple[Line, ...]) -> dict[str, Status]:
    return {line.reference: line.status for line in lines}


def test_each_of_the_four_ways_in_which_two_sides_stand_to_each_other() -> None:
    found = match(
        (),
        [item("o1", "pi_1", 100), item("o2", "pi_2", 50), item("o3", "pi_3", 70)],
        [item("t1", "pi_1", 100), item("t3", "pi_3", 71), item("t4", "pi_4", 5)],
        opening=(7, 7),
    )
    assert statuses(found.lines) == {
        "pi_1": Status.MATCHED,
        "pi_2": Status.MISSING_THERE,
        "pi_3": Status.AMOUNT_DIFFERS,
        "pi_4": Status.MISSING_HERE,
    }
    assert (found.ours, found.theirs) == (Totals(7, 220), Totals(7, 176))
    assert found.difference_minor == 44 == 50 - 1 - 5


def test_a_credit_that_was_given_twice_is_not_matched_twice() -> None:
    twice = [item("o1", "pi_1", 100), item("o2", "pi_1", 100)]
    found = match((), twice, [item("t1", "pi_1", 100)], opening=(0, 0))
    (line,) = found.lines
    assert (line.status, line.difference_minor) == (Status.AMOUNT_DIFFERS, 100)


def test_the_same_reference_of_two_kinds_is_two_things() -> None:
    fee = item("t1", "pi_1", -3, category=Category.FEE)
    found = match((), [item("o1", "pi_1", 100)], [fee], opening=(0, 0))
    assert [line.status for line in found.lines] == [Status.MISSING_HERE, Status.MISSING_THERE]


def test_what_is_missing_today_may_come_tomorrow_and_keeps_its_day() -> None:
    first = match((), [item("o1", "pi_1", 100)], [], opening=(0, 0))
    late = item("t1", "pi_1", 100, DAY - timedelta(days=2))
    second = match(first.open, [], [late], opening=(first.ours.closing, first.theirs.closing))
    (line,) = second.lines
    assert (line.status, line.first_day) == (Status.MATCHED, DAY)
    assert (second.ours, second.theirs) == (Totals(100, 0), Totals(0, 100))
    assert second.open == ()


def test_a_line_that_is_told_again_is_counted_once() -> None:
    one = item("o1", "pi_1", 100)
    first = match((), [one, one], [], opening=(0, 0))
    assert first.ours.moved == 100
    assert match(first.open, [one], [], opening=(100, 0)).ours == Totals(100, 0)


def test_what_one_side_took_back_by_itself_concerns_nobody() -> None:
    found = match((), [item("o1", "x", 5), item("o2", "x", -5)], [], opening=(0, 0))
    assert statuses(found.lines) == {"x": Status.MATCHED}


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[int, Item]]]:
    """Any lines of both sides, told in any order, split over any days, some of them again."""
    amounts = st.integers(-1_000, 1_000)
    told = draw(
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), amounts), min_size=1, max_size=30)
    )
    items = [
        (side, item(f"{side}-{number}", f"pi_{about}", minor))
        for number, (side, about, minor) in enumerate(told)
    ]
    again = draw(st.lists(st.sampled_from(items), max_size=5))
    order = draw(st.permutations(items + again))
    days = draw(st.lists(st.integers(0, len(order)), max_size=5).map(sorted))
    edges = [0, *days, len(order)]
    return [order[start:end] for start, end in pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(histories())
def test_for_any_split_and_order_sums_hold_and_nothing_is_matched_twice(
    days: list[list[tuple[int, Item]]],
) -> None:
    carried: tuple[Line, ...] = ()
    opening = (0, 0)
    done: Counter[str] = Counter()
    seen: set[str] = set()
    every: dict[str, tuple[int, Item]] = {}
    for day in days:
        new = [(side, one) for side, one in day if one.name not in seen]
        every |= {one.name: (side, one) for side, one in new}
        found = match(
            carried,
            [one for side, one in new if side == 0],
            [one for side, one in new if side == 1],
            opening=opening,
        )
        seen |= {one.name for _, one in new}
        for line in found.lines:
            if line.status is Status.MATCHED:
                done.update(one.name for one in (*line.ours, *line.theirs))
        assert found.difference_minor == sum(line.difference_minor for line in found.open)
        carried, opening = found.open, (found.ours.closing, found.theirs.closing)
    assert all(count == 1 for count in done.values())
    left = Counter(one.name for line in carried for one in (*line.ours, *line.theirs))
    assert done + left == Counter(every.keys())
    for number in (0, 1):
        assert opening[number] == sum(one.minor for side, one in every.values() if side == number)
