"""Holding two sides against each other, by what both know a thing by. Pure.

Lines that belong to one thing are summed per side, so that no line is ever matched twice and the
order in which lines arrive makes no difference. What agrees is done with; what does not stays open
and is carried to the next day with all its lines.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.reconciliation.model import Category, Item, Line, Status, Totals


@dataclass(frozen=True, slots=True)
class Matching:
    """The result: every line once, by category and reference; those that are open among them."""

    lines: tuple[Line, ...]
    ours: Totals
    theirs: Totals

    @property
    def open(self) -> tuple[Line, ...]:
        """What is carried to the next day."""
        return tuple(line for line in self.lines if line.status is not Status.MATCHED)

    @property
    def difference_minor(self) -> int:
        """What the two sides differ by: the sum of all that is open, always."""
        return self.ours.closing - self.theirs.closing


def match(
    carried: Iterable[Line],
    ours: Iterable[Item],
    theirs: Iterable[Item],
    *,
    opening: tuple[int, int],
) -> Matching:
    """Match what was open before and what is new. ``opening`` is what both sides held before, ours
    first; items of a name that is there already are not counted again."""
    both: defaultdict[tuple[Category, str], tuple[dict[str, Item], dict[str, Item]]]
    both = defaultdict(lambda: ({}, {}))
    old: set[tuple[int, str]] = set()
    since: dict[tuple[Category, str], date] = {}
    for line in carried:
        since[line.category, line.reference] = line.first_day
        for side, items in enumerate((line.ours, line.theirs)):
            for item in items:
                both[line.category, line.reference][side][item.name] = item
                old.add((side, item.name))
    moved = [0, 0]
    for side, news in enumerate((ours, theirs)):
        for item in news:
            if (side, item.name) in old:
                continue
            old.add((side, item.name))
            both[item.key][side][item.name] = item
            moved[side] += item.minor
    lines = tuple(
        _line(category, reference, *both[category, reference], since.get((category, reference)))
        for category, reference in sorted(both)
    )
    return Matching(lines, Totals(opening[0], moved[0]), Totals(opening[1], moved[1]))


def _line(
    category: Category,
    reference: str,
    ours: dict[str, Item],
    theirs: dict[str, Item],
    since: date | None,
) -> Line:
    """One that was open keeps its day, whatever comes to it: its case is named by it."""
    here = tuple(ours[name] for name in sorted(ours))
    there = tuple(theirs[name] for name in sorted(theirs))
    first = since or min(item.at.date() for item in (*here, *there))
    return Line(category, reference, here, there, first)
