"""Which lots a sale closes, and what it gains: reference values, and beancount as a peer."""

from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st

from shared.portfolio.lots import (
    Gains,
    Lot,
    LotMethod,
    NotEnoughShares,
    Sale,
    close,
    cost_of,
    gains_of,
    long_term,
    nanos_of,
)
from shared.portfolio.model import Position

SHARE = 10**9
LOTS = (
    Lot(date(2020, 1, 10), "AAAAA", 10 * SHARE, 100_000),
    Lot(date(2020, 6, 10), "BBBBB", 10 * SHARE, 140_000),
    Lot(date(2021, 1, 10), "CCCCC", 5 * SHARE, 60_000),
)
PROCEEDS = 12 * 13_000


def sale_of(method, day=date(2021, 6, 10), nanos=12 * SHARE, proceeds=PROCEEDS):
    return Sale(day, nanos, proceeds, method)


@pytest.mark.parametrize(
    ("method", "gain"),
    [
        (LotMethod.FIFO, 28_000),
        (LotMethod.LIFO, -2_000),
        (LotMethod.HIFO, -8_000),
        (LotMethod.AVERAGE, 12_000),
        (LotMethod.MIN_TAX, -8_000),
    ],
)
def test_each_method_gains_what_the_reference_says(method, gain) -> None:
    done = close(LOTS, sale_of(method))
    assert PROCEEDS - done.cost_minor == gain
    assert nanos_of(done.closed) == 12 * SHARE
    assert nanos_of(done.open) == 13 * SHARE
    assert cost_of(done.closed) + cost_of(done.open) == 300_000


def test_the_least_tax_is_a_loss_at_the_rate_of_short_terms() -> None:
    """10 shares held for exactly one year lose 100.00, 2 shares held shorter gain 20.00."""
    sale = sale_of(LotMethod.MIN_TAX)
    gains = gains_of(close(LOTS, sale).closed, sale)
    assert gains == Gains(short_minor=-8_000, long_minor=0)
    assert gains.short_minor * sale.rates.short_bp == -2_960 * 10_000


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "HIFO"])
def test_beancount_books_the_same_cost(method) -> None:
    entries, errors, _ = loader.load_string(f"""
option "operating_currency" "USD"
2020-01-01 open Assets:Shares VTI "{method}"
2020-01-01 open Assets:Cash USD
2020-01-01 open Income:Gain USD
2020-01-10 * "buy"
  Assets:Shares  10 VTI {{100 USD}}
  Assets:Cash
2020-06-10 * "buy"
  Assets:Shares  10 VTI {{140 USD}}
  Assets:Cash
2021-01-10 * "buy"
  Assets:Shares  5 VTI {{120 USD}}
  Assets:Cash
2021-06-10 * "sell"
  Assets:Shares  -12 VTI {{}} @ 130 USD
  Assets:Cash  1560 USD
  Income:Gain
""")
    assert errors == []
    (gain,) = [one.units.number for one in entries[-1].postings if one.account == "Income:Gain"]
    ours = PROCEEDS - close(LOTS, sale_of(LotMethod(method))).cost_minor
    assert Decimal(ours) / 100 == -gain


@pytest.mark.parametrize(
    ("bought", "sold", "is_long"),
    [
        (date(2020, 6, 10), date(2021, 6, 10), False),
        (date(2020, 6, 10), date(2021, 6, 11), True),
        (date(2020, 2, 28), date(2021, 2, 28), False),
        (date(2020, 2, 28), date(2021, 3, 1), True),
        (date(2020, 2, 29), date(2021, 3, 1), True),
        (date(2021, 2, 28), date(2022, 2, 28), False),
        (date(2021, 2, 28), date(2022, 3, 1), True),
    ],
)
def test_a_year_is_over_the_day_after_its_date(bought, sold, is_long) -> None:
    assert long_term(bought, sold) is is_long


def test_lots_of_one_moment_are_closed_by_their_names() -> None:
    day = date(2020, 1, 10)
    lots = (Lot(day, "BBBBB", SHARE, 100), Lot(day, "AAAAA", SHARE, 100))
    for method in LotMethod:
        first = "BBBBB" if method is LotMethod.LIFO else "AAAAA"
        (closed,) = close(lots, sale_of(method, nanos=SHARE, proceeds=100)).closed
        assert closed.reference == first


@pytest.mark.parametrize("method", LotMethod)
def test_more_than_is_held_is_refused_by_every_method(method) -> None:
    with pytest.raises(NotEnoughShares):
        close(LOTS, sale_of(method, nanos=26 * SHARE))


def test_shares_of_a_buy_that_never_was_are_owed_and_made_up_for_by_the_next() -> None:
    day = date(2026, 3, 2)
    held = Position("u", "VTI").buy("ord_AAAAA", day, 10, 1_000)
    sold, closed = held.sell(Sale(day, 8, 900))
    assert (sold.quantity_nanos, sold.realised_minor, nanos_of(closed)) == (2, 100, 8)
    after, gone = sold.unbuy("ord_AAAAA", day, 10, 1_000)
    assert (after.quantity_nanos, after.owed_nanos, gone) == (0, 8, 8)
    # The sale's shares have no cost any more: all that it brought is gain.
    assert (after.cost_minor, after.realised_minor) == (0, 900)
    again = after.buy("ord_BBBBB", day, 10, 1_100)
    assert (again.quantity_nanos, again.owed_nanos) == (2, 0)
    assert (again.cost_minor, again.realised_minor) == (220, 900 - 880)


every_step = st.lists(
    st.tuples(st.sampled_from(["buy", "sell", "unbuy"]), st.integers(1, 50), st.integers(1, 9_999)),
    max_size=14,
)


@given(every_step, st.sampled_from(LotMethod))
def test_shares_and_cents_are_conserved_whatever_is_bought_sold_and_taken_back(
    steps, method
) -> None:
    day = date(2026, 3, 2)
    position, cash, shares, buys = Position("u", "VTI"), 0, 0, []
    for number, (step, nanos, cents) in enumerate(steps):
        name = f"ord_{number:05d}"
        if step == "buy":
            position = position.buy(name, day, nanos, cents)
            cash, shares = cash - cents, shares + nanos
            buys.append((name, nanos, cents))
        elif step == "sell":
            position, _ = position.sell(Sale(day, nanos, cents, method))
            cash, shares = cash + cents, shares - nanos
        elif buys:
            name, nanos, cents = buys.pop(nanos % len(buys))
            position, _ = position.unbuy(name, day, nanos, cents)
            cash, shares = cash + cents, shares - nanos
        assert position.quantity_nanos - position.owed_nanos == shares
        assert min(position.quantity_nanos, position.owed_nanos) == 0
        assert cash + position.cost_minor - position.realised_minor == 0
        assert min((lot.nanos for lot in position.lots), default=1) > 0
        assert min((lot.cost_minor for lot in position.lots), default=0) >= 0
