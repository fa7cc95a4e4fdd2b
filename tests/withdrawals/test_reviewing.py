"""Reviews: one agrees, or two different people, or one of them does not; the case is closed."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shared.cases.model import CaseStatus
from shared.kernel.errors import NotFound
from shared.kernel.ids import Kind
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.reasons import PayoutReason
from shared.platform.tables import as_changes
from shared.platform.work import Write
from shared.withdrawals.errors import NotInReview, PayoutsBlocked
from shared.withdrawals.model import Verdict
from tests.withdrawals.conftest import AMERICAN, COOLING, Crash, World

RECORDED: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def _empty() -> None:
    RECORDED.clear()


def record(before: Payout, after: Payout) -> Sequence[Write]:
    RECORDED.append((before.status.value, after.status.value))
    return []


def decide(
    world: World, payout: Payout, verdict: Verdict = Verdict.APPROVE, by: str = "usr_t1_STAFF"
) -> Payout:
    return world.reviewing.decide(payout.user_id, payout.payout_id, verdict, by, record)


def in_review(world: World, amount: str = "2000.00") -> Payout:
    """Large, to an account that is known."""
    account = world.bank(AMERICAN)
    world.clock.advance(timedelta(days=30))
    world.cash(10_000_000)
    return world.withdraw(account, amount)


def suspicious(world: World) -> Payout:
    """Nearly everything, to a new account."""
    account = world.phone()
    world.cash(100_000)
    return world.withdraw(account, "950.00")


def test_one_agrees_and_it_goes_on(world: World) -> None:
    payout = in_review(world)
    done = decide(world, payout)
    assert (done.status, done.reason) == (PayoutStatus.READY, None)
    assert world.now(payout) == done
    assert world.wallet().held == 200_000
    assert world.events()[-1] == "payouts.payout_requested.v1"
    assert world.reader.page(10).entries == ()
    assert RECORDED == [("IN_REVIEW", "READY")]


def test_agreed_to_a_new_account_it_still_cools_off(memory: World) -> None:
    payout = suspicious(memory)
    done = decide(memory, payout)
    assert (done.status, done.reason) == (PayoutStatus.COOLING, PayoutReason.NEW_ACCOUNT)
    assert done.due == payout.not_before
    case = memory.case(payout)
    assert case is not None
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, "usr_t1_STAFF")
    assert case.note == "withdrawal: APPROVE"


def test_agreed_to_after_the_account_cooled_off_it_leaves(memory: World) -> None:
    payout = suspicious(memory)
    memory.clock.advance(COOLING)
    assert decide(memory, payout).status is PayoutStatus.READY


def test_one_who_does_not_agree_releases_the_money(world: World) -> None:
    payout = suspicious(world)
    done = decide(world, payout, Verdict.REJECT)
    assert (done.status, done.reason) == (PayoutStatus.REJECTED, PayoutReason.NOT_AGREED)
    assert world.wallet().held == 0
    assert world.events()[-1] == "withdrawals.withdrawal_rejected.v1"
    case = world.case(payout)
    assert case is not None
    assert (case.status, case.note) == (CaseStatus.RESOLVED, "withdrawal: REJECT")


def test_very_large_ones_need_two_different_people(world: World) -> None:
    payout = in_review(world, "20000.00")
    first = decide(world, payout, by="usr_t1_A")
    assert (first.status, first.agreed_by) == (PayoutStatus.IN_REVIEW, "usr_t1_A")
    assert decide(world, payout, by="usr_t1_A") == first
    assert RECORDED == [("IN_REVIEW", "IN_REVIEW")]
    assert [held.payout for _, held in world.reader.page(10).entries] == [first]
    done = decide(world, payout, by="usr_t1_B")
    assert (done.status, done.agreed_by) == (PayoutStatus.READY, "usr_t1_A")
    assert RECORDED == [("IN_REVIEW", "IN_REVIEW"), ("IN_REVIEW", "READY")]
    assert world.events().count("payouts.payout_requested.v1") == 2


def test_everything_that_may_become_very_large_needs_two_of_them_too(memory: World) -> None:
    account = memory.bank(AMERICAN)
    memory.clock.advance(timedelta(days=30))
    memory.cash(1_950_000)
    memory.sales.free = 1_950_000
    payout = memory.everything(account)
    once = decide(memory, payout, by="usr_t1_A")
    assert (once.status, once.agreed_by) == (PayoutStatus.IN_REVIEW, "usr_t1_A")
    assert decide(memory, payout, by="usr_t1_B").status is PayoutStatus.RAISING


def test_the_second_may_still_not_agree(memory: World) -> None:
    payout = in_review(memory, "20000.00")
    decide(memory, payout, by="usr_t1_A")
    assert decide(memory, payout, Verdict.REJECT, by="usr_t1_B").status is PayoutStatus.REJECTED
    assert memory.wallet().held == 0


def test_deciding_again_alike_changes_nothing_and_otherwise_is_refused(memory: World) -> None:
    payout = in_review(memory)
    done = decide(memory, payout)
    assert decide(memory, payout, by="usr_t1_B") == done
    with pytest.raises(NotInReview):
        decide(memory, payout, Verdict.REJECT)
    assert memory.now(payout) == done
    assert RECORDED == [("IN_REVIEW", "READY")]


def test_a_rejection_stays_one(memory: World) -> None:
    payout = in_review(memory)
    done = decide(memory, payout, Verdict.REJECT)
    assert decide(memory, payout, Verdict.REJECT) == done
    with pytest.raises(NotInReview):
        decide(memory, payout)
    assert memory.wallet().held == 0


@pytest.mark.parametrize("verdict", Verdict)
def test_one_that_was_never_in_review_or_was_taken_back_is_not_decided(
    memory: World, verdict: Verdict
) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    payout = memory.withdraw(account)
    with pytest.raises(NotInReview):
        decide(memory, payout, verdict)
    assert memory.now(payout) == payout
    held = in_review_again(memory)
    taken_back = memory.withdrawals.cancel(
        memory.user_id, idempotency_key="c", payout_id=held.payout_id
    )
    with pytest.raises(NotInReview):
        decide(memory, held, verdict)
    assert memory.now(held) == taken_back
    assert RECORDED == []


def in_review_again(world: World) -> Payout:
    account = world.bank(AMERICAN, key="bank")
    world.cash(10_000_000)
    return world.withdraw(account, "2000.00", key="large")


def test_nothing_leaves_while_a_dispute_is_open(memory: World) -> None:
    payout = in_review(memory)
    memory.database.transact(as_changes([memory.ledger.block(memory.wallet(), 1)]))
    with pytest.raises(PayoutsBlocked):
        decide(memory, payout)
    assert memory.now(payout) == payout
    assert decide(memory, payout, Verdict.REJECT).status is PayoutStatus.REJECTED
    assert RECORDED == [("IN_REVIEW", "REJECTED")]


def test_a_dispute_of_the_same_moment_stops_it(memory: World) -> None:
    payout = in_review(memory)
    read = memory.payouts.with_wallet
    opened: list[int] = []

    def with_wallet(user_id: str, payout_id: str):  # as the store's
        found = read(user_id, payout_id)
        if not opened:
            opened.append(1)
            memory.database.transact(as_changes([memory.ledger.block(memory.wallet(), 1)]))
        return found

    memory.payouts.with_wallet = with_wallet  # in between
    with pytest.raises(PayoutsBlocked):
        decide(memory, payout)
    assert memory.now(payout) == payout


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_leaves_nothing_half_decided(memory: World, verdict: Verdict, moment: str) -> None:
    payout = suspicious(memory)
    memory.facts.script.append(moment)
    with pytest.raises(Crash):
        decide(memory, payout, verdict)
    done = decide(memory, payout, verdict)
    expected = {Verdict.APPROVE: PayoutStatus.COOLING, Verdict.REJECT: PayoutStatus.REJECTED}
    assert done.status is expected[verdict]
    still_held = done.debited.minor if verdict is Verdict.APPROVE else 0
    assert memory.wallet().held == still_held
    case = memory.case(payout)
    assert case is not None
    assert case.status is CaseStatus.RESOLVED


def test_a_case_that_somebody_closed_before_is_left_alone(memory: World) -> None:
    payout = suspicious(memory)
    case = memory.case(payout)
    assert case is not None
    closed = case.resolved(memory.clock.now(), "usr_t1_OTHER", "looked at it")
    memory.database.transact(as_changes([memory.cases.resolve(case, closed)]))
    decide(memory, payout)
    assert memory.case(payout) == closed


def test_what_is_not_there_cannot_be_decided(memory: World) -> None:
    payout = in_review(memory)
    for user_id, payout_id in (
        (memory.ids.new(Kind.USER), payout.payout_id),
        (memory.user_id, memory.ids.new(Kind.PAYOUT)),
    ):
        with pytest.raises(NotFound):
            memory.reviewing.decide(user_id, payout_id, Verdict.APPROVE, "usr_t1_A", record)
    assert memory.now(payout) == payout
