"""Splits: more or fewer shares of the same worth, the same basis and the same dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.corporate_actions.declaring import Outcome, begins, trades
from shared.corporate_actions.model import ActionStatus, ActivityKind
from shared.corporate_actions.splits import in_lieu, ratio_of, renamed, split
from shared.market_data.announcements import ActionKind, Announcement
from shared.portfolio.lots import Lot
from shared.portfolio.model import Position

OLD, EX, SHARE = date(2025, 6, 2), date(2026, 3, 3), 10**9


def holding(*lots: Lot) -> Position:
    return Position(
        "usr_t1_x",
        "QUAL",
        sum(lot.nanos for lot in lots),
        sum(lot.cost_minor for lot in lots),
        lots=lots,
    )


def test_two_for_one_doubles_shares_and_keeps_basis_and_dates() -> None:
    lots = (Lot(OLD, "a", 10 * SHARE, 100_000), Lot(date(2025, 7, 1), "b", 5 * SHARE, 60_000))
    after = split(holding(*lots), Fraction(2), EX)
    assert [(lot.nanos, lot.cost_minor, lot.acquired) for lot in after.lots] == [
        (20 * SHARE, 100_000, OLD),
        (10 * SHARE, 60_000, date(2025, 7, 1)),
    ]
    assert (after.quantity_nanos, after.cost_minor) == (30 * SHARE, 160_000)


def test_a_real_two_for_one_leaves_the_worth_where_it_was() -> None:
    """AAPL closed at 88.990 on 2005-02-25 and at 44.860 on 2005-02-28, after 2 for 1: adjusted
    from 5.718228 to 5.765135, 0.82 % more."""
    before = holding(Lot(OLD, "a", 7 * SHARE, 62_293))
    after = split(before, Fraction(2), EX)
    worth = Decimal("88.990") * before.quantity_nanos, Decimal("44.860") * after.quantity_nanos
    moved = worth[1] / worth[0]
    assert round(moved, 6) == round(Decimal("5.765135") / Decimal("5.718228"), 6)


def test_the_brokers_own_reverse_split_to_the_last_nano_share() -> None:
    after = split(holding(Lot(OLD, "a", 291_942_390, 150)), Fraction(1, 10), EX)
    assert (after.quantity_nanos, after.cost_minor) == (29_194_239, 150)


def test_a_lot_of_a_goal_stays_the_goals() -> None:
    lots = (Lot(OLD, "a", SHARE, 100, "HOUSE1"), Lot(OLD, "b", SHARE, 100))
    after = split(holding(*lots), Fraction(3, 2), EX)
    assert [(lot.tag, lot.nanos) for lot in after.lots] == [
        ("HOUSE1", 1_500_000_000),
        ("", 1_500_000_000),
    ]


def test_shares_bought_on_the_ex_date_are_new_ones_already() -> None:
    after = split(holding(Lot(OLD, "a", SHARE, 1), Lot(EX, "b", SHARE, 1)), Fraction(2), EX)
    assert [lot.nanos for lot in after.lots] == [2 * SHARE, SHARE]


def test_the_cost_of_a_lot_that_vanishes_stays_with_the_largest() -> None:
    lots = (Lot(OLD, "a", 1, 7), Lot(OLD, "b", 1_000, 500))
    after = split(holding(*lots), Fraction(1, 100), EX)
    assert [(lot.reference, lot.nanos, lot.cost_minor) for lot in after.lots] == [("b", 10, 507)]


def test_a_position_of_which_nothing_is_left_has_lost_its_cost() -> None:
    after = split(holding(Lot(OLD, "a", 9, 300)), Fraction(1, 10), EX)
    assert (after.lots, after.quantity_nanos, after.cost_minor) == ((), 0, 0)
    assert after.realised_minor == -300


def test_a_stock_dividend_is_a_split_too() -> None:
    one = Announcement(
        "s", ActionKind.STOCK_DIVIDEND, "QUAL", EX, old_rate=Decimal(1), new_rate=Decimal("1.05")
    )
    assert ratio_of(one) == Fraction(21, 20)


def test_a_split_without_its_rates_is_refused() -> None:
    with pytest.raises(ValueError, match="two rates"):
        ratio_of(Announcement("s", ActionKind.FORWARD_SPLIT, "QUAL", EX))


def test_another_symbol_takes_all_lots_with_it() -> None:
    old = holding(Lot(OLD, "a", SHARE, 100, "HOUSE1"))
    new = Position("usr_t1_x", "NEW", 5, 9, lots=(Lot(EX, "b", 5, 9),), version=3)
    emptied, merged = renamed(old, new)
    assert (emptied.lots, emptied.quantity_nanos, emptied.cost_minor) == ((), 0, 0)
    assert merged.lots == (old.lots[0], new.lots[0])
    assert (merged.quantity_nanos, merged.cost_minor, merged.version) == (SHARE + 5, 109, 3)


def test_cash_in_lieu_is_a_sale_of_the_fraction() -> None:
    after, gains = in_lieu(holding(Lot(OLD, "a", 2 * SHARE, 1_000)), SHARE // 2, 400, EX)
    assert (after.quantity_nanos, after.cost_minor) == (1_500_000_000, 750)
    assert (gains.short_minor, gains.long_minor) == (150, 0)
    assert after.realised_minor == 150


LOTS = st.lists(
    st.tuples(st.integers(1, 10**13), st.integers(0, 10**8), st.integers(0, 400)),
    min_size=1,
    max_size=8,
)


@given(made=LOTS, new=st.integers(1, 100), old=st.integers(1, 100))
def test_whatever_the_ratio_basis_and_whole_shares_are_conserved(
    made: list[tuple[int, int, int]], new: int, old: int
) -> None:
    lots = tuple(
        Lot(EX - timedelta(days=1 + days), f"{number:05d}", nanos, cost)
        for number, (nanos, cost, days) in enumerate(made)
    )
    before, ratio = holding(*lots), Fraction(new, old)
    after = split(before, ratio, EX)
    assert after.quantity_nanos == int(before.quantity_nanos * ratio)
    assert after.cost_minor - after.realised_minor == before.cost_minor
    assert all(lot.nanos > 0 for lot in after.lots)
    known = {lot.reference: lot for lot in lots}
    for lot in after.lots:
        assert lot.acquired == known[lot.reference].acquired
        assert abs(lot.nanos - known[lot.reference].nanos * ratio) < 1 + 1
    assert split(before, ratio, EX) == after


def test_it_begins_with_the_close_before_the_ex_date_and_trades_from_its_open() -> None:
    monday = date(2026, 3, 2)
    assert begins(EX) == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    assert begins(monday) == datetime(2026, 2, 27, 21, 0, tzinfo=UTC)
    assert trades(EX) == datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def test_a_split_is_booked_once_with_shares_that_balance(world: Any, make_split: Any) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000), cash=500)
    one = make_split()
    assert world.declaring.book(user, one, world.market.now) is Outcome.BOOKED
    assert world.declaring.book(user, one, world.market.now) is Outcome.NOTHING
    position, action = world.position(user), world.action(user, one)
    assert (position.quantity_nanos, position.cost_minor) == (6 * SHARE, 30_000)
    assert (action.status, action.entitled_nanos, action.after_nanos) == (
        ActionStatus.APPLIED,
        3 * SHARE,
        6 * SHARE,
    )
    assert world.balances(user)["house:shares_at_broker", "QUAL/9"] == 6 * SHARE
    assert world.balances(user)[f"customer:{user}:shares", "QUAL/9"] == -6 * SHARE
    assert world.wallet(user).posted == 500
    assert world.kinds(user)[-1] == "SPLIT"
    assert world.events() == ["corporate_actions.shares_changed.v1"]


def test_open_orders_are_canceled_first(world: Any, make_split: Any) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000), cash=500)
    world.facts.commit([world.ledger.reserve(world.wallet(user), 100, orders=1)])
    assert world.declaring.book(user, make_split(), world.market.now) is Outcome.WAITING
    assert world.canceled == [(user, "QUAL")]
    assert world.position(user).quantity_nanos == 3 * SHARE
    world.facts.commit([world.ledger.release(world.wallet(user), 100, orders=1)])
    assert world.declaring.book(user, make_split(), world.market.now) is Outcome.BOOKED


def test_another_symbol_is_booked_as_one_fact(world: Any, make_split: Any) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    one = make_split(kind=ActionKind.NAME_CHANGE, new_symbol="QLTY", old_rate=None, new_rate=None)
    assert world.declaring.book(user, one, world.market.now) is Outcome.BOOKED
    assert world.position(user).quantity_nanos == 0
    assert world.position(user, "QLTY").quantity_nanos == 3 * SHARE
    assert world.position(user, "QLTY").cost_minor == 30_000
    assert ("house:shares_at_broker", "QUAL/9") not in world.balances(user)
    assert world.balances(user)[f"customer:{user}:shares", "QLTY/9"] == -3 * SHARE
    assert world.declaring.book(user, one, world.market.now) is Outcome.NOTHING


def test_the_brokers_split_books_ours_and_the_same_number_is_no_case(
    world: Any, make_split: Any, make_line: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.announce(make_split())
    gone = make_line(ActivityKind.SPLIT, name="r", nanos=-3 * SHARE, settled=EX)
    come = make_line(ActivityKind.SPLIT, name="a", nanos=6 * SHARE, settled=EX)
    for each in (come, gone, come):
        world.crediting.apply(each)
    assert world.position(user).quantity_nanos == 6 * SHARE
    assert world.kinds(user).count("SPLIT") == 1
    assert world.open_cases() == []


def test_another_number_than_ours_is_somebodys_to_look_at(
    world: Any, make_split: Any, make_line: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.announce(make_split())
    world.crediting.apply(make_line(ActivityKind.SPLIT, nanos=7 * SHARE, settled=EX))
    (case,) = world.open_cases()
    assert (case.user_id, dict(case.facts)["what"]) == (user, "SHARES_DIFFER")


def test_a_fraction_that_the_broker_pays_out_is_sold(
    world: Any, make_split: Any, make_line: Any
) -> None:
    user = world.person((OLD, 25 * SHARE, 1_000))
    world.announce(make_split("1", "10"))
    world.crediting.apply(make_line(ActivityKind.SPLIT, nanos=2 * SHARE, settled=EX))
    assert world.position(user).quantity_nanos == 2_500_000_000
    paid = make_line(ActivityKind.CASH_IN_LIEU, "5.00", nanos=-SHARE // 2, settled=EX)
    world.crediting.apply(paid)
    world.crediting.apply(paid)
    position = world.position(user)
    assert (position.quantity_nanos, position.cost_minor) == (2 * SHARE, 800)
    assert position.realised_minor == 300
    assert world.wallet(user).posted == 500
    assert world.kinds(user)[-1] == "CASH_IN_LIEU"
    assert world.balances(user)["house:shares_at_broker", "QUAL/9"] == 2 * SHARE
    assert world.open_cases() == []


def test_a_split_that_nobody_announced_needs_a_person_and_stops_orders(
    world: Any, make_line: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.crediting.apply(make_line(ActivityKind.SPLIT, nanos=6 * SHARE, settled=EX))
    assert world.position(user).quantity_nanos == 3 * SHARE
    assert [dict(case.facts)["what"] for case in world.open_cases()] == ["UNANNOUNCED"]
    assert world.stopped() == "STAFF_UNANNOUNCED"


def test_a_split_that_was_announced_without_its_rates_needs_a_person(
    world: Any, make_split: Any, make_line: Any
) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.announce(make_split(old_rate=None))
    world.crediting.apply(make_line(ActivityKind.SPLIT, nanos=6 * SHARE, settled=EX))
    assert world.position(user).quantity_nanos == 3 * SHARE
    assert [dict(case.facts)["what"] for case in world.open_cases()] == ["UNANNOUNCED"]
    assert world.stopped() == "STAFF_UNANNOUNCED"


def test_a_merger_at_the_broker_needs_a_person(world: Any, make_line: Any) -> None:
    user = world.person((OLD, 3 * SHARE, 30_000))
    world.crediting.apply(make_line(ActivityKind.BY_PEOPLE, "10", word="MA"))
    (case,) = world.open_cases()
    assert (case.user_id, dict(case.facts)["line"]) == (user, "MA")
    assert world.wallet(user).posted == 0


def test_a_merger_that_is_told_again_stops_nothing_that_staff_have_released(
    world: Any, make_line: Any
) -> None:
    world.person((OLD, 3 * SHARE, 30_000))
    merger = make_line(ActivityKind.BY_PEOPLE, "10", word="MA")
    world.crediting.apply(merger)
    assert world.stopped() == "STAFF_UNANNOUNCED"
    world.crediting.restrictions.release(merger.symbol, "UNANNOUNCED")
    assert world.stopped() is None
    world.crediting.apply(merger)
    assert world.stopped() is None
    assert len(world.open_cases()) == 1
