"""What a person has looked at and left: it stops nothing, hides nothing, and is not read anew."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.broker_reconciliation.model import Difference, Outcome
from shared.broker_reconciliation.service import CONFIRMED_AFTER, PATIENCE
from shared.cases.model import CaseStatus
from shared.kernel.money import Currency
from shared.ledger.model import EntryKind

SHARE = 10**9


def stopped(world, user_id):
    """After two looks at a break that nothing explains."""
    world.look(user_id)
    world.clock.advance(CONFIRMED_AFTER)
    return world.look(user_id)


def left(world, **off):
    """Somebody with a difference that a person has left."""
    user_id = world.person()
    world.look(user_id)
    world.off(user_id, **off)
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    world.clock.advance(timedelta(minutes=1))
    world.settle_case(user_id)
    world.clock.advance(timedelta(minutes=1))
    assert world.look(user_id).outcome is Outcome.ACCEPTED
    return user_id


def moves_on(world, user_id, name):
    """A deposit and an execution, as both sides have them."""
    world.fund(user_id, 20_000)
    world.broker.cash_of[world.account(user_id)] += 200
    world.buy(user_id, "VTI", SHARE, 10_000, name)
    world.traded(user_id, "VTI", SHARE, "100.0049", name)
    world.clock.advance(timedelta(days=1))


def test_reads_begin_where_the_account_was_looked_at_last_whatever_was_left(world) -> None:
    user_id = left(world, VTI=4, dollars="-1")
    for number in range(80):
        moves_on(world, user_id, f"b{number}")
        looked = world.look(user_id)
        assert (looked.outcome, looked.difference.text) == (Outcome.ACCEPTED, "USD:-100 VTI:+4")
    record = world.accounts.record(user_id)
    assert (record.books.seq, record.rounding) == (161, Decimal("-39.2"))
    read = world.accounts.read(record, world.clock.now().date())
    assert [entry.seq for entry in read.entries] == list(range(62, 162))
    assert world.case(user_id).status is CaseStatus.RESOLVED
    assert not world.held(user_id)


def test_a_cent_beside_what_was_left_is_a_break_told_in_full(world) -> None:
    user_id = left(world, dollars="-1")
    moves_on(world, user_id, "b1")
    assert world.look(user_id).outcome is Outcome.ACCEPTED
    world.off(user_id, dollars="-0.01")
    looked = stopped(world, user_id)
    assert (looked.outcome, looked.difference.text) == (Outcome.DIFFERS, "USD:-101")
    assert dict(world.case(user_id).facts)["difference"] == "USD:-101"
    assert world.held(user_id)


def test_what_came_to_it_and_went_again_ends_the_case_and_what_was_left_stays_left(world) -> None:
    user_id = left(world, VTI=4)
    world.off(user_id, dollars="7")
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    assert world.held(user_id)
    world.off(user_id, dollars="-7")
    looked = world.look(user_id)
    assert (looked.outcome, looked.difference.text) == (Outcome.ACCEPTED, "VTI:+4")
    case = world.case(user_id)
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, "broker-reconciliation")
    assert not world.held(user_id)


def test_a_repaired_difference_that_comes_again_is_a_new_one(world) -> None:
    user_id = left(world, VTI=4)
    world.off(user_id, VTI=-4)
    assert world.look(user_id).outcome is Outcome.AGREES
    assert world.accounts.record(user_id).left == Difference()
    world.clock.advance(timedelta(days=30))
    world.off(user_id, VTI=4)
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    assert world.case(user_id).status is CaseStatus.OPEN
    assert world.held(user_id)


def test_news_between_the_resolution_and_the_next_look_do_not_open_it_again(world) -> None:
    user_id = world.person()
    world.look(user_id)
    world.off(user_id, VTI=4)
    stopped(world, user_id)
    world.clock.advance(timedelta(minutes=1))
    world.settle_case(user_id)
    world.traded(user_id, "VTI", SHARE, "200", "b7")
    assert world.look(user_id).outcome is Outcome.UNDER_WAY
    world.buy(user_id, "VTI", SHARE, 20_000, "b7")
    assert world.look(user_id).outcome is Outcome.ACCEPTED
    assert world.case(user_id).status is CaseStatus.RESOLVED


def test_a_fill_on_its_way_is_explained_beside_what_was_left(world) -> None:
    user_id = left(world, VTI=4)
    world.traded(user_id, "VTI", SHARE, "200", "b7")
    assert stopped(world, user_id).outcome is Outcome.UNDER_WAY
    assert not world.held(user_id)
    world.clock.advance(PATIENCE)
    looked = world.look(user_id)
    assert (looked.outcome, looked.difference.text) == (
        Outcome.DIFFERS,
        "USD:-20000 VTI:+1000000004",
    )
    assert dict(world.case(user_id).facts)["missing_here"] == "b7"


def test_a_row_of_ours_that_was_left_is_left_too(world) -> None:
    user_id = world.person()
    world.buy(user_id, "VTI", SHARE, 20_000, "b1")
    world.traded(user_id, "VTI", SHARE, "200", "b1")
    held = world.positions.state(user_id).positions["VTI"]
    world.facts.commit([world.positions.save(replace(held, quantity_nanos=SHARE - 1))])
    assert stopped(world, user_id).outcome is Outcome.DIFFERS
    world.clock.advance(timedelta(minutes=1))
    world.settle_case(user_id)
    for _ in range(2):
        looked = world.look(user_id)
        assert (looked.outcome, looked.difference.text) == (Outcome.ACCEPTED, "ROW.VTI:-1")
    assert world.accounts.record(user_id).left == Difference(inside={"VTI": -1})


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (EntryKind.MANAGEMENT_FEE, Outcome.UNDER_WAY),
        (EntryKind.DIVIDEND_PAID, Outcome.AGREES),
    ],
)
def test_a_fee_leaves_no_fraction_that_could_hide_a_cent(world, kind, outcome) -> None:
    user_id = world.person()
    world.look(user_id)
    world.fund(user_id, -205, kind)
    world.off(user_id, dollars="-2.06")
    assert world.look(user_id).outcome is outcome
    assert world.ledger.wallet(user_id, Currency.USD).posted == 99_795
