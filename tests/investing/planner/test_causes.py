"""One decision for each cause: what is bought and sold, and that it can be replayed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.investing.explaining import explain, explain_plan
from shared.investing.inputs import (
    AssetUsed,
    Cause,
    Inputs,
    LotUsed,
    PriceUsed,
    Rules,
    Target,
    TaxProfile,
)
from shared.investing.model import Side
from shared.investing.plan import (
    Decision,
    Outcome,
    Plan,
    PlannedOrder,
    PlanOutcome,
    Rule,
    Wait,
    hash_of,
    plan_id,
)
from shared.investing.planning import decide, judge
from shared.investing.service import orders_of
from shared.market_data.model import AssetType
from shared.portfolio.lots import LotMethod

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
RUN = "ent_t1_01KJQJQA600000000000000009"
SHARE = 10**9
PRICES = {"AAAB": "100", "MTUM": "50", "QUAL": "20", "USMV": "10"}
WEIGHTS = {"AAAB": 4000, "MTUM": 2500, "QUAL": 2500, "USMV": 1000}
HELD = {"AAAB": 45 * SHARE, "MTUM": 30 * SHARE, "QUAL": 150 * SHARE, "USMV": 100 * SHARE}
"""4500, 1500, 3000 and 1000 dollars."""
RULES = Rules(buffer_bp=0, cushion_bp=0, caps_bp=dict.fromkeys(AssetType, 10_000))
ASSET = AssetUsed(type=AssetType.ETF, buyable=True)


def inputs(cause: Cause = Cause.REBALANCE, **changes: Any) -> Inputs:
    known: dict[str, Any] = {
        "cause": cause,
        "cause_id": RUN,
        "person_active": True,
        "identity_approved": True,
        "score": 3,
        "account_active": True,
        "available_minor": 0,
        "open_orders": 0,
        "held": HELD,
        "target": Target(id="growth-3", version=1, score=3, weights=WEIGHTS),
        "prices": {
            symbol: PriceUsed(price=Decimal(price), as_of=NOW, source="test")
            for symbol, price in PRICES.items()
        },
        "assets": dict.fromkeys(PRICES, ASSET),
        "breakers": {},
        "market_open": True,
        "business_now": NOW,
        "rules": RULES,
    }
    return Inputs(**known | changes)


def decided(given: Inputs) -> Decision:
    decision = decide(given)
    assert isinstance(decision, Decision)
    return decision


def told(decision: Decision) -> list[tuple[str, str, int, int]]:
    return [(o.side.value, o.symbol, o.notional_minor, o.nanos) for o in decision.orders]


def test_a_dividend_is_invested_like_a_deposit() -> None:
    decision = decided(inputs(Cause.DIVIDEND, amount_minor=250_000, available_minor=250_000))
    assert told(decision) == [
        ("BUY", "AAAB", 50_000, 0),
        ("BUY", "MTUM", 162_500, 0),
        ("BUY", "QUAL", 12_500, 0),
        ("BUY", "USMV", 25_000, 0),
    ]
    assert (decision.drift_before, decision.drift_after) == (Decimal("0.200000"), Decimal(0))


def test_a_rebalance_sells_what_is_above_and_buys_later() -> None:
    decision = decided(inputs())
    assert told(decision) == [
        ("SELL", "AAAB", 0, 5 * SHARE),
        ("SELL", "QUAL", 0, 25 * SHARE),
    ]
    assert (decision.notional_minor, decision.proceeds_minor) == (0, 100_000)
    assert decision.left_minor == 100_000
    # What the sales bring has settled: the same run buys with it, and sells nothing more.
    held = HELD | {"AAAB": 40 * SHARE, "QUAL": 125 * SHARE}
    later = decided(inputs(held=held, available_minor=100_000, continues=True))
    assert told(later) == [("BUY", "MTUM", 100_000, 0)]
    assert (later.left_minor, later.drift_after) == (0, Decimal(0))


def test_what_has_not_settled_buys_nothing_and_is_not_sold_for_again() -> None:
    held = HELD | {"AAAB": 40 * SHARE, "QUAL": 125 * SHARE}
    given = inputs(held=held, available_minor=100_000, unsettled_minor=60_000, continues=True)
    assert told(decided(given)) == [("BUY", "MTUM", 40_000, 0)]
    waiting = given.model_copy(update={"unsettled_minor": 100_000})
    assert told(decided(waiting)) == []


def test_sales_come_before_buys_and_never_both_of_one_symbol() -> None:
    decision = decided(inputs(available_minor=100_000))
    assert [(o.side.value, o.symbol) for o in decision.orders] == [
        ("SELL", "AAAB"),
        ("SELL", "QUAL"),
        ("BUY", "MTUM"),
    ]


def test_near_its_target_a_portfolio_is_left_alone() -> None:
    held = {"AAAB": 41 * SHARE, "MTUM": 49 * SHARE, "QUAL": 125 * SHARE, "USMV": 95 * SHARE}
    decision = decided(inputs(held=held))
    assert (decision.outcome, decision.orders) == (PlanOutcome.ON_TARGET, ())
    assert [step.step for step in decision.trace] == ["WORTH", "WITHIN_BANDS"]
    cooling = decided(inputs(last_rebalanced=date(2026, 2, 20)))
    assert (cooling.outcome, cooling.trace[-1].step) == (PlanOutcome.ON_TARGET, "COOLDOWN")


def test_what_the_model_does_not_hold_is_closed_whole() -> None:
    held = HELD | {"SIZE": 1_234_567}
    price = PriceUsed(price=Decimal("133.90"), as_of=NOW, source="test")
    given = inputs(held=held)
    known = {**given.prices, "SIZE": price}
    assets = {**given.assets, "SIZE": ASSET}
    decision = decided(given.model_copy(update={"prices": known, "assets": assets}))
    order = decision.order("SIZE")
    assert order == PlannedOrder(symbol="SIZE", side=Side.SELL, nanos=1_234_567, exit=True)


@pytest.mark.parametrize("cause", [Cause.WITHDRAWAL, Cause.FEE])
def test_cash_is_raised_from_what_is_furthest_above(cause) -> None:
    decision = decided(inputs(cause, amount_minor=110_000, available_minor=10_000))
    assert told(decision) == [
        ("SELL", "AAAB", 0, 5 * SHARE),
        ("SELL", "QUAL", 0, 25 * SHARE),
    ]
    assert (decision.left_minor, decision.after["CASH"]) == (0, Decimal(0))


def test_cash_that_covers_it_sells_nothing_and_more_than_there_is_is_refused() -> None:
    covered = decided(inputs(Cause.WITHDRAWAL, amount_minor=500, available_minor=500))
    assert (covered.outcome, covered.orders) == (PlanOutcome.ON_TARGET, ())
    refused = decided(inputs(Cause.WITHDRAWAL, amount_minor=1_000_001))
    assert (refused.outcome, refused.orders, refused.sales) == (PlanOutcome.REFUSED, (), {})
    failed = [one.rule for one in refused.checks if one.outcome is Outcome.FAIL]
    assert failed == [Rule.COVERED]
    whole = decided(inputs(Cause.WITHDRAWAL, amount_minor=1_000_000))
    assert all(order.exit for order in whole.orders)
    assert len(whole.orders) == 4


def test_breakers_and_a_lost_profile_stop_no_withdrawal() -> None:
    given = inputs(Cause.WITHDRAWAL, amount_minor=100_000, breakers={"trading": "OPEN"})
    for changed in (given, given.model_copy(update={"target": None, "score": None})):
        decision = decided(changed)
        assert decision.outcome is PlanOutcome.PLANNED
        assert decision.proceeds_minor == 100_000
    stopped = decide(inputs(breakers={"trading": "OPEN"}))
    assert isinstance(stopped, Wait)
    assert stopped.rules == (Rule.BREAKER_CLOSED,)


def test_a_little_more_is_sold_than_is_needed() -> None:
    cushioned = RULES.model_copy(update={"cushion_bp": 25})
    decision = decided(inputs(Cause.WITHDRAWAL, amount_minor=100_000, rules=cushioned))
    assert (decision.proceeds_minor, decision.left_minor) == (100_250, 250)


def test_lots_are_chosen_by_the_persons_method_and_taxed_by_how_long_they_were_held() -> None:
    lots = (
        LotUsed(acquired=date(2020, 1, 10), reference="a", nanos=10 * SHARE, cost_minor=100_000),
        LotUsed(acquired=date(2025, 3, 2), reference="b", nanos=10 * SHARE, cost_minor=140_000),
        LotUsed(acquired=date(2025, 6, 10), reference="c", nanos=5 * SHARE, cost_minor=60_000),
    )
    given = inputs(
        Cause.WITHDRAWAL,
        amount_minor=156_000,
        held={"AAAB": 25 * SHARE},
        lots={"AAAB": lots},
        prices={
            symbol: PriceUsed(price=Decimal(130), as_of=NOW, source="test") for symbol in PRICES
        },
    )
    gains = {}
    for method in (LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.AVERAGE):
        tax = TaxProfile(method=method, short_bp=3700, long_bp=2000)
        sale = decided(given.model_copy(update={"tax": tax})).sales["AAAB"]
        assert (sale.proceeds_minor, sale.proceeds_minor - sale.cost_minor) == (
            156_000,
            sale.short_minor + sale.long_minor,
        )
        gains[method.value] = (sale.short_minor, sale.long_minor, sale.tax_minor)
    # 12 shares at 130; held for exactly one year is short.
    assert gains["FIFO"] == (-2_000, 30_000, 5_260)
    assert gains["LIFO"] == (-2_000, 0, -740)
    assert gains["HIFO"] == (-8_000, 0, -2_960)
    assert sum(gains["AVERAGE"][:2]) == 12_000


def test_what_does_not_trade_in_parts_is_bought_in_whole_shares() -> None:
    given = inputs(Cause.DEPOSIT, available_minor=100_000, held={})
    whole = AssetUsed(type=AssetType.ETF, buyable=True, fractional=False)
    decision = decided(given.model_copy(update={"assets": {**given.assets, "MTUM": whole}}))
    assert decision.order("MTUM") == PlannedOrder(
        symbol="MTUM", side=Side.BUY, notional_minor=25_000, nanos=5 * SHARE
    )
    odd = decided(
        given.model_copy(
            update={"assets": {**given.assets, "MTUM": whole}, "available_minor": 90_100}
        )
    )
    # 225.25 dollars make four shares of 50; the rest waits for the fifth.
    assert (odd.order("MTUM").nanos, odd.left_minor) == (4 * SHARE, 2_525)
    assert [(one.symbol, one.reason) for one in odd.left_out] == [("MTUM", "WHOLE_SHARES")]


def test_what_is_halted_is_neither_bought_nor_sold() -> None:
    halted = AssetUsed(type=AssetType.ETF, buyable=False, sellable=False)
    given = inputs()
    decision = decided(given.model_copy(update={"assets": {**given.assets, "AAAB": halted}}))
    assert [order.symbol for order in decision.orders] == ["QUAL"]
    assert [(one.symbol, one.reason) for one in decision.left_out] == [("AAAB", "NOT_TRADABLE")]


def test_a_preview_shows_orders_also_while_the_market_is_closed() -> None:
    judged = judge(inputs(market_open=False))
    assert [one.rule for one in judged.waits_for] == [Rule.MARKET_OPEN]
    assert [order.symbol for order in judged.decision.orders] == ["AAAB", "QUAL"]
    unpriced = judge(inputs(prices={}))
    assert unpriced.decision.orders == ()
    assert Rule.PRICE_FRESH in {one.rule for one in unpriced.waits_for}


def plan(given: Inputs) -> Plan:
    return Plan(
        plan_id=plan_id(given.cause_id),
        user_id="usr_t1_01KJQJQA600000000000000001",
        cause=given.cause,
        cause_id=given.cause_id,
        created_at=NOW,
        inputs=given,
        inputs_hash=hash_of(given.canonical()),
        decision=decided(given),
    )


def test_orders_carry_shares_exit_and_method() -> None:
    tax = TaxProfile(method=LotMethod.HIFO)
    made = orders_of(plan(inputs(tax=tax)), "acc")
    assert [(one.symbol, one.side, one.nanos, one.exit, one.method) for one in made] == [
        ("AAAB", Side.SELL, 5 * SHARE, False, LotMethod.HIFO),
        ("QUAL", Side.SELL, 25 * SHARE, False, LotMethod.HIFO),
    ]


@pytest.mark.parametrize(
    ("cause", "symbol", "english", "swahili"),
    [
        (Cause.REBALANCE, "QUAL", "a rebalance brings", "unarudishwa kwenye lengo"),
        (Cause.WITHDRAWAL, "QUAL", "you withdraw 1000.00 USD", "unatoa 1000.00 USD"),
        (Cause.FEE, "QUAL", "a fee of 1000.00 USD", "ada ya 1000.00 USD"),
        (Cause.DIVIDEND, "MTUM", "a dividend of 1000.00 USD", "gawio la 1000.00 USD"),
        (Cause.DEPOSIT, "MTUM", "This order buys", "Agizo hili linanunua"),
    ],
)
def test_every_cause_is_told_in_both_languages(cause, symbol, english, swahili) -> None:
    buys = cause in (Cause.DIVIDEND, Cause.DEPOSIT)
    amount = 0 if cause is Cause.REBALANCE else 100_000
    made = plan(inputs(cause, amount_minor=amount, available_minor=100_000 if buys else 0))
    assert english in explain(made, symbol).summary
    assert swahili in explain(made, symbol, "sw").summary
    assert "{" not in explain_plan(made) + explain_plan(made, "sw")


causes = st.sampled_from(Cause)
shares = st.fixed_dictionaries({symbol: st.integers(0, 10**12) for symbol in PRICES})


@given(causes, shares, st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**6))
def test_replayed_inputs_give_the_same_bytes_and_no_plan_breaks_its_promises(
    cause, held, cash, amount, unsettled
) -> None:
    given = inputs(
        cause,
        held=held,
        available_minor=cash,
        unsettled_minor=min(cash, unsettled),
        amount_minor=amount,
        rules=RULES.model_copy(update={"buffer_bp": 25, "cushion_bp": 25}),
    )
    decision = decided(given)
    replayed = decided(Inputs.read(given.canonical()))
    assert replayed.canonical() == decision.canonical()
    sides = [order.side for order in decision.orders]
    assert sides == sorted(sides, key=lambda side: side is Side.BUY)
    assert len({order.symbol for order in decision.orders}) == len(sides)
    if cause in (Cause.DEPOSIT, Cause.DIVIDEND):
        assert Side.SELL not in sides
    if cause in (Cause.WITHDRAWAL, Cause.FEE):
        assert Side.BUY not in sides
    assert decision.notional_minor <= given.settled_minor
    for order in decision.orders:
        if order.side is Side.SELL:
            assert 0 < order.nanos <= held[order.symbol]
            assert order.exit == (order.nanos == held[order.symbol])
    leaving = amount if cause in (Cause.WITHDRAWAL, Cause.FEE) else 0
    if decision.outcome is not PlanOutcome.REFUSED:
        flow = decision.proceeds_minor - decision.notional_minor
        assert decision.left_minor == cash + flow - leaving >= 0
    if not leaving:
        # A share is rounded down to nano-shares and its worth to cents: each by half a cent.
        slack = Decimal("0.000002") + Decimal(4) / max(1, cash + sum(held.values()) // 10**7)
        assert decision.drift_after <= decision.drift_before + slack
