"""The broker moves a fee once, through refusals, silence, wrong amounts and crashes."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from shared.cases.model import CaseKind
from shared.kernel.money import Currency
from shared.ledger.model import EntryKind
from shared.management_fees.model import ChargeStatus
from shared.payments.ports import JournalState
from tests.management_fees.twins import Crash
from tests.management_fees.world import ACCOUNT, LAST, World, saver

USD = Currency.USD
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), LAST, date(2026, 3, 31)
MILLION = 1_000_000


def test_while_the_broker_moves_it_the_cash_is_held_and_looked_after(world: World) -> None:
    user = saver(world)
    world.broker.state = JournalState.WAITING
    made = world.charging.month(user, FEBRUARY)
    assert made.status is ChargeStatus.COLLECTING
    assert (world.wallet(user).held, world.wallet(user).posted) == (191, MILLION)
    (check,) = world.checks()
    assert (check.check, check.subject) == (
        "fee",
        {"user_id": user, "charge_id": made.charge_id},
    )
    world.broker.state = JournalState.EXECUTED
    assert world.charging.checked(user, made.charge_id, 1).status is ChargeStatus.CHARGED
    assert len(world.broker.made) == 1


def test_after_half_an_hour_the_sweep_alone_looks(world: World) -> None:
    user = saver(world)
    world.broker.state = JournalState.WAITING
    made = world.charging.month(user, FEBRUARY)
    world.clock.advance(timedelta(minutes=30))
    before = len(world.queue.sent)
    world.charging.checked(user, made.charge_id, 5)
    assert len(world.queue.sent) == before


def test_cash_that_is_held_for_a_day_without_a_word_of_the_broker_is_a_case(world: World) -> None:
    user = saver(world)
    world.broker.state = JournalState.WAITING
    made = world.charging.month(user, FEBRUARY)
    world.clock.advance(timedelta(hours=23))
    world.charging.checked(user, made.charge_id, 5)
    assert world.open_cases() == []
    world.clock.advance(timedelta(hours=1))
    for _ in range(2):
        world.charging.checked(user, made.charge_id, 5)
    (case,) = world.open_cases()
    assert (case.kind, case.subject, case.user_id) == (
        CaseKind.PAYOUT_FAILED,
        made.charge_id,
        user,
    )
    assert dict(case.facts) == {"unanswered_since": "2026-03-02T15:30:00.000000Z"}
    assert world.wallet(user).held == 191
    # It goes on by itself when the broker has spoken.
    world.broker.state = JournalState.EXECUTED
    assert world.charging.checked(user, made.charge_id, 6).status is ChargeStatus.CHARGED


def test_a_journal_that_was_rejected_frees_the_cash_and_is_made_anew_later(world: World) -> None:
    user = saver(world)
    world.broker.state = JournalState.WAITING
    made = world.charging.month(user, FEBRUARY)
    world.broker.state = JournalState.REJECTED
    refused = world.charging.checked(user, made.charge_id, 0)
    assert (refused.status, refused.refusals, refused.journal_id) == (ChargeStatus.DUE, 1, None)
    assert world.wallet(user).held == 0
    assert world.open_cases() == []
    world.broker.state = JournalState.EXECUTED
    world.broker.made.clear()  # what was rejected moved nothing
    assert world.charging.checked(user, made.charge_id, 0).status is ChargeStatus.CHARGED
    assert list(world.broker.made) == [f"{made.charge_id}.1"]


def test_after_three_refusals_a_person_looks_and_nothing_more_is_asked(world: World) -> None:
    user = saver(world)
    world.broker.script = ["refused"] * 3
    made = world.charging.month(user, FEBRUARY)
    for _ in range(5):
        world.charging.checked(user, made.charge_id, 0)
    (case,) = world.open_cases()
    assert (case.kind, case.subject, case.user_id) == (
        CaseKind.PAYOUT_FAILED,
        made.charge_id,
        user,
    )
    assert world.charge(user).refusals == 3
    assert (world.broker.made, world.wallet(user).held, world.asked) == ({}, 0, [])


def test_another_amount_than_asked_for_is_a_case_and_is_not_booked(world: World) -> None:
    user = saver(world)
    world.broker.off_by = 1
    made = world.charging.month(user, FEBRUARY)
    assert made.status is ChargeStatus.COLLECTING
    (case,) = world.open_cases()
    assert (case.kind, dict(case.facts)["moved"]) == (CaseKind.AMOUNT_MISMATCH, "1.92 USD")
    assert (world.kinds(user), world.wallet(user).held) == (["DEPOSIT_FUNDED"], 191)
    commits = world.facts.commits
    world.charging.checked(user, made.charge_id, 0)
    assert world.facts.commits == commits


@pytest.mark.parametrize("step", ["down", "lost"])
def test_a_broker_without_an_answer_is_asked_again_and_moves_the_cash_once(
    world: World, step: str
) -> None:
    user = saver(world)
    world.broker.script = [step]
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, world.wallet(user).held) == (ChargeStatus.COLLECTING, 191)
    assert len(world.checks()) == 1
    assert world.charging.checked(user, made.charge_id, 1).status is ChargeStatus.CHARGED
    assert (len(world.broker.made), world.broker.moved) == (1, 191)


def _books(world: World, user: str) -> object:
    wallet = world.wallet(user)
    charge = world.charge(user)
    return (
        world.kinds(user),
        world.balances(user),
        (wallet.posted, wallet.held, wallet.fees),
        (charge.status, charge.amount_minor, charge.left_units),
        world.broker.moved,
    )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_crash_at_any_commit_leads_to_the_same_books(
    new_world: Callable[[], World], at: int, after: bool
) -> None:
    whole, broken = new_world(), new_world()
    for world in (whole, broken):
        world.user = saver(world)
    whole.charging.month(whole.user, FEBRUARY)
    assert whole.facts.commits == 3
    broken.facts.die_at, broken.facts.after = at, after
    with pytest.raises(Crash):
        broken.charging.month(broken.user, FEBRUARY)
    for _ in range(2):
        broken.charging.month(broken.user, FEBRUARY)
    assert _books(broken, broken.user) == _books(whole, whole.user)


def test_a_crash_after_the_broker_took_it_moves_the_cash_once(world: World) -> None:
    user = saver(world)
    world.broker.script = ["crash"]
    with pytest.raises(Crash):
        world.charging.month(user, FEBRUARY)
    made = world.charging.month(user, FEBRUARY)
    assert (made.status, len(world.broker.made)) == (ChargeStatus.CHARGED, 1)
    assert world.kinds(user).count(EntryKind.MANAGEMENT_FEE.value) == 1


def test_the_account_at_the_broker_is_the_one_that_was_asked(world: World) -> None:
    user = saver(world)
    made = world.charging.month(user, FEBRUARY)
    assert made.account_id == ACCOUNT
    (journal,) = world.broker.made.values()
    assert (journal.account_id, journal.user_id) == (ACCOUNT, user)
