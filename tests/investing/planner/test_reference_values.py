"""Reference values of planning, through the whole decision: drift, deposits, rounding, age."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.investing.inputs import AssetUsed, Cause, Inputs, PriceUsed, Rules, Target
from shared.investing.model import Side
from shared.investing.plan import Decision, Outcome, PlanOutcome, Rule, Wait
from shared.investing.planning import decide
from shared.market_data.model import AssetType

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SHARE = 10**9
WEIGHTS = {"VTI": 4000, "VXUS": 2500, "BND": 2500, "BNDX": 1000}
HELD = {"VTI": 45 * SHARE, "VXUS": 15 * SHARE, "BND": 30 * SHARE, "BNDX": 10 * SHARE}
"""4500, 1500, 3000 and 1000 dollars, a hundred a share."""
RULES = Rules(buffer_bp=0, cushion_bp=0, caps_bp=dict.fromkeys(AssetType, 10_000))


def inputs(cause: Cause, weights: dict[str, int], price: str = "100", **changes: Any) -> Inputs:
    known: dict[str, Any] = {
        "cause": cause,
        "cause_id": "ent_t1_01KJQJQA600000000000000009",
        "person_active": True,
        "identity_approved": True,
        "score": 3,
        "account_active": True,
        "available_minor": changes.get("amount_minor", 0),
        "open_orders": 0,
        "held": {},
        "target": Target(id="growth-3", version=1, score=3, weights=weights),
        "prices": {
            symbol: PriceUsed(price=Decimal(price), as_of=NOW, source="test") for symbol in weights
        },
        "assets": dict.fromkeys(weights, AssetUsed(type=AssetType.ETF, buyable=True)),
        "breakers": {},
        "market_open": True,
        "business_now": NOW,
        "rules": RULES,
    }
    return Inputs(**known | changes)


def bought(decision: Decision) -> dict[str, int]:
    assert {one.side for one in decision.orders} <= {Side.BUY}
    return {one.symbol: one.notional_minor for one in decision.orders}


@pytest.mark.parametrize(
    ("deposit", "buys", "drift"),
    [
        (50_000, {"VXUS": 50_000}, "0.064286"),
        (100_000, {"VXUS": 100_000}, "0.031818"),
        (250_000, {"VTI": 50_000, "VXUS": 162_500, "BND": 12_500, "BNDX": 25_000}, "0"),
        (500_000, {"VTI": 150_000, "VXUS": 225_000, "BND": 75_000, "BNDX": 50_000}, "0"),
    ],
)
def test_a_deposit_goes_where_most_is_missing(deposit, buys, drift) -> None:
    decision = decide(inputs(Cause.DEPOSIT, WEIGHTS, held=HELD, amount_minor=deposit))
    assert isinstance(decision, Decision)
    assert (decision.outcome, bought(decision)) == (PlanOutcome.PLANNED, buys)
    # Before: the money has come and is not invested, and counts as cash.
    whole = 1_000_000 + deposit
    short = sum(max(0, Decimal(WEIGHTS[s]) * whole / 10_000 - HELD[s] // 10**5) for s in HELD)
    assert decision.drift_before == round(short / whole, 6)
    assert decision.drift_after == Decimal(drift)
    assert decision.left_minor == 0


@pytest.mark.parametrize(
    ("weights", "cents", "buys"),
    [
        ({"A": 3334, "B": 3333, "C": 3333}, 10_001, {"A": 3335, "B": 3333, "C": 3333}),
        ({"A": 4000, "B": 2500, "C": 2500, "D": 1000}, 1_005, None),
    ],
)
def test_cents_that_do_not_divide_are_all_bought(weights, cents, buys) -> None:
    decision = decide(inputs(Cause.DEPOSIT, weights, amount_minor=cents))
    assert isinstance(decision, Decision)
    assert sum(bought(decision).values()) == cents
    if buys is None:
        # 402, 251.25 twice and 100.5: a cent for the largest remainder, and none for the first.
        buys = {"A": 402, "B": 251, "C": 251, "D": 101}
    assert bought(decision) == buys


def test_what_is_sold_is_floored_to_nine_places() -> None:
    """Of 1,000 shares at 152.3311 a third is too much: 50,771.95 dollars."""
    held = {"A": 1_000 * SHARE}
    decision = decide(inputs(Cause.REBALANCE, {"A": 6667, "B": 3333}, "152.3311", held=held))
    assert isinstance(decision, Decision)
    (sale,) = decision.orders
    exact = Decimal("50771.95") / Decimal("152.3311") * SHARE
    assert exact != int(exact)
    assert (sale.side, sale.nanos, sale.exit) == (Side.SELL, int(exact), False)
    assert decision.proceeds_minor in (5_077_194, 5_077_195)


@pytest.mark.parametrize(
    ("age", "outcome"), [(0, Outcome.PASS), (120, Outcome.PASS), (121, Outcome.FAIL)]
)
def test_prices_are_fresh_up_to_their_limit_and_no_second_longer(age, outcome) -> None:
    given = inputs(Cause.DEPOSIT, WEIGHTS, held=HELD, amount_minor=50_000)
    old = given.prices["BND"].model_copy(update={"as_of": NOW - timedelta(seconds=age)})
    decision = decide(given.model_copy(update={"prices": {**given.prices, "BND": old}}))
    (check,) = (one for one in decision.checks if one.rule is Rule.PRICE_FRESH)
    assert check.outcome is outcome
    assert check.values["stale"] == ("none" if outcome is Outcome.PASS else "BND")
    # With a price that is too old nothing is planned: it waits.
    assert isinstance(decision, Wait) is (outcome is Outcome.FAIL)
