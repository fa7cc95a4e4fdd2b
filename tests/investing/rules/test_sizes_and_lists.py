"""Rules about single orders and the restricted list."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing.inputs import Cause, Target
from shared.investing.model import Side
from shared.investing.plan import Outcome, PlanOutcome, Rule, Wait
from shared.investing.planning import decide, judge
from shared.investing.rules.facts import DayUsed, TradedUsed
from shared.investing.rules.sizes import digest_of, forbidden
from shared.market_data.model import AssetType, Restriction
from tests.investing.rules.situation import (
    KINDS,
    NOW,
    PRICES,
    SHARE,
    TODAY,
    inputs_with,
    lots_of,
    risk_with,
    said,
)


def test_a_calm_day_passes_every_rule() -> None:
    decision = decide(inputs_with())
    assert {each.outcome for each in decision.checks} == {Outcome.PASS}
    assert {each.rule for each in decision.checks} == set(Rule)


def bonds_only(**changes):
    """A target of one bond alone, which the caps would let pass."""
    target = Target(id="b", version=1, score=3, weights={"AAAB": 10_000})
    return inputs_with(target=target, **changes)


def test_an_order_that_is_nearly_the_whole_account_is_refused_where_it_could_be_spread() -> None:
    outcome, values = said(bonds_only(), Rule.ORDER_SIZE)
    assert (outcome, values["share"], values["limit"]) == ("FAIL", "0.997500", "0.950000")
    assert values["largest_minor"] == "99750"
    assert said(bonds_only(available_minor=9_999), Rule.ORDER_SIZE)[0] == "PASS"


def test_no_order_is_worth_more_than_a_million() -> None:
    known = risk_with(daily={symbol: DayUsed(close=Decimal(1), volume=10**12) for symbol in PRICES})
    rich = inputs_with(available_minor=251_000_000, risk=known)
    outcome, values = said(rich, Rule.ORDER_SIZE)
    assert (outcome, values["largest_minor"]) == ("FAIL", "100149000")
    assert decide(rich).outcome is PlanOutcome.REFUSED
    small = inputs_with(available_minor=250_000_000, risk=known)
    assert said(small, Rule.ORDER_SIZE)[0] == "PASS"


@pytest.mark.parametrize(
    ("volume", "outcome"),
    [(399, "PASS"), (398, "WARN"), (79, "FAIL"), (80, "WARN"), (400, "PASS"), (None, "WARN")],
)
def test_orders_are_small_against_a_usual_day(volume: int | None, outcome: str) -> None:
    # 3.99 shares of AAAB for 399 dollars; nothing else is nearly as much of its own volume.
    daily = {symbol: DayUsed(close=Decimal(1), volume=10**9) for symbol in PRICES}
    daily["AAAB"] = DayUsed(close=Decimal(1), volume=volume)
    given = inputs_with(risk=risk_with(daily=daily))
    found, values = said(given, Rule.ORDER_VOLUME)
    assert found == outcome
    assert values["unknown"] == ("AAAB" if volume is None else "none")
    if volume == 400:
        assert values["largest"] == "0.009975"


def test_what_is_restricted_is_left_out_with_the_reason_and_its_money_stays_cash() -> None:
    listed = risk_with(restricted={"QUAL": Restriction.NO_BUYS})
    assets = inputs_with().assets
    closed = assets["QUAL"].model_copy(update={"buyable": False})
    decision = decide(inputs_with(risk=listed, assets={**assets, "QUAL": closed}))
    assert decision.outcome is PlanOutcome.PLANNED
    assert decision.order("QUAL") is None
    assert [(one.symbol, one.reason) for one in decision.left_out] == [("QUAL", "RESTRICTED")]
    (check,) = [each for each in decision.checks if each.rule is Rule.RESTRICTED_LIST]
    assert check.outcome is Outcome.WARN
    assert check.values == {"left_out": "QUAL", "against": "none"}


def test_an_order_against_the_list_is_refused_whoever_planned_it() -> None:
    listed = risk_with(restricted={"QUAL": Restriction.NO_TRADES})
    decision = decide(inputs_with(risk=listed))
    assert decision.outcome is PlanOutcome.REFUSED
    assert said(inputs_with(risk=listed), Rule.RESTRICTED_LIST) == (
        "FAIL",
        {"left_out": "none", "against": "QUAL"},
    )


@pytest.mark.parametrize("side", list(Side))
def test_the_list_knows_two_ways(side: Side) -> None:
    listed = {"A": Restriction.NO_BUYS, "B": Restriction.NO_TRADES}
    assert forbidden("A", side, listed) is (side is Side.BUY)
    assert forbidden("B", side, listed)
    assert not forbidden("C", side, listed)


def test_the_same_orders_a_moment_later_warn_and_later_than_that_do_not() -> None:
    first = decide(inputs_with())
    seen = TradedUsed(at=NOW - timedelta(seconds=59), orders=digest_of(first.orders))
    assert said(inputs_with(risk=risk_with(traded=seen)), Rule.DUPLICATE_ORDER)[0] == "WARN"
    old = seen.model_copy(update={"at": NOW - timedelta(seconds=60)})
    assert said(inputs_with(risk=risk_with(traded=old)), Rule.DUPLICATE_ORDER)[0] == "PASS"
    other = inputs_with(available_minor=100_500, risk=risk_with(traded=seen))
    assert said(other, Rule.DUPLICATE_ORDER)[0] == "PASS"


def test_an_account_that_is_on_hold_waits_and_still_pays_out() -> None:
    held = risk_with(hold="BOOKS_DIFFER")
    waiting = decide(inputs_with(risk=held))
    assert isinstance(waiting, Wait)
    assert waiting.rules == (Rule.ACCOUNT_FLAGS,)
    assert waiting.checks[0].values == {"hold": "BOOKS_DIFFER"}
    raising = inputs_with(
        Cause.WITHDRAWAL,
        amount_minor=5_000,
        available_minor=0,
        held={"AAAB": SHARE},
        lots=lots_of("AAAB", TODAY - timedelta(30), 1),
        risk=held,
    )
    paid = decide(raising)
    assert paid.outcome is PlanOutcome.PLANNED
    assert said(raising, Rule.ACCOUNT_FLAGS)[0] == "WARN"


def test_equity_has_a_limit_by_risk_score() -> None:
    for score, outcome in ((3, "PASS"), (2, "FAIL")):
        target = Target(id="g", version=1, score=score, weights=WEIGHTS_OF_SIXTY)
        found, values = said(inputs_with(score=score, target=target), Rule.SUITABILITY)
        assert (found, values["equity_bp"]) == (outcome, "6000")
    assert values["limit"] == "0.500000"


WEIGHTS_OF_SIXTY = {"AAAB": 4000, "MTUM": 3000, "QUAL": 2500, "KO": 500}


def test_nothing_is_proposed_without_prices_and_the_rules_still_speak() -> None:
    blind = judge(inputs_with(prices={}))
    assert [each.rule for each in blind.waits_for] == [Rule.PRICE_FRESH]
    assert blind.decision.orders == ()
    assert KINDS["KO"] is AssetType.STOCK
