"""A purchase of what was sold at a loss lately is told, and nothing more."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.investing.inputs import Cause, Inputs, LotUsed, PriceUsed, TaxProfile
from shared.investing.plan import Decision, Outcome, PlanOutcome, Rule
from shared.investing.planning import judge
from shared.investing.reading import Ask
from shared.investing.rules.facts import TradedDay, TradedUsed
from shared.investing.trading_days import TradingDaysRow, traded, traded_from
from shared.platform import keys
from shared.platform.tables import Put
from shared.taxes.store import residence
from tests.investing.rules.situation import NOW, PRICES, SHARE, TODAY, inputs_with, risk_with

USA = TaxProfile(short_bp=3_700, long_bp=2_000, wash_days=30)


def check(given: Inputs) -> Any:
    (found,) = [one for one in judge(given).decision.checks if one.rule is Rule.WASH_SALE]
    return found


@pytest.mark.parametrize(("days", "outcome"), [(30, Outcome.WARN), (31, Outcome.PASS)])
def test_what_was_sold_at_a_loss_up_to_thirty_days_ago_is_named(days: int, outcome: Any) -> None:
    day = TradedDay(day=TODAY - timedelta(days=days), lost=("MTUM", "VTI"))
    given = inputs_with(risk=risk_with(traded=TradedUsed(days=(day,))), tax=USA)
    found = check(given)
    assert found.outcome is outcome
    assert found.values["again"] == ("MTUM" if outcome is Outcome.WARN else "none")
    decision = judge(given).decision
    assert decision.outcome is PlanOutcome.PLANNED
    assert decision.order("MTUM") is not None


def losing(**changes: Any) -> tuple[Inputs, Decision]:
    """A withdrawal that sells one asset at a loss."""
    lot = LotUsed(
        acquired=TODAY - timedelta(days=90), reference="AAAAA", nanos=50 * SHARE, cost_minor=400_000
    )
    known: dict[str, Any] = {
        "amount_minor": 50_000,
        "available_minor": 0,
        "held": {"MTUM": 50 * SHARE},
        "lots": {"MTUM": (lot,)},
        "prices": {
            symbol: PriceUsed(price=Decimal(price), as_of=NOW, source="test")
            for symbol, price in PRICES.items()
        },
        "tax": USA,
    }
    given = inputs_with(Cause.WITHDRAWAL, **known | changes)
    return given, judge(given).decision


def kept(given: Inputs, decision: Decision) -> tuple[TradedDay, ...]:
    (write,) = traded("usr_t1_01KJQJQA600000000000000001", given, decision)
    assert isinstance(write, Put)
    row = write.row
    assert isinstance(row, TradingDaysRow)
    return traded_from([Stored(row)]).days


class Stored:
    """A row as an item."""

    kind = TradingDaysRow.KIND

    def __init__(self, row: TradingDaysRow) -> None:
        self._row = row

    def to(self, _: type[TradingDaysRow]) -> TradingDaysRow:
        return self._row


def test_an_expected_loss_is_kept_for_thirty_days_and_no_other_figure_so_long() -> None:
    days = tuple(
        TradedDay(day=TODAY - timedelta(days=ago), bought_minor=5, lost=("QUAL",))
        for ago in (31, 30, 14, 13)
    )
    given, decision = losing(risk=risk_with(traded=TradedUsed(days=days)))
    assert [(TODAY - one.day).days for one in kept(given, decision)] == [30, 14, 13, 0]
    assert [one.bought_minor for one in kept(given, decision)] == [0, 0, 5, 0]
    assert kept(given, decision)[-1].lost == ("MTUM",)


def test_of_people_whose_law_knows_no_wash_sales_nothing_is_kept() -> None:
    given, decision = losing(tax=TaxProfile(short_bp=3_700))
    assert [one.lost for one in kept(given, decision)] == [()]


def test_only_people_of_such_a_country_are_asked_and_reading_it_costs_no_request(
    world: Any,
) -> None:
    world.open_market()
    seen = {}
    for country in ("", "USA"):
        user_id = world.person()
        if country:
            world.facts.commit([residence(user_id, country)])
        deposit = world.deposit(user_id, 10_000)
        world.database.forget()
        plan = world.planner().plan(user_id, Ask(Cause.DEPOSIT, deposit)).plan
        assert (world.database.reads, world.database.writes) == (2, 1)
        seen[country] = plan.inputs.tax, {one.rule for one in plan.decision.checks}
    assert seen[""][0] == TaxProfile()
    assert seen["USA"][0] == USA
    assert seen["USA"][1] - seen[""][1] == {Rule.WASH_SALE}
    assert keys.TAXES > keys.STATE_FIRST
