"""Tax lots: reference vectors, packing, and conservation."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.portfolio.lots import Lot, NotEnoughShares, Sale, bought, close, pack, unpack

SHARE = 10**9
TODAY = date(2026, 3, 2)


def test_the_oldest_lots_are_closed_first() -> None:
    lots = (
        Lot(date(2020, 1, 10), "AAAAA", 10 * SHARE, 100_000),
        Lot(date(2020, 6, 10), "BBBBB", 10 * SHARE, 140_000),
        Lot(date(2021, 1, 10), "CCCCC", 5 * SHARE, 60_000),
    )
    sale = close(lots, Sale(TODAY, 12 * SHARE, 0))
    assert 12 * 13_000 - sale.cost_minor == 28_000
    assert [(lot.nanos // SHARE, lot.cost_minor) for lot in sale.closed] == [
        (10, 100_000),
        (2, 28_000),
    ]
    assert [(lot.nanos // SHARE, lot.cost_minor) for lot in sale.open] == [
        (8, 112_000),
        (5, 60_000),
    ]


def test_more_than_is_held_cannot_be_closed() -> None:
    with pytest.raises(NotEnoughShares):
        close((Lot(date(2020, 1, 10), "AAAAA", 5, 1),), Sale(TODAY, 6, 0))


def test_executions_of_one_order_on_one_day_make_one_lot() -> None:
    day = date(2026, 3, 2)
    first, second = Lot(day, "AAAAA", 300, 7), Lot(day, "AAAAA", 200, 5)
    other = Lot(day, "BBBBB", 100, 1)
    expected = (Lot(day, "AAAAA", 500, 12), other)
    assert bought(bought(bought((), first), other), second) == expected
    assert bought(bought(bought((), second), first), other) == expected


def test_a_weekly_saver_of_eight_months_fits_into_one_kilobyte() -> None:
    lots = tuple(
        Lot(date.fromordinal(739_300 + 7 * week), f"Z{week:04d}", 912_345_678, 9_975)
        for week in range(35)
    )
    assert len(pack(lots)) < 850
    assert unpack(pack(lots)) == lots


every_lot = st.builds(
    Lot,
    st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=5, max_size=5),
    st.integers(1, 10**15),
    st.integers(0, 10**12),
)


@given(st.lists(every_lot, max_size=20))
def test_packing_loses_nothing(lots) -> None:
    assert unpack(pack(lots)) == tuple(lots)


@given(st.lists(every_lot, min_size=1, max_size=10), st.data())
def test_closing_conserves_shares_and_cost(lots, data) -> None:
    held = ()
    for lot in lots:
        held = bought(held, lot)
    total = sum(lot.nanos for lot in held)
    nanos = data.draw(st.integers(0, total))
    sale = close(held, Sale(TODAY, nanos, 0))
    assert sum(lot.nanos for lot in sale.closed) == nanos
    assert sum(lot.nanos for lot in (*sale.closed, *sale.open)) == total
    assert sum(lot.cost_minor for lot in (*sale.closed, *sale.open)) == sum(
        lot.cost_minor for lot in held
    )
