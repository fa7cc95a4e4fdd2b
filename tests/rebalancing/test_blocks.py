"""Blocks of portfolios are judged exactly as one portfolio after the other."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.bands import due
from shared.investing.inputs import (
    AssetUsed,
    Band,
    Cause,
    Inputs,
    Period,
    PriceUsed,
    Rules,
    Target,
)
from shared.investing.proposing import propose, worths
from shared.investing.raising import trim
from shared.investing.rebalancing import budget_of
from shared.kernel.money import Currency, Price, Quantity
from shared.market_data.model import AssetType
from shared.portfolio.holders import Holder
from shared.rebalancing.blocks import NEVER, Block, Plans, first_of, judge, scaled
from shared.rebalancing.candidates import Candidate
from shared.rebalancing.judging import judged

TODAY = date(2026, 3, 2)
SYMBOLS = "ABCDE"
ANY = AssetUsed(type=AssetType.ETF, buyable=True)


def inputs_of(
    holder: Holder,
    targets: Mapping[str, int],
    prices: Mapping[str, Decimal],
    last: date | None,
    rules: Rules,
) -> Inputs:
    """What the planner would decide on."""
    now = datetime.combine(TODAY, time(15), UTC)
    return Inputs(
        cause=Cause.REBALANCE,
        cause_id="run",
        person_active=True,
        identity_approved=True,
        score=3,
        account_active=True,
        available_minor=holder.available,
        unsettled_minor=holder.unsettled(TODAY),
        open_orders=0,
        held=dict(holder.positions),
        target=Target(id="m", version=1, score=3, weights=dict(targets)),
        prices={name: PriceUsed(price=one, as_of=now, source="s") for name, one in prices.items()},
        assets=dict.fromkeys(prices, ANY),
        breakers={},
        market_open=True,
        business_now=now,
        last_rebalanced=last,
        rules=rules,
    )


def block_of(
    holder: Holder, targets: Mapping[str, int], last: date | None, symbols: str = SYMBOLS
) -> Block:
    """One row."""

    def row(*numbers: int) -> np.ndarray:
        return np.array([numbers], dtype=np.int64)

    return Block(
        row(*(holder.positions.get(name, 0) for name in symbols)),
        row(*(targets.get(name, 0) for name in symbols)),
        row(holder.available)[0],
        row(holder.unsettled(TODAY))[0],
        row(NEVER if last is None else last.toordinal())[0],
    )


def plans_of(
    holder: Holder,
    targets: Mapping[str, int],
    prices: Mapping[str, Decimal],
    last: date | None,
    rules: Rules,
) -> Plans:
    """As the sweep judges."""
    units, usable = scaled([prices[name] for name in SYMBOLS])
    return judge(block_of(holder, targets, last), units, usable, rules, TODAY)


def general(holder: Holder, targets: Mapping[str, int], last: date | None = None) -> Candidate:
    """All that somebody holds."""
    free, later = holder.available, holder.unsettled(TODAY)
    return Candidate(holder.user_id, holder.positions, free, later, targets, last)


@st.composite
def weights(draw: st.DrawFn) -> dict[str, int]:
    """Basis points that make a whole."""
    cuts = sorted(draw(st.lists(st.integers(1, 9_999), min_size=0, max_size=4, unique=True)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    names = draw(st.permutations(SYMBOLS))
    return dict(zip(names, parts, strict=False))


@st.composite
def portfolios(draw: st.DrawFn) -> tuple[Holder, dict[str, int], dict[str, Decimal], date | None]:
    """Near their targets and far from them, with odd prices and amounts."""
    targets = draw(weights())
    prices = {name: Decimal(draw(st.integers(1, 9_000_000))) / 10_000 for name in SYMBOLS}
    whole = draw(st.integers(0, 10_000_000))
    positions = {}
    for name in SYMBOLS:
        aim = whole * targets.get(name, 0) // 10_000
        off = draw(st.integers(-aim // 3, aim // 3 + 5)) if draw(st.booleans()) else 0
        nanos = int(Decimal(aim + off) * 10**7 / prices[name]) + draw(st.integers(0, 3))
        if nanos > 0:
            positions[name] = nanos
    settles = TODAY + timedelta(days=draw(st.integers(0, 1)))
    cash = draw(st.integers(0, whole // 8 + 1_000))
    holder = Holder(
        "u", positions, posted=cash, settling={settles: draw(st.integers(0, cash + 10))}
    )
    ago = draw(st.one_of(st.none(), st.integers(0, 400)))
    return holder, targets, prices, None if ago is None else TODAY - timedelta(days=ago)


all_rules = st.builds(
    Rules,
    band=st.sampled_from(Band),
    every=st.one_of(st.none(), st.sampled_from(Period)),
    absolute_bp=st.integers(1, 2_000),
    relative_bp=st.integers(1, 10_000),
    portfolio_bp=st.integers(1, 2_000),
    cooldown_days=st.sampled_from([0, 30, 90]),
)


@given(portfolios(), all_rules)
def test_a_block_is_due_sells_and_may_spend_exactly_what_the_planner_says(found, rules) -> None:
    holder, targets, prices, last = found
    inputs = inputs_of(holder, targets, prices, last, rules)
    values = worths(inputs)
    plans = plans_of(holder, targets, prices, last, rules)
    whole = sum(values.values()) + holder.available
    assert plans.exact[0]
    assert bool(plans.due[0]) == due(inputs, values, targets, TODAY).due
    expected = trim(values, targets, whole)
    assert {name: int(n) for name, n in zip(SYMBOLS, plans.sells[0], strict=True) if n} == expected
    settled = {**values, "unsettled": inputs.available_minor - inputs.settled_minor}
    budget = budget_of(inputs.settled_minor, settled, rules.buffer_bp)
    assert int(plans.budget[0]) == budget
    assert bool(plans.trades[0]) == bool(propose(inputs).orders)


@given(portfolios(), all_rules)
def test_who_is_asked_for_does_not_depend_on_fitting_into_a_block(found, rules) -> None:
    holder, targets, prices, last = found
    finer = {name: price + Decimal("0.00000001") for name, price in prices.items()}
    candidate = general(holder, targets, last)
    units, usable = scaled([finer[name] for name in SYMBOLS])
    assert not usable.any()
    assert not units.any()
    expected = propose(inputs_of(holder, targets, finer, last, rules))
    found_out = judged([candidate], finer, rules, TODAY)
    assert bool(found_out.asked) == (expected.due and bool(expected.orders))
    assert found_out.due == int(expected.due)
    assert found_out.unpriced == ()


@pytest.mark.parametrize(
    ("nanos", "price", "cents"),
    [
        # A half goes to the even cent.
        (10**9, "0.0050", 0),
        (10**9, "0.0150", 2),
        (3 * 10**9, "0.0050", 2),
        (5 * 10**8, "0.0100", 0),
        (10**9 + 1, "0.0050", 1),
        (9_999_999_999, "123.4567", 123_457),
    ],
)
def test_worths_are_rounded_half_to_even_like_money(nanos, price, cents) -> None:
    units, usable = scaled([Decimal(price)])
    rules = Rules(band=Band.PORTFOLIO)
    block = block_of(Holder("u", {"A": nanos}), {"A": 10_000}, None, "A")
    plans = judge(block, units, usable, rules, TODAY)
    # All of it is above a target of nothing.
    none = Block(block.nanos, np.array([[0]]), block.cash, block.unsettled, block.last)
    assert int(judge(none, units, usable, rules, TODAY).sells[0, 0]) == cents
    assert plans.exact[0]


@pytest.mark.parametrize(
    ("positions", "cash"),
    [({"A": 2**62}, 0), ({"A": 10**19}, 0), ({"A": 1}, 10**11), ({"A": 9 * 10**17}, 1)],
)
def test_what_does_not_fit_is_judged_singly_and_never_guessed(positions, cash) -> None:
    prices = dict.fromkeys(SYMBOLS, Decimal(100))
    holder, targets = Holder("u", positions, posted=cash), {"A": 5_000, "B": 5_000}
    if max(positions.values()) < 2**63:
        assert not plans_of(holder, targets, prices, None, Rules()).exact[0]
    found = judged([general(holder, targets)], prices, Rules(), TODAY)
    expected = propose(inputs_of(holder, targets, prices, None, Rules()))
    assert (found.due, bool(found.asked)) == (1, True) == (int(expected.due), True)


@pytest.mark.parametrize("price", ["0.0001", "12.3456", "9000", "899999.9999"])
def test_the_last_quantity_that_fits_is_computed_and_the_next_one_is_not(price: str) -> None:
    units, usable = scaled([Decimal(price)])
    most = (2**63 - 1 - 10**11) // int(units[0])
    for nanos, fits in ((most, True), (most + 1, False), (-1, False), (0, True)):
        block = block_of(Holder("u", {"A": nanos}), {"A": 10_000}, None, "A")
        none = replace(block, targets=np.array([[0]]))
        found = judge(none, units, usable, Rules(), TODAY)
        # A target that is no whole is never exact; the worth is what would be sold.
        assert not found.exact[0]
        assert bool(judge(block, units, usable, Rules(), TODAY).exact[0]) == fits
        if fits:
            worth = Price(Decimal(price), Currency.USD).value_of(Quantity(nanos)).minor
            assert int(found.sells[0, 0]) == worth


def test_without_a_price_nobody_is_judged_by_a_guess() -> None:
    known = general(Holder("known", {"A": 10**9}), {"A": 5_000, "B": 5_000})
    missing = general(Holder("missing", {"X": 10**9}), {"A": 10_000})
    prices = {"A": Decimal(10), "B": Decimal(10)}
    found = judged([missing, known], prices, Rules(), TODAY)
    assert [each.user_id for each in found.asked] == ["known"]
    assert found.unpriced == ("missing",)
    assert found.turnover_minor == 500


def test_dust_is_due_and_asks_for_nothing() -> None:
    holder = Holder("u", {"A": 5 * 10**7, "B": 10**8})
    prices = dict.fromkeys("AB", Decimal(10))
    found = judged([general(holder, {"A": 5_000, "B": 5_000})], prices, Rules(), TODAY)
    assert (found.due, found.asked) == (1, ())


@pytest.mark.parametrize("price", ["0.50", "0.50000001"])
def test_no_order_closes_what_another_goal_holds_a_part_of(price: str) -> None:
    prices = {"A": Decimal(price), "B": Decimal(10)}
    alone = general(Holder("alone", {"A": 10**9}), {"B": 10_000})
    beside = replace(alone, user_id="beside", beside=frozenset("A"))
    found = judged([beside, alone], prices, Rules(), TODAY)
    # Fifty cents are less than an order.
    assert (found.due, [each.user_id for each in found.asked]) == (2, ["alone"])
    dear = judged([beside, alone], prices | {"A": Decimal(price) * 2}, Rules(), TODAY)
    assert {each.user_id for each in dear.asked} == {"alone", "beside"}


@pytest.mark.parametrize(
    ("period", "day", "first"),
    [
        (Period.MONTH, date(2026, 3, 31), date(2026, 3, 1)),
        (Period.QUARTER, date(2026, 3, 31), date(2026, 1, 1)),
        (Period.QUARTER, date(2026, 12, 1), date(2026, 10, 1)),
        (Period.YEAR, date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_a_period_begins_with_its_first_day(period, day, first) -> None:
    assert first_of(period, day) == first
