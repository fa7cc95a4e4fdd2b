"""A few months of 2020 through the planner, a broker, the journal, lots and settlement."""

import contextlib
import io
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from shared.investing.model import Side
from shared.investing.plan import Cause, PlanOutcome, hash_of
from shared.investing.planning import decide
from shared.ledger.model import EntryKind
from shared.market_data.calendar import settlement_day
from shared.market_data.model import BreakerState
from shared.rebalancing.model import RunStatus
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Style, strategy_id
from tools.backtest.books import BooksDiffer
from tools.backtest.figures import figures
from tools.backtest.picture import spans
from tools.backtest.replay import Replay, Scenario


def kinds(replay):
    account = replay.account
    page = account.ledger.entries(account.user_id, account.wallet.currency, limit=1000)
    return [one.entry.draft for one in reversed(page.entries)]


def test_the_books_balance_at_the_end_of_every_month(crash) -> None:
    replay, result = crash
    assert result.audits == len({(each.day.year, each.day.month) for each in result.points}) == 5
    assert result.entries == replay.account.wallet.seq
    assert sum(each.paid_in for each in result.points) == 2_040_000
    assert replay.account.portfolio.state(replay.account.user_id).net_deposits.minor == 2_040_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda broker: setattr(broker, "cash", broker.cash + 1), "cash at the broker"),
        (lambda broker: broker.nanos.update(QUAL=broker.nanos["QUAL"] + 1), "QUAL at the broker"),
    ],
)
def test_a_cent_or_a_billionth_of_a_share_that_is_not_there_is_found(crash, change, told) -> None:
    replay, _ = crash
    broker = replay.account.broker
    cash, nanos = broker.cash, broker.nanos.copy()
    change(broker)
    try:
        with pytest.raises(BooksDiffer, match=told):
            replay.auditor.audit()
    finally:
        broker.cash, broker.nanos = cash, nanos
    replay.auditor.audit()


def test_the_breaker_of_the_market_holds_orders_back_until_it_is_calm_again(crash) -> None:
    _, result = crash
    states = [each.state for each in result.breaker]
    assert states == [BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED]
    assert [each.since.date() for each in result.breaker] == [
        date(2020, 3, 11),
        date(2020, 5, 20),
        date(2020, 5, 20),
    ]
    assert spans(result.stopped) == [(date(2020, 3, 11), date(2020, 5, 19))]
    assert result.levels == {date(2020, 3, 12): 1, date(2020, 3, 16): 1}
    planned = {plan.created_at.date() for plan in result.plans}
    assert planned.isdisjoint(result.stopped)


def test_money_that_waited_is_invested_by_one_plan_when_orders_flow_again(crash) -> None:
    _, result = crash
    # Of April and May; the first plan takes both, and the other deposit finds nothing left.
    assert sorted(result.waited.values()) == [13, 34]
    on_that_day = [plan for plan in result.plans if plan.created_at.date() == date(2020, 5, 20)]
    assert [plan.decision.outcome for plan in on_that_day] == [
        PlanOutcome.PLANNED,
        PlanOutcome.NOTHING_TO_BUY,
    ]
    assert sum(one.notional_minor for one in on_that_day[0].decision.orders) > 10_000


def test_fees_of_all_months_but_the_last_are_charged_and_nothing_else_leaves(crash) -> None:
    replay, result = crash
    fees = [draft for draft in kinds(replay) if draft.kind is EntryKind.MANAGEMENT_FEE]
    assert [(one.memo["first"], one.memo["last"]) for one in fees] == [
        ("2020-02-03", "2020-02-29"),
        ("2020-03-01", "2020-03-31"),
        ("2020-04-01", "2020-04-30"),
        ("2020-05-01", "2020-05-31"),
    ]
    # 0.25 % of some 19,500 dollars for four months.
    assert result.fees_minor == replay.account.wallet.fees
    assert 1_400 < result.fees_minor < 1_700
    for before, after in pairwise(fees):
        assert after.memo["before_units"] == before.memo["left_units"]


def test_every_plan_can_be_replayed_from_what_was_stored_with_it(crash) -> None:
    _, result = crash
    assert result.plans
    for plan in result.plans:
        again = decide(type(plan.inputs).read(plan.inputs.canonical()))
        assert again == plan.decision
        assert hash_of(plan.inputs.canonical()) == plan.inputs_hash


def test_a_portfolio_beside_its_target_is_sold_down_and_buys_once_that_has_settled(history) -> None:
    """Whoever put money in at the beginning of 2014 and hardly any since is far from target when
    2018 begins: here the prices of these years come one after the other within a few days."""
    day = date(2018, 1, 2)
    early = {symbol: known[date(2014, 1, 2)] for symbol, known in history.closes.items()}
    some = history.between(day, date(2018, 1, 12))
    closes = {
        symbol: {**known, day: early[symbol], date(2017, 12, 29): early[symbol]}
        for symbol, known in history.closes.items()
    }
    replay = Replay(replace(some, closes=closes), Scenario(score=3))
    with contextlib.redirect_stdout(io.StringIO()):
        result = replay.run()
    (run,) = result.runs
    assert (run.status, run.why, len(run.plan_ids)) == (RunStatus.COMPLETED, "BAND", 2)
    assert run.ended_on == settlement_day(run.began_on)
    first, second = (plan for plan in result.plans if plan.cause is Cause.REBALANCE)
    assert {one.side for one in first.decision.orders} >= {Side.SELL}
    assert {one.side for one in second.decision.orders} == {Side.BUY}
    assert second.decision.drift_after < first.decision.drift_before
    assert result.audits == 1


def test_who_takes_money_out_gets_it_with_the_next_session_while_all_other_orders_wait(
    history,
) -> None:
    some = history.between(date(2020, 3, 2), date(2020, 4, 8))
    scenario = Scenario(score=3, monthly_minor=0, quarterly_out_minor=60_000)
    replay = Replay(some, scenario)
    with contextlib.redirect_stdout(io.StringIO()):
        result = replay.run()
    assert {date(2020, 4, 1), date(2020, 4, 2)} <= set(result.stopped)
    (sold,) = (plan for plan in result.plans if plan.cause is Cause.WITHDRAWAL)
    assert sold.created_at.date() == date(2020, 4, 1)
    assert {one.side for one in sold.decision.orders} == {Side.SELL}
    # Settled on the next day, and not a cent before.
    assert result.paid_out == {date(2020, 4, 2): 60_000}
    assert [each.paid_in for each in result.points if each.paid_in] == [2_000_000, -60_000]
    assert result.audits == 2


def test_a_fee_and_a_withdrawal_of_one_day_are_both_sold_for_and_neither_takes_from_the_other(
    history,
) -> None:
    some = history.between(date(2014, 3, 31), date(2014, 7, 8))
    scenario = Scenario(score=3, monthly_minor=0, quarterly_out_minor=60_000)
    replay = Replay(some, scenario)
    with contextlib.redirect_stdout(io.StringIO()):
        result = replay.run()
    # The fee of June is sold for first; the withdrawal sells when that has settled and left.
    asked = [(plan.cause, plan.created_at.date()) for plan in result.plans[1:]]
    assert asked[-2:] == [
        (Cause.FEE, date(2014, 7, 1)),
        (Cause.WITHDRAWAL, date(2014, 7, 2)),
    ]
    assert result.paid_out == {date(2014, 4, 2): 60_000, date(2014, 7, 3): 60_000}
    assert replay.account.wallet.fees == result.fees_minor > 0
    assert {one.side for plan in result.plans[1:] for one in plan.decision.orders} == {Side.SELL}


def test_the_return_is_that_of_the_prices_less_fees_and_the_cost_of_trading(crash, history) -> None:
    """Against a line of arithmetic: target weights bought on the first day, with a buffer of cash,
    and held; the few dollars of later deposits change nothing that is seen here."""
    _, result = crash
    weights = {one.id: one for one in FOUNDING}[strategy_id(Style.GROWTH, 3)].weights
    first, last = result.points[0].day, result.points[-1].day
    grown = sum(
        float(history.closes[symbol][last] / history.closes[symbol][first]) * points / 10_000
        for symbol, points in weights.items()
    )
    held = 0.0025 + 0.9975 * grown
    fees = 0.0025 * (date(2020, 5, 31) - first).days / 365
    expected = held - 1 - 0.0001 - fees
    assert figures(result.points).time_weighted == pytest.approx(expected, abs=0.0005)
