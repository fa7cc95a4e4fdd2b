"""A look at one account: what agrees, what waits, what stops automatic trading, what ends that."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.broker_reconciliation.model import Outcome
from shared.broker_reconciliation.rows import HoldRow
from shared.broker_reconciliation.service import CONFIRMED_AFTER, PATIENCE, UNREAD_FOR
from shared.cases.model import CaseStatus
from shared.investing.ports import Moved
from shared.kernel.money import Currency
from shared.platform import keys
from shared.platform.tables import Put

SHARE = 10**9


def stopped(world, user_id):
    """After two looks at a break that nothing explains."""
    world.look(user_id)
    world.clock.advance(CONFIRMED_AFTER)
    return world.look(user_id)


def test_an_account_that_holds_what_the_journal_says_agrees(world) -> None:
    user_id = world.person()
    world.buy(user_id, "VTI", 2 * SHARE, 40_001, "b1")
    world.traded(user_id, "VTI", 2 * SHARE, "400.012", "b1")
    looked = world.look(user_id)
    assert looked.outcome is Outcome.AGREES
    assert (looked.books.cash_minor, looked.books.shares) == (59_999, {"VTI": 2 * SHARE})
    record = world.accounts.record(user_id)
    assert (record.books, record.rounding) == (looked.books, Decimal("-0.2"))
    assert world.case(user_id) is None
    assert not world.held(user_id)


@pytest.mark.parametrize(
    ("off", "text"),
    [
        ({"dollars": "-0.01"}, "USD:-1"),
        ({"dollars": "12.5"}, "USD:+1250"),
        ({"VTI": 1}, "VTI:+1"),
        ({"VTI": -1, "dollars": "1"}, "USD:+100 VTI:-1"),
        ({"VTI": -2 * SHARE}, "VTI:-2000000000"),
        ({"BND": SHARE}, "BND:+1000000000"),
    ],
)
def test_a_cent_or_a_nano_share_that_nobody_told_of_stops_trading_when_it_is_found_twice(
    world, off, text
) -> None:
    user_id, other = world.person(), world.person()
    world.buy(user_id, "VTI", 2 * SHARE, 40_000, "b1")
    world.traded(user_id, "VTI", 2 * SHARE, "400", "b1")
    assert world.look(user_id).outcome is Outcome.AGREES
    world.off(user_id, **off)
    first = world.look(user_id)
    assert (first.outcome, first.difference.text) == (Outcome.UNDER_WAY, text)
    assert not world.held(user_id)
    world.clock.advance(CONFIRMED_AFTER)
    assert world.look(user_id).outcome is Outcome.DIFFERS
    case = world.case(user_id)
    assert (case.status, dict(case.facts)["difference"]) == (CaseStatus.OPEN, text)
    assert world.held(user_id)
    assert world.look(other).outcome is Outcome.AGREES
    assert not world.held(other)


def test_the_same_break_is_one_case_however_often_it_is_found(world) -> None:
    user_id = world.person()
    world.off(user_id, VTI=1)
    stopped(world, user_id)
    case = world.case(user_id)
    world.clock.advance(timedelta(days=1))
    assert world.look(user_id).outcome is Outcome.DIFFERS
    assert world.case(user_id) == case


def test_a_break_that_is_gone_ends_the_case_and_trading_goes_on(world) -> None:
    user_id = world.person()
    world.off(user_id, VTI=SHARE)
    stopped(world, user_id)
    world.off(user_id, VTI=-SHARE)
    assert world.look(user_id).outcome is Outcome.AGREES
    case = world.case(user_id)
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, "broker-reconciliation")
    assert not world.held(user_id)


def test_the_same_break_that_comes_again_opens_its_case_again(world) -> None:
    user_id = world.person()
    world.off(user_id, VTI=SHARE)
    stopped(world, user_id)
    world.off(user_id, VTI=-SHARE)
    world.look(user_id)
    world.clock.advance(timedelta(hours=1))
    world.off(user_id, VTI=SHARE)
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    assert world.case(user_id).status is CaseStatus.OPEN
    assert world.held(user_id)


def test_what_a_person_has_looked_at_stops_nothing_until_it_is_another_difference(world) -> None:
    user_id = world.person()
    world.off(user_id, VTI=SHARE)
    stopped(world, user_id)
    world.settle_case(user_id)
    assert not world.held(user_id)
    world.clock.advance(timedelta(days=1))
    assert world.look(user_id).outcome is Outcome.ACCEPTED
    assert not world.held(user_id)
    assert world.case(user_id).status is CaseStatus.RESOLVED
    world.off(user_id, VTI=1)
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    assert world.case(user_id).status is CaseStatus.OPEN
    assert world.held(user_id)


def test_a_fill_that_our_books_have_not_heard_of_waits_and_is_a_break_in_the_end(world) -> None:
    user_id = world.person()
    world.look(user_id)
    world.traded(user_id, "VTI", SHARE, "200.004", "b7")
    for _ in range(3):
        assert world.look(user_id).outcome is Outcome.UNDER_WAY
        world.clock.advance(timedelta(minutes=9))
    assert not world.held(user_id)
    assert world.case(user_id) is None
    world.clock.advance(PATIENCE)
    assert world.look(user_id).outcome is Outcome.DIFFERS
    assert dict(world.case(user_id).facts)["missing_here"] == "b7"
    world.buy(user_id, "VTI", SHARE, 20_000, "b7")
    assert world.look(user_id).outcome is Outcome.AGREES
    assert not world.held(user_id)


def test_a_journal_that_only_one_side_has_is_under_way(world) -> None:
    user_id = world.person()
    world.look(user_id)
    world.fund(user_id, 5_000)
    world.look(user_id)
    world.clock.advance(CONFIRMED_AFTER)
    assert world.look(user_id).outcome is Outcome.UNDER_WAY
    account_id = world.account(user_id)
    world.broker.cash_of[account_id] += 50
    world.broker.lines[account_id] = [Moved("j1", "", "", 0, Decimal(50))]
    assert world.look(user_id).outcome is Outcome.AGREES


def test_news_under_way_never_hide_a_break_beside_them(world) -> None:
    user_id = world.person()
    world.look(user_id)
    world.traded(user_id, "VTI", SHARE, "200", "b7")
    world.off(user_id, dollars="-1.01")
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    assert world.held(user_id)


def test_while_orders_are_open_a_difference_waits(world) -> None:
    user_id = world.person()
    wallet = world.ledger.wallet(user_id, Currency.USD)
    world.facts.commit([world.ledger.reserve(wallet, 10_000, orders=1)])
    world.off(user_id, VTI=5)
    assert stopped(world, user_id).outcome is Outcome.UNDER_WAY
    world.clock.advance(PATIENCE)
    assert world.look(user_id).outcome is Outcome.DIFFERS


def test_a_broker_that_lists_no_history_is_given_time(world) -> None:
    world.broker.lists = False
    user_id = world.person()
    world.off(user_id, dollars="3")
    assert stopped(world, user_id).outcome is Outcome.UNDER_WAY
    world.clock.advance(PATIENCE)
    assert world.look(user_id).outcome is Outcome.DIFFERS


def test_silence_is_no_answer_and_a_case_after_a_day_without_a_stop(world) -> None:
    user_id = world.person()
    world.broker.strange = {world.account(user_id)}
    assert world.look(user_id).outcome is Outcome.UNREAD
    about = f"{user_id}#unread"
    assert world.case(about) is None
    world.clock.advance(UNREAD_FOR)
    assert world.look(user_id).outcome is Outcome.UNREAD
    assert world.case(about).status is CaseStatus.OPEN
    assert not world.held(user_id)
    world.broker.strange = set()
    assert world.look(user_id).outcome is Outcome.AGREES
    assert world.case(about).status is CaseStatus.RESOLVED


def test_a_break_stays_a_break_while_the_broker_is_silent(world) -> None:
    user_id = world.person()
    world.off(user_id, VTI=5)
    stopped(world, user_id)
    world.broker.silent = True
    assert world.look(user_id).outcome is Outcome.UNREAD
    assert world.held(user_id)
    assert world.case(user_id).status is CaseStatus.OPEN


def test_our_own_rows_are_held_against_the_journal(world) -> None:
    user_id = world.person()
    world.buy(user_id, "VTI", SHARE, 20_000, "b1")
    world.traded(user_id, "VTI", SHARE, "200", "b1")
    lost = world.positions.state(user_id).positions["VTI"]
    world.facts.commit([world.positions.save(replace(lost, quantity_nanos=SHARE - 1))])
    looked = stopped(world, user_id)
    assert (looked.outcome, looked.difference.text) == (Outcome.DIFFERS, "ROW.VTI:-1")


def test_a_stop_for_another_reason_is_neither_replaced_nor_ended(world) -> None:
    user_id = world.person()
    row = HoldRow(
        pk=keys.user(user_id), sk=keys.TRADING_HOLD, reason="LEGAL", since=world.clock.now()
    )
    world.facts.commit([Put.new("hold", row)])
    world.off(user_id, VTI=5)
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    world.off(user_id, VTI=-5)
    assert world.look(user_id).outcome is Outcome.AGREES
    kept = world.database.get(HoldRow, keys.user(user_id), keys.TRADING_HOLD)
    assert kept.reason == "LEGAL"


def test_only_new_entries_are_read_once_both_sides_have_agreed(world) -> None:
    user_id = world.person()
    for number in range(120):
        world.fund(user_id, number + 1)
    world.broker.cash_of[world.account(user_id)] += Decimal(sum(range(121))) / 100
    assert world.look(user_id).outcome is Outcome.AGREES
    record = world.accounts.record(user_id)
    assert record.books.seq == 121
    read = world.accounts.read(record, world.clock.now().date())
    assert [entry.seq for entry in read.entries] == list(range(22, 122))


def test_rounding_is_followed_and_never_hides_a_cent(world) -> None:
    user_id = world.person(10_000)
    for number in range(30):
        world.buy(user_id, "VTI", SHARE, 10_000, f"b{number}")
        world.traded(user_id, "VTI", SHARE, "100.0049", f"b{number}")
    assert world.look(user_id).outcome is Outcome.AGREES
    assert world.accounts.record(user_id).rounding == Decimal("-14.7")
    world.off(user_id, dollars="0.01")
    assert world.look(user_id).difference.text == "USD:+1"


def test_a_trade_too_small_for_a_cent_leaves_its_fraction_and_no_break(world) -> None:
    user_id = world.person(10_000)
    world.look(user_id)
    # A fraction that another trade has left pays for it.
    world.buy(user_id, "VTI", 80_000, 0, "b1")
    world.traded(user_id, "VTI", 80_000, "0.008", "b1")
    world.broker.lines.clear()
    assert world.look(user_id).outcome is Outcome.AGREES
    assert world.accounts.record(user_id).rounding == Decimal("-0.8")
    world.off(user_id, dollars="-0.01")
    assert world.look(user_id).difference.text == "USD:-1"
