"""Refusals, returns, cancellations: the cash and the money end where they were."""

from dataclasses import replace

import pytest

from shared.kernel.errors import IllegalTransition, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind
from shared.payments.methods import Gateway
from shared.payments.model import DepositStatus
from shared.payments.ports import JournalState
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.model import CANCELLABLE, PayoutStatus, Rail
from shared.payouts.ports import PaidOut
from shared.payouts.reasons import PayoutReason
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table
from tests.payouts.conftest import CAME_BACK, NOT_PAID

S = PayoutStatus


def kinds(world):
    page = world.ledger.entries(world.user_id, Currency.USD, limit=100)
    return [one.entry.draft.kind for one in reversed(page.entries)]


def case_kinds(world):
    return sorted(case.kind.value for case in world.open_cases())


def test_a_refused_withdrawal_is_free_only_when_the_cash_is_back(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, NOT_PAID)
    back = world.now(payout)
    assert (back.status, back.ending) == (S.RETURNING, S.FAILED)
    assert back.reason is PayoutReason.RECEIVER_NOT_ABLE
    assert world.events()[-2:] == ["payouts.payout_failed.v1", "payouts.payout_stopped.v1"]
    # The person cannot spend what is not at the broker.
    assert world.money() == (10_000, 4_000, 0)
    assert world.broker.cash == 6_000
    world.recall(payout)
    failed = world.now(payout)
    assert (failed.status, failed.reason) == (S.FAILED, PayoutReason.RECEIVER_NOT_ABLE)
    assert failed.due is None
    assert world.money() == (10_000, 0, 0)
    assert world.broker.cash == 10_000
    assert kinds(world)[-2:] == [EntryKind.CASH_RECALLED, EntryKind.CASH_GIVEN_BACK]
    assert [key.split(".")[1:] for key in world.broker.journals] == [["0", "0"], ["1", "0"]]
    # The person was told why; nobody of us has to act.
    assert world.open_cases() == []
    world.check_conserved()


def test_what_it_held_is_told_when_it_is_free(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.requests.cancel(world.user_id, payout.payout_id)
    told = [
        row.type
        for shard in range(SHARDS)
        for row in world.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    ]
    assert told.count("payouts.payout_released.v1") == 1


@pytest.mark.parametrize("repeated", [1, 3])
def test_a_refusal_by_the_gateways_own_answer_counts_once(world, repeated):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["refused"]
    payout = world.withdrawal()
    for _ in range(repeated):
        world.told(payout, NOT_PAID)
        world.recall(payout)
    assert world.now(payout).status is S.FAILED
    assert world.events().count("payouts.payout_failed.v1") == 1
    assert world.broker.cash == 10_000
    world.check_conserved()


def test_a_destination_that_is_gone_fails_before_any_gateway_is_asked(world):
    world.deposit()
    world.accounts.clear()
    payout = world.withdrawal()
    assert (payout.status, payout.reason) == (S.RETURNING, PayoutReason.RECEIVER_NOT_ABLE)
    assert world.rails[Rail.MPESA_B2C].sent == 0


def test_a_refund_that_is_refused_can_be_asked_for_again(world):
    deposit = world.deposit()
    refund = world.refund(deposit, 3_000)
    world.told(refund, NOT_PAID)
    world.recall(refund)
    assert world.now(refund).status is S.FAILED
    assert world.deposit_now(deposit).refundable_minor == 10_000
    assert case_kinds(world) == ["PAYOUT_FAILED"]
    again = world.refund(deposit, 10_000)
    assert again.debited == Money(10_000, Currency.USD)


def test_a_refused_refund_of_what_the_deposit_holds_leaves_the_hold_to_it(world):
    deposit = world.deposit(funded=False)
    refund = world.refund(deposit)
    world.told(refund, NOT_PAID)
    assert world.now(refund).status is S.FAILED
    assert world.money() == (10_000, 10_000, 0)
    assert world.deposit_now(deposit).refunding_minor == 0
    assert world.broker.instructed == 0


def test_a_second_payment_that_cannot_go_back_is_a_case(world):
    deposit = world.deposit()
    amount = Money(10_000, Currency.USD)
    world.sending.surplus(world.user_id, deposit.deposit_id, Gateway.STRIPE, "pi_2", amount)
    (payout,), _ = world.payouts.page(world.user_id, limit=1)
    world.told(payout, NOT_PAID)
    assert world.now(payout).status is S.FAILED
    assert case_kinds(world) == ["PAYOUT_FAILED"]
    assert world.money() == (10_000, 0, 0)


def test_a_withdrawal_that_comes_back_is_the_persons_again(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1"))
    for _ in range(2):
        world.told(payout, CAME_BACK)
    back = world.now(payout)
    assert (back.status, back.ending) == (S.RETURNING, S.RETURNED)
    assert world.money() == (10_000, 4_000, 0)
    assert world.events()[-2:] == ["payouts.payout_returned.v1", "payouts.payout_stopped.v1"]
    world.recall(payout)
    assert world.now(payout).status is S.RETURNED
    assert world.money() == (10_000, 0, 0)
    assert world.broker.cash == 10_000
    assert kinds(world)[-3:] == [
        EntryKind.WITHDRAWAL_PAID,
        EntryKind.WITHDRAWAL_RETURNED,
        EntryKind.CASH_GIVEN_BACK,
    ]
    books = world.books()
    assert ("house:gateway_clearing:mpesa:KES", "KES/2") not in books
    assert ("house:fx_position", "USD/2") not in books
    world.check_conserved()


def test_a_return_that_is_told_before_the_payment_books_neither(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, CAME_BACK)
    world.told(payout, PaidOut("po_1"))
    world.recall(payout)
    world.told(payout, PaidOut("po_1"))
    assert world.now(payout).status is S.RETURNED
    assert world.money() == (10_000, 0, 0)
    assert EntryKind.WITHDRAWAL_PAID not in kinds(world)
    world.check_conserved()


def test_a_refund_that_comes_back_makes_the_deposit_what_it_was(world):
    deposit = world.deposit()
    refund = world.refund(deposit)
    world.told(refund, PaidOut("po_1"))
    assert world.deposit_now(deposit).status is DepositStatus.REFUNDED
    world.told(refund, CAME_BACK)
    world.recall(refund)
    after = world.deposit_now(deposit)
    assert (after.status, after.refunded_minor) == (DepositStatus.FUNDED, 0)
    assert world.money() == (10_000, 0, 0)
    assert case_kinds(world) == ["PAYOUT_FAILED"]
    world.check_conserved()


def test_a_refund_before_the_broker_that_comes_back_is_held_by_its_deposit(world):
    deposit = world.deposit(funded=False)
    refund = world.refund(deposit)
    world.told(refund, PaidOut("po_1"))
    world.told(refund, CAME_BACK)
    assert world.now(refund).status is S.RETURNED
    assert world.deposit_now(deposit).status is DepositStatus.SETTLED
    assert world.money() == (10_000, 10_000, 0)
    assert world.broker.instructed == 0


def test_not_paid_after_it_was_paid_is_believed_only_when_the_gateway_is_asked(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    world.told(payout, PaidOut("po_1"))
    world.told(payout, NOT_PAID)
    assert world.now(payout).status is S.PAID
    assert case_kinds(world) == ["PAYOUT_UNKNOWN"]
    world.rails[Rail.STRIPE_PAYOUT].decide(NOT_PAID)
    world.sending.signalled(world.user_id, payout.payout_id)
    assert world.now(payout).status is S.RETURNING


def test_a_wrong_amount_stops_everything_and_is_a_case(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1", Money(100, Currency.KES)))
    held = world.now(payout)
    assert (held.status, held.review) == (S.SENT, True)
    assert held.reason is PayoutReason.AMOUNT_MISMATCH
    assert held.due is None
    assert world.money() == (10_000, 4_000, 0)
    assert case_kinds(world) == ["AMOUNT_MISMATCH"]
    world.told(payout, PaidOut("po_1", payout.amount))
    world.told(payout, NOT_PAID)
    assert world.now(payout) == held


def test_a_payout_is_cancelled_before_the_broker_is_asked(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    for _ in range(2):
        after = world.requests.cancel(world.user_id, payout.payout_id)
        assert (after.status, after.reason) == (S.CANCELLED, PayoutReason.CANCELLED)
    assert world.money() == (10_000, 0, 0)
    world.recall(payout)
    world.send(payout)
    assert world.broker.instructed == 0
    assert world.rails[Rail.MPESA_B2C].sent == 0
    assert world.events() == ["payouts.payout_requested.v1"]


def test_a_payout_is_cancelled_while_the_firm_has_the_cash(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.recall(payout)
    after = world.requests.cancel(world.user_id, payout.payout_id)
    assert (after.status, after.ending) == (S.RETURNING, S.CANCELLED)
    assert world.requests.cancel(world.user_id, payout.payout_id) == after
    assert world.events()[-1] == "payouts.payout_stopped.v1"
    world.send(payout)
    assert world.rails[Rail.MPESA_B2C].sent == 0
    world.recall(payout)
    assert world.now(payout).status is S.CANCELLED
    assert world.money() == (10_000, 0, 0)
    world.check_conserved()


def test_cancelling_a_refund_frees_the_deposit(world):
    deposit = world.deposit()
    refund = world.refund(deposit, 3_000, begin=False)
    world.requests.cancel(world.user_id, refund.payout_id)
    assert world.deposit_now(deposit).refunding_minor == 0
    assert world.money() == (10_000, 0, 0)


@pytest.mark.parametrize("status", [one for one in S if one not in CANCELLABLE])
def test_what_is_under_way_or_over_cannot_be_cancelled(world, status):
    world.deposit()
    payout = world.withdrawal(begin=False)
    other = replace(payout, status=status, version=2, ending=None)
    world.commit(world.payouts.save(payout, other))
    if status is S.CANCELLED:
        assert world.requests.cancel(world.user_id, payout.payout_id) == other
        return
    with pytest.raises(PayoutNotCancellable):
        world.requests.cancel(world.user_id, payout.payout_id)
    assert world.now(payout) == other
    assert world.money() == (10_000, 4_000, 0)


def test_somebody_elses_payout_is_not_found(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    with pytest.raises(NotFound):
        world.requests.cancel(world.ids.new(Kind.USER), payout.payout_id)


def test_a_second_person_says_no_once(world):
    world.deposit()
    payout = world.withdrawal(status=S.IN_REVIEW)
    after, writes = world.requests.rejected(payout, world.wallet())
    world.facts.commit(writes)
    assert (after.status, after.reason) == (S.REJECTED, PayoutReason.NOT_AGREED)
    assert world.money() == (10_000, 0, 0)
    for decide in (
        lambda: world.requests.agreed(after),
        lambda: world.requests.rejected(after, world.wallet()),
    ):
        with pytest.raises(IllegalTransition):
            decide()


@pytest.mark.parametrize("status", [S.COOLING, S.READY, S.RECALLING, S.PAID])
def test_nobody_agrees_to_what_is_not_in_review(world, status):
    world.deposit()
    payout = replace(world.withdrawal(begin=False), status=status)
    with pytest.raises(IllegalTransition):
        world.requests.agreed(payout)


def test_the_broker_may_be_asked_to_take_cash_back_many_times(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, NOT_PAID)
    world.broker.script = ["refused", "lost_answer"]
    for _ in range(3):
        world.recall(payout)
    assert world.now(payout).status is S.FAILED
    assert world.broker.cash == 10_000
    moved = [one for one in world.broker.journals.values() if one.state is JournalState.EXECUTED]
    assert [one.leg for one in moved] == [0, 1]
