"""The worked example of docs/management-fees.md, and its table of terms, are what the code does."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from shared.management_fees.terms import published
from tests.management_fees.world import World, saver

PAGE = Path(__file__).parents[2] / "docs" / "management-fees.md"


def row_of(name: str) -> list[int]:
    (found,) = re.findall(rf"^\| {name} \| (\d+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    return [int(each) for each in found]


def test_the_example_is_what_is_charged(new_world: Callable[[], World]) -> None:
    world = new_world()
    user = saver(world)
    february = world.charging.month(user, date(2026, 2, 28))
    world.day = date(2026, 4, 1)
    march = world.charging.month(user, date(2026, 3, 31))
    assert february is not None
    assert march is not None
    both = (february, march)
    assert row_of("days") == [one.days for one in both]
    assert row_of("units of the days") == [one.units for one in both]
    assert row_of("left of the last one") == [one.before_units for one in both]
    assert row_of("amount in cents") == [one.amount_minor for one in both]
    assert row_of("left for the next one") == [one.left_units for one in both]


def test_the_terms_on_the_page_are_the_published_ones() -> None:
    rows = re.findall(
        r"^\| (\d+) \| (\d{4}-\d{2}-\d{2}) \| (\d+) bp \| (\d+)\.(\d\d) USD \|$",
        PAGE.read_text(),
        re.MULTILINE,
    )
    shown = [
        (int(version), date.fromisoformat(day), int(points), int(whole + cents))
        for version, day, points, whole, cents in rows
    ]
    assert shown == [
        (one.version, one.valid_from, one.annual_bp, one.waived_below_minor)
        for one in published().versions
    ]
