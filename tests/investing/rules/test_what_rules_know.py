"""Rows behind the rules: the restricted list, a stop of trading, and what was planned lately."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.investing.explaining import explain
from shared.investing.model import OrderStatus
from shared.investing.plan import Outcome, PlanOutcome, Rule, plan_id
from shared.investing.restricting import Restricting
from shared.investing.risk import day_used
from shared.investing.rules.facts import DayUsed, TradedDay
from shared.investing.service import Planned, Waiting
from shared.investing.trading_days import KEPT, TradingDaysRow, traded_from
from shared.kernel.errors import NotFound
from shared.market_data.bars import DailyFacts
from shared.market_data.model import Restriction
from shared.market_data.restrictions import RestrictionStore
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.platform.tables import Key, Put, Row, Table


class _Hold(Row):
    """A stop of trading as another context writes it."""

    KIND = "trading_hold"


def _restricting(world) -> Restricting:
    book = RestrictionStore(world.database)
    return Restricting(book, world.facts, world.clock, SYMBOLS, lambda attempt: None)


def _nothing(before, after):
    return []


def _check(plan, rule: Rule):
    (found,) = [each for each in plan.decision.checks if each.rule is rule]
    return found


def test_what_staff_restrict_is_left_out_of_the_next_plan_and_bought_after_its_release(
    world,
) -> None:
    world.open_market()
    user_id = world.person()
    restricting = _restricting(world)
    restricting.restrict("SIZE", Restriction.NO_BUYS, _nothing)
    first = world.deposit(user_id, 10_000)
    world.database.forget()
    plan = world.planner().invest(user_id, first).plan
    assert (world.database.reads, world.database.writes) == (2, 1)
    assert plan.decision.order("SIZE") is None
    assert [(one.symbol, one.reason) for one in plan.decision.left_out] == [("SIZE", "RESTRICTED")]
    assert _check(plan, Rule.RESTRICTED_LIST).outcome is Outcome.WARN
    told = {each.rule: each.detail for each in explain(plan, "QUAL").checks}
    assert told[Rule.RESTRICTED_LIST] == (
        "No order is for a restricted asset. Left out: SIZE. Against the list: none."
    )
    restricting.release("SIZE", _nothing)
    # Another person: the first one's orders are still open.
    other = world.person()
    second = world.deposit(other, 10_000)
    assert world.planner().invest(other, second).plan.decision.order("SIZE") is not None
    assert world.events()[0] == "investing.restriction_changed.v1"
    assert world.events().count("investing.restriction_changed.v1") == 2


def test_the_list_changes_once_for_each_word_and_knows_only_our_assets(world) -> None:
    restricting = _restricting(world)
    for _ in range(2):
        restricting.restrict("SIZE", Restriction.NO_BUYS, _nothing)
        restricting.release("QUAL", _nothing)
    assert RestrictionStore(world.database).read().version == 1
    with pytest.raises(NotFound):
        restricting.restrict("GME", Restriction.NO_BUYS, _nothing)
    assert world.events() == ["investing.restriction_changed.v1"]


def test_two_who_change_the_list_at_once_both_find_their_word_in_it(world, monkeypatch) -> None:
    restricting = _restricting(world)
    read, late = RestrictionStore.read, []

    def slowly(self):
        known = read(self)
        if not late:
            late.append(True)
            _restricting(world).restrict("QUAL", Restriction.NO_TRADES, _nothing)
        return known

    monkeypatch.setattr(RestrictionStore, "read", slowly)
    restricting.restrict("SIZE", Restriction.NO_BUYS, _nothing)
    entries = read(RestrictionStore(world.database)).entries
    assert {name: one.restriction.value for name, one in entries.items()} == {
        "QUAL": "NO_TRADES",
        "SIZE": "NO_BUYS",
    }


def test_while_trading_of_an_account_is_stopped_its_deposits_wait_and_leave_no_trace(
    world,
) -> None:
    world.open_market()
    user_id = world.person()
    deposit_id = world.deposit(user_id, 10_000)
    hold = _Hold(pk=keys.user(user_id), sk=keys.TRADING_HOLD)
    world.facts.commit([Put("hold", hold)])
    assert world.planner().invest(user_id, deposit_id) == Waiting((Rule.ACCOUNT_FLAGS,))
    assert world.plans.plan(user_id, plan_id(deposit_id)) is None
    assert _days(world, user_id) == ()


def _days(world, user_id: str):
    return traded_from(world.positions.state(user_id).trading).days


def test_a_plan_notes_what_it_trades_and_later_plans_look_at_it(world) -> None:
    user_id, plan = world.invested(10_000)
    stored = world.plans.plan(user_id, plan)
    today = world.clock.now().date()
    assert _days(world, user_id) == (TradedDay(day=today, bought_minor=9_975, bought=SYMBOLS),)
    assert stored.inputs.risk.traded.days == ()
    row = world.database.get(TradingDaysRow, keys.user(user_id), keys.TRADING_DAYS)
    assert len(str(row.to_item())) < 1024


def test_a_plan_without_orders_notes_nothing(world) -> None:
    world.open_market()
    user_id = world.person()
    result = world.planner().invest(user_id, world.deposit(user_id, 50))
    assert isinstance(result, Planned)
    assert result.plan.decision.outcome is PlanOutcome.NOTHING_TO_BUY
    key = Key(Table.CORE, keys.user(user_id), keys.TRADING_DAYS)
    assert world.database.get_many([key]) == {}


def test_days_that_no_rule_looks_at_are_forgotten(world, make_end) -> None:
    user_id, plan = world.invested(10_000)
    for _ in range(2):
        for order in world.orders(user_id, plan).values():
            world.booker.apply(make_end(order, OrderStatus.REJECTED, world.clock.now()))
        world.clock.advance(KEPT / 2)
        world.open_market()
        deposit_id = world.deposit(user_id, 10_000)
        world.planner().invest(user_id, deposit_id)
        plan = plan_id(deposit_id)
    days = _days(world, user_id)
    assert [each.day for each in days] == [
        (world.clock.now() - timedelta(days=back)).date() for back in (7, 0)
    ]
    assert days[0].bought == ()
    assert days[0].bought_minor > 9_000


def test_the_close_of_the_session_before_is_known_or_it_is_not() -> None:
    monday, friday = date(2026, 3, 2), date(2026, 2, 27)
    last, before = Decimal(50), Decimal(49)
    assert day_used(DailyFacts("A", friday, last, before, 7), monday) == DayUsed(
        close=last, volume=7
    )
    assert day_used(DailyFacts("A", monday, last, before, None), monday) == DayUsed(
        close=before, volume=None
    )
    stale = DailyFacts("A", date(2026, 2, 26), last, before, 7)
    assert day_used(stale, monday) == DayUsed(close=None, volume=7)
    assert day_used(stale, date(2100, 1, 4)) == DayUsed(close=None, volume=7)
