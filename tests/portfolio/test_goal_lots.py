"""Lots of several goals in one position: sales and corrections keep each goal's shares its own."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.purses import PurseMove
from shared.portfolio.dividing import divided
from shared.portfolio.lots import Lot, LotMethod, Sale, bought, close, cost_of, pack, unpack
from shared.portfolio.model import Position

SHARE = 10**9
DAY = date(2026, 3, 2)
HOUSE, SCHOOL = "H0USE1", "SCH001"
TAGS = ("", HOUSE, SCHOOL)


def by_tag(position: Position) -> Mapping[str, tuple[int, int]]:
    """Shares and cost of each goal."""
    return {
        tag: (
            sum(lot.nanos for lot in position.lots if lot.tag == tag),
            sum(lot.cost_minor for lot in position.lots if lot.tag == tag),
        )
        for tag in TAGS
    }


def holding(*lots: tuple[str, int, int]) -> Position:
    """A position that bought whole shares for cents, one order a day, for goals by tag."""
    position = Position("usr_t1_x", "QUAL")
    for number, (tag, shares, cost) in enumerate(lots):
        day = date.fromordinal(DAY.toordinal() - 100 + number)
        position = position.buy(f"ord_{number:05d}", day, shares * SHARE, cost, tag)
    return position


def test_a_lot_without_a_goal_is_packed_as_it_always_was() -> None:
    general = Lot(DAY, "AAAAA", 5 * SHARE, 50_000)
    named = Lot(DAY, "AAAAA", 5 * SHARE, 50_000, HOUSE)
    assert pack((general,)) == "fuql.AAAAA.2aovcow.12kw"
    assert pack((named,)) == f"{pack((general,))}.{HOUSE}"
    assert unpack(pack((general, named))) == (general, named)


def test_a_goal_sells_only_what_it_bought_although_others_are_older() -> None:
    position = holding(("", 10, 100_000), (HOUSE, 10, 140_000), (SCHOOL, 5, 60_000))
    after, closed = position.sell(Sale(DAY, 4 * SHARE, 52_000, tags=(HOUSE,)))
    assert [(lot.tag, lot.nanos // SHARE, lot.cost_minor) for lot in closed] == [(HOUSE, 4, 56_000)]
    assert by_tag(after) == {
        "": (10 * SHARE, 100_000),
        HOUSE: (6 * SHARE, 84_000),
        SCHOOL: (5 * SHARE, 60_000),
    }
    assert after.quantity_nanos == 21 * SHARE
    assert after.unsell(closed, 4 * SHARE, 52_000) == position


def test_a_sale_that_names_no_goal_leaves_the_goals_alone() -> None:
    position = holding((HOUSE, 10, 100_000), ("", 10, 140_000))
    after, closed = position.sell(Sale(DAY, 10 * SHARE, 150_000))
    assert {lot.tag for lot in closed} == {""}
    assert by_tag(after)[HOUSE] == (10 * SHARE, 100_000)


def test_a_goal_that_is_given_up_is_sold_with_the_general_one() -> None:
    position = holding((HOUSE, 2, 20_000), ("", 3, 30_000), (SCHOOL, 4, 40_000))
    after, closed = position.sell(Sale(DAY, 5 * SHARE, 50_000, tags=("", HOUSE)))
    assert [lot.tag for lot in closed] == [HOUSE, ""]
    assert by_tag(after) == {"": (0, 0), HOUSE: (0, 0), SCHOOL: (4 * SHARE, 40_000)}


def test_what_is_not_there_any_more_is_stood_in_for_by_the_general_goal_and_then_others() -> None:
    position = holding((SCHOOL, 4, 40_000), ("", 3, 30_000), (HOUSE, 2, 20_000))
    after, closed = position.sell(Sale(DAY, 6 * SHARE, 60_000, tags=(HOUSE,)))
    assert [(lot.tag, lot.nanos // SHARE) for lot in closed] == [(HOUSE, 2), ("", 3), (SCHOOL, 1)]
    assert (after.owed_nanos, after.quantity_nanos) == (0, 3 * SHARE)


def test_an_average_is_over_the_lots_of_the_goal_alone() -> None:
    position = holding(("", 10, 900_000), (HOUSE, 1, 10_000), (HOUSE, 1, 20_000))
    after, closed = position.sell(Sale(DAY, SHARE, 15_000, LotMethod.AVERAGE, tags=(HOUSE,)))
    assert [lot.cost_minor for lot in closed] == [15_000]
    assert by_tag(after) == {"": (10 * SHARE, 900_000), HOUSE: (SHARE, 15_000), SCHOOL: (0, 0)}


def test_orders_of_two_goals_with_the_same_reference_and_day_stay_two_lots() -> None:
    one, other = Lot(DAY, "AAAAA", 5, 1, HOUSE), Lot(DAY, "AAAAA", 7, 2, SCHOOL)
    assert bought((one,), other) == (one, other)


def test_a_buy_taken_back_leaves_through_the_lot_of_its_own_goal() -> None:
    position = holding(("", 2, 20_000)).buy("ord_A0000", DAY, SHARE, 9_000, HOUSE)
    position = position.buy("ord_A0000", DAY, SHARE, 9_500, SCHOOL)
    after, missing = position.unbuy("ord_A0000", DAY, SHARE, 9_000, HOUSE)
    assert missing == 0
    assert by_tag(after) == {"": (2 * SHARE, 20_000), HOUSE: (0, 0), SCHOOL: (SHARE, 9_500)}


def test_shares_of_a_buy_taken_back_after_their_sale_come_out_of_the_same_goal_first() -> None:
    position = holding(("", 5, 50_000), (HOUSE, 5, 60_000))
    position = position.buy("ord_A0000", DAY, SHARE, 9_000, HOUSE)
    sold, _ = position.sell(Sale(DAY, SHARE, 9_100, LotMethod.LIFO, tags=(HOUSE,)))
    after, missing = sold.unbuy("ord_A0000", DAY, SHARE, 9_000, HOUSE)
    assert missing == SHARE
    assert by_tag(after) == {"": (5 * SHARE, 50_000), HOUSE: (4 * SHARE, 48_000), SCHOOL: (0, 0)}


steps = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "bust sale", "bust buy"]),
        st.sampled_from(TAGS),
        st.integers(1, 5 * SHARE),
        st.integers(0, 100_000),
        st.sampled_from(LotMethod),
    ),
    max_size=25,
)


@given(steps)
def test_each_goal_keeps_its_shares_to_the_nano_and_all_of_them_are_the_position(
    steps: list[tuple[str, str, int, int, LotMethod]],
) -> None:
    """Whatever is bought, sold and taken back, as long as nobody sells what they do not have."""
    position = Position("usr_t1_x", "QUAL")
    expected = dict.fromkeys(TAGS, 0)
    sales: list[tuple[tuple[Lot, ...], int, str, int]] = []
    buys: list[tuple[str, int, int, str]] = []
    for number, (what, tag, nanos, cents, method) in enumerate(steps):
        if what == "buy":
            name = f"ord_{number:05d}"
            position = position.buy(name, DAY, nanos, cents, tag)
            expected[tag] += nanos
            buys.append((name, nanos, cents, tag))
        elif what == "sell" and 0 < nanos <= expected[tag]:
            position, closed = position.sell(Sale(DAY, nanos, cents, method, tags=(tag,)))
            assert {lot.tag for lot in closed} == {tag}
            expected[tag] -= nanos
            sales.append((closed, nanos, tag, cents))
        elif what == "bust sale" and sales:
            closed, sold, of, proceeds = sales.pop()
            position = position.unsell(closed, sold, proceeds)
            expected[of] += sold
        elif what == "bust buy" and buys and not sales:
            name, had, cost, of = buys.pop()
            if expected[of] >= had:
                position, _ = position.unbuy(name, DAY, had, cost, of)
                expected[of] -= had
        assert {one: by_tag(position)[one][0] for one in TAGS} == expected
        assert position.quantity_nanos == sum(expected.values())
        assert position.cost_minor == cost_of(position.lots)
        assert position.owed_nanos == 0


@pytest.mark.parametrize("method", LotMethod)
def test_without_goals_every_method_closes_what_it_always_closed(method: LotMethod) -> None:
    position = holding(("", 10, 100_000), ("", 10, 140_000), ("", 5, 60_000))
    plain = close(position.lots, Sale(DAY, 12 * SHARE, 156_000, method))
    named = [Lot(lot.acquired, lot.reference, lot.nanos, lot.cost_minor) for lot in plain.closed]
    assert list(plain.closed) == named
    assert cost_of((*plain.closed, *plain.open)) == 300_000


def test_what_a_position_brings_goes_to_the_goals_by_their_shares() -> None:
    position = holding(("", 1, 1), (HOUSE, 1, 1), (SCHOOL, 1, 1), (HOUSE, 3, 1))
    assert divided(position.lots, 100) == [PurseMove(HOUSE, 67), PurseMove(SCHOOL, 16)]
    assert divided(position.lots, -100) == [PurseMove(HOUSE, -67), PurseMove(SCHOOL, -17)]
    assert divided((), 100) == []
    assert divided(holding(("", 5, 1)).lots, 100) == []
