"""Rules about settlement, day trades, losses and turnover."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing.inputs import Cause
from shared.investing.plan import PlanOutcome, Rule, Wait
from shared.investing.planning import decide
from shared.investing.rules.facts import DayUsed, TradedDay, TradedUsed
from tests.investing.rules.situation import (
    PRICES,
    SHARE,
    TODAY,
    YESTERDAY,
    inputs_with,
    lots_of,
    risk_with,
    said,
)

RULE = Rule.PATTERN_DAY_TRADING
HELD = {"MTUM": 40 * SHARE}
"""Two thousand dollars."""


def rebalance(**changes):
    """MTUM alone is held, and most of it has to be sold."""
    known = {"held": HELD, "lots": lots_of("MTUM", TODAY - timedelta(400), 40)}
    return inputs_with(Cause.REBALANCE, **known | {"available_minor": 0} | changes)


def test_what_is_bought_is_paid_with_settled_cash() -> None:
    given = inputs_with(unsettled_minor=40_000)
    outcome, values = said(given, Rule.SETTLED_FUNDS)
    assert (outcome, values["settled_minor"]) == ("PASS", "60000")
    assert int(values["bought_minor"]) <= 60_000


@pytest.mark.parametrize(
    ("acquired", "unsettled", "outcome"),
    [
        (TODAY, 100, "FAIL"),
        (TODAY, 0, "WARN"),
        # Friday's purchase settles today, on Monday.
        (YESTERDAY, 100, "PASS"),
    ],
)
def test_nothing_is_sold_that_unsettled_cash_may_have_paid(acquired, unsettled, outcome) -> None:
    given = rebalance(
        lots=lots_of("MTUM", acquired, 40), available_minor=unsettled, unsettled_minor=unsettled
    )
    found, values = said(given, Rule.GOOD_FAITH)
    assert (found, values["early"]) == (outcome, "none" if outcome == "PASS" else "MTUM")
    expected = PlanOutcome.REFUSED if outcome == "FAIL" else PlanOutcome.PLANNED
    assert decide(given).outcome is expected


def test_a_withdrawal_sells_early_with_a_warning() -> None:
    given = inputs_with(
        Cause.WITHDRAWAL,
        amount_minor=100_000,
        available_minor=100,
        unsettled_minor=100,
        held=HELD,
        lots=lots_of("MTUM", TODAY, 40),
    )
    assert said(given, Rule.GOOD_FAITH)[0] == "WARN"
    assert decide(given).outcome is PlanOutcome.PLANNED


def day_traded(*, margin: bool, before: int, sessions_ago: int = 1):
    """MTUM was bought today and is sold; so many day trades lie behind."""
    earlier = TODAY - timedelta(days={1: 3, 4: 6, 5: 7}[sessions_ago])
    days = (
        TradedDay(day=earlier, day_trades=before),
        TradedDay(day=TODAY, bought=("MTUM",), bought_minor=1),
    )
    return rebalance(risk=risk_with(margin=margin, traded=TradedUsed(days=days)))


@pytest.mark.parametrize(
    ("margin", "before", "sessions_ago", "outcome", "count"),
    [
        (True, 3, 1, "FAIL", "4"),
        (True, 2, 1, "PASS", "3"),
        (False, 3, 1, "WARN", "4"),
        (True, 3, 4, "FAIL", "4"),
        (True, 3, 5, "PASS", "1"),
    ],
)
def test_a_pattern_of_day_trades_is_refused_where_money_is_borrowed(
    margin, before, sessions_ago, outcome, count
) -> None:
    given = day_traded(margin=margin, before=before, sessions_ago=sessions_ago)
    found, values = said(given, Rule.PATTERN_DAY_TRADING)
    assert (found, values["day_trades"]) == (outcome, count)
    assert values["account"] == ("MARGIN" if margin else "CASH")


def test_a_large_account_may_trade_by_the_day() -> None:
    given = day_traded(margin=True, before=9)
    held, lots = {"MTUM": 500 * SHARE}, lots_of("MTUM", TODAY - timedelta(400), 500)
    rich = given.model_copy(update={"held": held, "lots": lots})
    assert said(rich.model_copy(update={"held": {"MTUM": 499 * SHARE}}), RULE)[0] == "FAIL"
    assert said(rich, Rule.PATTERN_DAY_TRADING)[0] == "WARN"


@pytest.mark.parametrize(
    ("close", "outcome", "loss"),
    [
        ("50", "PASS", "0.000000"),
        ("45", "PASS", "0.000000"),
        ("52.6", "PASS", "0.049430"),
        ("53", "WARN", "0.056604"),
        ("56", "FAIL", "0.107143"),
        (None, "WARN", "0.000000"),
    ],
)
def test_after_a_large_fall_automatic_orders_wait_for_another_day(close, outcome, loss) -> None:
    used = DayUsed(close=None if close is None else Decimal(close), volume=10**9)
    given = inputs_with(held=HELD, risk=risk_with(daily={**_calm(), "MTUM": used}))
    found, values = said(given, Rule.DAILY_LOSS)
    assert (found, values["loss"]) == (outcome, loss)
    assert values["unknown"] == ("MTUM" if close is None else "none")
    decision = decide(given)
    assert isinstance(decision, Wait) is (outcome == "FAIL")


def _calm() -> dict[str, DayUsed]:
    return {name: DayUsed(close=Decimal(price), volume=10**9) for name, price in PRICES.items()}


def test_a_withdrawal_is_paid_on_the_worst_of_days() -> None:
    fallen = risk_with(daily={"MTUM": DayUsed(close=Decimal(100), volume=10**9)})
    given = inputs_with(
        Cause.WITHDRAWAL,
        amount_minor=100_000,
        available_minor=0,
        held=HELD,
        lots=lots_of("MTUM", TODAY - timedelta(400), 40),
        risk=fallen,
    )
    assert decide(given).outcome is PlanOutcome.PLANNED
    assert said(given, Rule.DAILY_LOSS)[0] == "WARN"


@pytest.mark.parametrize(
    ("days_ago", "sold", "outcome"),
    [
        (0, 200_000, "FAIL"),
        (0, 50_000, "PASS"),
        (3, 200_000, "WARN"),
        (3, 300_000, "FAIL"),
        (10, 300_000, "PASS"),
    ],
)
def test_rebalances_do_not_trade_round_and_round(days_ago, sold, outcome) -> None:
    day = TradedDay(day=TODAY - timedelta(days=days_ago), sold_minor=sold)
    given = rebalance(risk=risk_with(traded=TradedUsed(days=(day,))))
    # 70 % of two thousand dollars are sold now.
    assert said(rebalance(), Rule.TURNOVER)[1]["today"] == "0.700000"
    assert said(given, Rule.TURNOVER)[0] == outcome


def test_deposits_are_no_turnover() -> None:
    day = TradedDay(day=TODAY, sold_minor=10**9)
    given = inputs_with(risk=risk_with(traded=TradedUsed(days=(day,))))
    assert said(given, Rule.TURNOVER)[0] == "PASS"
