"""Wash sales: the cases of the law, its borders, and what holds whatever is bought and sold."""

import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.taxes.wash_sales import Held, LotKey, OpenPart, Piece, Sold, Washed, washed

SHARE = 10**9
DAYS = 30


def lot(day: date, reference: str = "AAAAA", tag: str = "") -> LotKey:
    return day, reference, tag


def sold(day: date, bought: LotKey, shares: int, cost: int, proceeds: int, key: str = "1") -> Sold:
    return Sold(day, key, (Piece(bought, shares * SHARE, cost, proceeds),))


def test_a_loss_is_disallowed_where_all_is_bought_again_within_thirty_days() -> None:
    """IRS VITA: 100 bought for $1,000, sold for $750, bought again for $800."""
    first, again = lot(date(2026, 1, 5)), lot(date(2026, 3, 20))
    found = washed(
        [sold(date(2026, 3, 2), first, 100, 100_000, 75_000)], [Held(again, 100 * SHARE)], DAYS
    )
    (part,) = found.parts["1"]
    assert (part.loss_minor, part.washed_minor, part.taxable_minor) == (25_000, 25_000, 0)
    (open_part,) = found.open[again]
    assert 80_000 + open_part.added_minor == 105_000
    # It was held from 5 January to 2 March: so long before its own purchase the period begins.
    held = date(2026, 3, 2) - date(2026, 1, 5)
    assert open_part.since == date(2026, 3, 20) - held


def test_what_is_left_of_the_same_purchase_replaces_what_was_sold_of_it() -> None:
    """200 bought at $50 on 1 March, 150 sold at $40 on 20 March: 50 shares' loss is washed."""
    bought = lot(date(2026, 3, 1))
    found = washed(
        [sold(date(2026, 3, 20), bought, 150, 750_000, 600_000)], [Held(bought, 50 * SHARE)], DAYS
    )
    (part,) = found.parts["1"]
    assert (part.loss_minor, part.washed_minor, part.taxable_minor) == (150_000, 50_000, -100_000)
    (open_part,) = found.open[bought]
    assert (250_000 + open_part.added_minor) // 50 == 6_000


def test_everything_sold_and_nothing_bought_again_is_deductible() -> None:
    bought = lot(date(2026, 3, 1))
    found = washed([sold(date(2026, 3, 20), bought, 200, 1_000_000, 800_000)], [], DAYS)
    (part,) = found.parts["1"]
    assert (part.washed_minor, part.taxable_minor) == (0, -200_000)
    assert found.open == {}


@pytest.mark.parametrize(
    ("days", "disallowed"), [(-31, 0), (-30, 10_000), (0, 10_000), (30, 10_000), (31, 0)]
)
def test_the_window_is_thirty_days_before_and_after(days: int, disallowed: int) -> None:
    day = date(2026, 6, 15)
    old, other = lot(date(2025, 1, 2)), lot(day + timedelta(days=days), "BBBBB")
    found = washed([sold(day, old, 10, 50_000, 40_000)], [Held(other, 10 * SHARE)], DAYS)
    assert found.parts["1"][0].washed_minor == disallowed
    assert found.open[other][0].added_minor == disallowed


def test_without_such_a_law_no_loss_is_disallowed() -> None:
    day = date(2026, 6, 15)
    old, other = lot(date(2025, 1, 2)), lot(day, "BBBBB")
    found = washed([sold(day, old, 10, 50_000, 40_000)], [Held(other, 10 * SHARE)], 0)
    assert found.parts["1"][0].washed_minor == 0
    assert found.open[other] == (OpenPart(10 * SHARE, 0, day),)


def test_a_gain_is_never_washed() -> None:
    day = date(2026, 6, 15)
    old, other = lot(date(2025, 1, 2)), lot(day, "BBBBB")
    found = washed([sold(day, old, 10, 40_000, 50_000)], [Held(other, 10 * SHARE)], DAYS)
    assert (found.parts["1"][0].washed_minor, found.open[other][0].added_minor) == (0, 0)


def test_shares_that_were_sold_in_the_same_sale_replace_nothing() -> None:
    day = date(2026, 6, 15)
    old, new = lot(date(2025, 1, 2)), lot(date(2026, 6, 1), "BBBBB")
    both = Sold(day, "1", (Piece(old, SHARE, 10_000, 8_000), Piece(new, SHARE, 9_000, 8_000)))
    assert [part.washed_minor for part in washed([both], [], DAYS).parts["1"]] == [0, 0]


def test_shares_that_were_sold_before_replace_nothing() -> None:
    old, new = lot(date(2025, 1, 2)), lot(date(2026, 6, 1), "BBBBB")
    sales = [
        sold(date(2026, 6, 10), new, 1, 9_000, 9_500, "1"),
        sold(date(2026, 6, 15), old, 1, 10_000, 8_000, "2"),
    ]
    assert washed(sales, [], DAYS).parts["2"][0].washed_minor == 0


def test_the_earliest_purchase_replaces_first_and_each_share_once() -> None:
    old = lot(date(2025, 1, 2))
    near, far = lot(date(2026, 6, 10), "BBBBB"), lot(date(2026, 7, 1), "CCCCC")
    sales = [
        sold(date(2026, 6, 15), old, 10, 50_000, 40_000, "1"),
        sold(date(2026, 6, 16), old, 10, 50_000, 40_000, "2"),
    ]
    found = washed(sales, [Held(far, 5 * SHARE), Held(near, 10 * SHARE)], DAYS)
    assert [found.parts[key][0].washed_minor for key in "12"] == [10_000, 5_000]
    assert [part.added_minor for part in found.open[near]] == [10_000]
    assert [part.added_minor for part in found.open[far]] == [5_000]


def test_a_replacement_that_is_sold_takes_the_disallowed_loss_with_it() -> None:
    first, again = lot(date(2025, 3, 3)), lot(date(2026, 3, 20))
    sales = [
        sold(date(2026, 3, 2), first, 100, 100_000, 75_000, "1"),
        sold(date(2026, 9, 1), again, 100, 80_000, 120_000, "2"),
    ]
    found = washed(sales, [], DAYS)
    (part,) = found.parts["2"]
    assert (part.basis_minor, part.taxable_minor) == (105_000, 15_000)
    # 364 days of the first and 165 of the second: more than a year.
    assert part.since == date(2025, 3, 21)


def test_a_loss_can_be_washed_from_one_purchase_to_the_next() -> None:
    first, second, third = (
        lot(date(2026, 3, day), name) for day, name in ((1, "AAAAA"), (10, "BBBBB"), (20, "CCCCC"))
    )
    sales = [
        sold(date(2026, 3, 5), first, 10, 10_000, 9_000, "1"),
        sold(date(2026, 3, 15), second, 10, 9_000, 8_500, "2"),
    ]
    found = washed(sales, [Held(third, 10 * SHARE)], DAYS)
    assert [found.parts[key][0].washed_minor for key in "12"] == [1_000, 1_500]
    assert [part.added_minor for part in found.open[third]] == [1_500]


def test_of_one_purchase_the_shares_that_replaced_others_are_sold_first() -> None:
    old, new = lot(date(2025, 1, 2)), lot(date(2026, 6, 20), "BBBBB")
    sales = [
        sold(date(2026, 6, 15), old, 4, 20_000, 16_000, "1"),
        sold(date(2026, 12, 1), new, 6, 24_000, 30_000, "2"),
    ]
    parts = washed(sales, [Held(new, 4 * SHARE)], DAYS).parts["2"]
    assert [(part.nanos // SHARE, part.added_minor) for part in parts] == [(4, 4_000), (2, 0)]
    assert [part.taxable_minor for part in parts] == [0, 2_000]


START = date(2026, 1, 1)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Sold], list[Held], dict[LotKey, int]]:
    """Purchases and sales of one symbol in which nothing is sold that was not bought."""
    lots = {
        lot(START + timedelta(days=draw(st.integers(0, 90))), f"{number:05d}"): draw(
            st.integers(1, 50)
        )
        for number in range(draw(st.integers(1, 6)))
    }
    left, sales = dict(lots), list[Sold]()
    for number in range(draw(st.integers(0, 6))):
        day = START + timedelta(days=draw(st.integers(0, 150)))
        pieces = []
        for key in sorted(left):
            if key[0] <= day and left[key]:
                part = draw(st.integers(0, left[key]))
                if part:
                    left[key] -= part
                    cost, got = draw(st.integers(0, 9_999)), draw(st.integers(0, 9_999))
                    pieces.append(Piece(key, part, cost, got))
        if pieces:
            sales.append(Sold(day, f"{number:03d}", tuple(pieces)))
    held = [Held(key, nanos) for key, nanos in left.items() if nanos]
    return sales, held, lots


def sums(found: Washed) -> tuple[int, int, int]:
    parts = [part for each in found.parts.values() for part in each]
    added = sum(part.added_minor for each in found.open.values() for part in each)
    return (
        sum(part.washed_minor for part in parts),
        sum(part.added_minor for part in parts) + added,
        sum(part.taxable_minor for part in parts) - added,
    )


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 2**31))
def test_nothing_is_lost_and_the_order_of_the_input_does_not_matter(
    history: tuple[list[Sold], list[Held], dict[LotKey, int]], seed: int
) -> None:
    sales, held, _ = history
    found = washed(sales, held, DAYS)
    disallowed, added, taxable = sums(found)
    assert disallowed == added
    # Sooner or later everything counts: what does not yet lies in the basis of what is held.
    pieces = [piece for sale in sales for piece in sale.pieces]
    assert taxable == sum(piece.proceeds_minor - piece.cost_minor for piece in pieces)
    for sale in sales:
        parts = found.parts[sale.key]
        assert sum(part.cost_minor for part in parts) == sum(p.cost_minor for p in sale.pieces)
        assert sum(p.nanos for p in parts) == sum(p.nanos for p in sale.pieces)
        assert all(0 <= part.washed_minor <= part.loss_minor for part in parts)
    assert held_nanos(found) == {kept.lot: kept.nanos for kept in held}
    shuffled, others = list(sales), list(held)
    chance = random.Random(seed)
    chance.shuffle(shuffled)
    chance.shuffle(others)
    assert washed(shuffled, others, DAYS) == found


def held_nanos(found: Washed) -> dict[LotKey, int]:
    return {key: total(part.nanos for part in parts) for key, parts in found.open.items()}


def total(numbers: Iterable[int]) -> int:
    return sum(numbers)


@settings(max_examples=80, deadline=None)
@given(histories())
def test_no_share_replaces_two(
    history: tuple[list[Sold], list[Held], dict[LotKey, int]],
) -> None:
    sales, held, lots = history
    found = washed(sales, held, DAYS)
    for key in lots:
        mine = [p for each in found.parts.values() for p in each if p.lot == key]
        replaced = sum(p.nanos for p in mine if p.since < key[0])
        replaced += sum(p.nanos for p in found.open.get(key, ()) if p.since < key[0])
        assert replaced <= lots[key]
