"""Whole cents for executions: never more than the broker has, and never a cent less than that."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.charging import left, whole
from shared.investing.executions import Execution, TakenBack
from shared.investing.model import Order
from shared.investing.states import Side
from shared.kernel.money import NANOS_PER_SHARE

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
NOTHING = Decimal(0)
BUY = Order("o", "u", "p", "a", "QUAL", 0)
SELL = replace(BUY, side=Side.SELL)


@pytest.mark.parametrize(
    ("side", "exact", "beside", "cents"),
    [
        (Side.BUY, "1417.12", "0", 1418),
        (Side.BUY, "1417", "0", 1417),
        (Side.BUY, "1417", "0.99", 1417),
        (Side.BUY, "1417.12", "0.11", 1418),
        (Side.BUY, "1417.12", "0.12", 1417),
        (Side.BUY, "0", "0.99", 0),
        # A purchase takes no more than was set aside for it.
        (Side.BUY, "1417.12", "-0.99", 1418),
        (Side.SELL, "1417.88", "0", 1417),
        (Side.SELL, "1417", "0", 1417),
        (Side.SELL, "1417.88", "0.11", 1417),
        (Side.SELL, "1417.88", "0.12", 1418),
        (Side.SELL, "1417.88", "-0.88", 1417),
        (Side.SELL, "1417.88", "-0.89", 1416),
        (Side.SELL, "1417.88", "-2.5", 1415),
        (Side.SELL, "0.2", "-0.5", 0),
        (Side.SELL, "0", "0.99", 0),
    ],
)
def test_cents_of_what_was_traded(side: Side, exact: str, beside: str, cents: int) -> None:
    assert whole(side, Decimal(exact), Decimal(beside)) == cents


def test_what_interleaved_parts_lack_is_made_up_for_by_the_next_sale() -> None:
    tenth = Execution("x1", NANOS_PER_SHARE, Decimal("0.101"), NOW)
    first = BUY.executed(tenth, NOW)
    assert (first.charged_minor, first.fraction) == (11, Decimal("0.9"))
    # Another purchase costs a cent less, because the first one has left its fraction,
    whole_cents = Execution("y1", NANOS_PER_SHARE, Decimal("0.109"), NOW)
    second = BUY.executed(whole_cents, NOW, first.fraction)
    assert (second.charged_minor, second.fraction) == (10, Decimal("-0.9"))
    # which the rest of the first one then needs itself.
    rest = replace(tenth, key="x2", price=Decimal("0.009"))
    first = first.executed(rest, NOW, second.fraction)
    assert (first.charged_minor, first.fraction) == (11, NOTHING)
    sale = SELL.executed(tenth, NOW, first.fraction + second.fraction)
    assert sale.charged_minor == 9
    assert first.fraction + second.fraction + sale.fraction == Decimal("0.2")


prices = st.decimals(Decimal("0.0001"), 5_000, places=6)
trades = st.tuples(st.sampled_from(Side), st.integers(1, 10**13), prices)


@given(st.lists(trades, max_size=30))
def test_the_books_have_what_the_broker_has_but_for_less_than_a_cent(
    made: list[tuple[Side, int, Decimal]],
) -> None:
    broker, books, fraction = NOTHING, 0, NOTHING
    for number, (side, nanos, price) in enumerate(made):
        order = BUY if side is Side.BUY else SELL
        done = order.executed(Execution(f"x{number}", nanos, price, NOW), NOW, fraction)
        sign = -1 if side is Side.BUY else 1
        broker += sign * price * nanos * 100 / NANOS_PER_SHARE
        books += sign * done.charged_minor
        fraction += done.fraction
        assert fraction == broker - books
        assert 0 <= fraction < 1


@given(
    st.sampled_from([BUY, SELL]),
    st.decimals(0, "0.99", places=6),
    st.lists(st.tuples(st.integers(1, 10**10), prices), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_in_parts_or_at_once_in_any_order_and_taken_back(
    order: Order, beside: Decimal, parts: list[tuple[int, Decimal]], chance: Random
) -> None:
    arriving = [Execution(f"x{number}", *one, NOW) for number, one in enumerate(parts)]
    shuffled = arriving.copy()
    chance.shuffle(shuffled)
    ends = set()
    for news in (arriving, shuffled):
        done, charged = order, 0
        for one in news:
            done = done.executed(one, NOW, beside)
            assert done.charged_minor >= charged
            charged = done.charged_minor
        assert -1 < done.fraction < 1
        exact = done.filled_value * 100
        assert done.fraction == left(done.side, exact, done.charged_minor)
        ends.add(done.charged_minor)
        for one in arriving:
            done = done.busted(TakenBack(one.key, one.nanos), NOW, beside)
        assert (done.charged_minor, done.filled_value) == (0, NOTHING)
    assert max(ends) - min(ends) <= 1
