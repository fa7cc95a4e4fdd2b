"""Answers that never come, orders that are given again, and payments that were made after all."""

from datetime import timedelta

import pytest

from shared.kernel.errors import BaobabError
from shared.kernel.money import Currency, Money
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments import bookings, forwarding
from shared.payments.methods import Gateway
from shared.payments.model import DepositStatus
from shared.payouts.model import GATEWAY_OF, KEEPS_KEYS, PayoutStatus, Rail
from shared.payouts.patience import ANSWER_WITHIN, KEYS_KEPT, LOOK_AT_MOST
from shared.payouts.ports import NotPaid, PaidOut, Taken
from shared.payouts.reasons import PayoutReason
from tests.payouts.conftest import NOT_PAID
from tests.payouts.test_not_paid import case_kinds, kinds
from tests.payouts.twins import ACCOUNT, Crash

S = PayoutStatus


def invest(world, minor):
    """Spends available money, as a fill does."""
    legs = (
        Posting(accounts.customer_cash(world.user_id), "USD/2", minor),
        Posting(accounts.customers_cash_at_broker(), "USD/2", -minor),
    )
    draft = Draft(EntryKind.BUY, "order", world.clock.now(), legs)
    world.commit(*world.ledger.post(world.wallet(), draft, posted=-minor))
    world.broker.cash -= minor


def test_what_certainly_never_arrived_is_sent_again(world):
    world.deposit()
    rail = world.rails[Rail.MPESA_B2C]
    rail.script = ["never_sent", "never_sent"]
    payout = world.withdrawal()
    assert payout.status is S.RECALLED
    assert world.payout_queue.sent[-1][1] == 2
    world.send(payout)
    world.send(payout)
    assert world.now(payout).status is S.SENT
    assert (rail.sent, len(rail.orders)) == (3, 1)


def test_a_gateway_that_turns_back_for_long_is_asked_by_the_sweep_alone(world):
    world.deposit()
    rail = world.rails[Rail.MPESA_B2C]
    rail.script = ["never_sent"] * 20
    payout = world.withdrawal()
    for attempt in range(4):
        world.clock.advance(timedelta(seconds=100))
        world.sending.checked(world.user_id, payout.payout_id, attempt)
    # Five minutes after the first order the chain is over, however often the state was entered.
    assert len(world.payout_queue.sent) == 3
    looked = world.now(payout)
    assert looked.status is S.RECALLED
    assert looked.look_at == looked.due == world.clock.now() + timedelta(seconds=400)


@pytest.mark.parametrize("rail", sorted(KEEPS_KEYS & {Rail.STRIPE_PAYOUT}))
def test_where_keys_are_kept_an_order_without_an_answer_is_given_again(world, rail):
    world.deposit()
    gateway = world.rails[rail]
    gateway.script = ["silence"]
    gateway.look_script = ["silence"] * 2
    payout = world.withdrawal(rail=rail)
    assert (payout.status, payout.tries) == (S.SENDING, 1)
    world.send(payout)
    assert gateway.sent == 1, "the first order may still be on its way"
    world.clock.advance(timedelta(seconds=31))
    world.send(payout)
    assert (gateway.sent, len(gateway.orders)) == (2, 1)
    assert world.now(payout).status is S.SENT
    assert world.now(payout).tries == 2


def test_after_the_keys_are_forgotten_it_is_only_looked_for(world):
    world.deposit()
    gateway = world.rails[Rail.STRIPE_PAYOUT]
    gateway.script, gateway.look_script = ["silence"], ["silence"]
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    world.clock.advance(KEYS_KEPT)
    world.send(payout)
    assert gateway.sent == 1
    assert world.now(payout).status is S.SENDING
    world.send(payout)
    assert world.now(payout).status is S.SENT, "a look finds it all the same"


def test_without_keys_an_order_is_never_given_twice(world):
    world.deposit()
    gateway = world.rails[Rail.MPESA_B2C]
    gateway.script = ["silence"]
    payout = world.withdrawal()
    for _ in range(30):
        world.clock.advance(timedelta(hours=1))
        world.send(payout)
    assert gateway.sent == 1
    assert world.now(payout).status is S.SENDING
    assert world.money() == (10_000, 4_000, 0)
    world.told(payout, PaidOut("AG_1", payout.amount))
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)


@pytest.mark.parametrize("step", ["crash_before", "crash_after"])
def test_a_crash_around_the_order_pays_once(world, step):
    world.deposit()
    for rail in (Rail.MPESA_B2C, Rail.STRIPE_PAYOUT):
        gateway = world.rails[rail]
        gateway.script = [step]
        payout = world.withdrawal(2_000, rail=rail, begin=False)
        world.recall(payout)
        with pytest.raises(Crash):
            world.send(payout)
        assert world.now(payout).status is S.SENDING
        world.clock.advance(timedelta(minutes=1))
        for _ in range(3):
            world.send(payout)
        assert len(gateway.orders) <= 1
        assert world.now(payout).status is (S.SENT if rail in KEEPS_KEYS else S.SENDING)


def test_somebody_should_know_when_no_answer_comes(world):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["silence"]
    payout = world.withdrawal()
    world.clock.advance(timedelta(hours=23, minutes=59))
    world.send(payout)
    assert world.open_cases() == []
    world.clock.advance(LOOK_AT_MOST)
    for _ in range(3):
        world.send(payout)
        world.clock.advance(LOOK_AT_MOST)
    assert case_kinds(world) == ["PAYOUT_UNKNOWN"]
    still = world.now(payout)
    assert (still.status, still.escalated) == (S.SENDING, True)
    assert still.due is not None


@pytest.mark.parametrize("rail", [Rail.MPESA_B2C, Rail.STRIPE_PAYOUT])
def test_a_bank_has_days_and_a_phone_has_one(world, rail):
    world.deposit()
    payout = world.withdrawal(rail=rail)
    world.clock.advance(ANSWER_WITHIN[rail] - timedelta(minutes=1))
    world.send(payout)
    assert world.open_cases() == []
    world.clock.advance(LOOK_AT_MOST)
    world.send(payout)
    assert case_kinds(world) == ["PAYOUT_UNKNOWN"]
    (case,) = world.open_cases()
    # By it the report of the gateway lists what has no final word.
    assert dict(case.facts)["gateway"] == GATEWAY_OF[rail]


@pytest.mark.parametrize("paid", [True, False])
def test_when_the_word_comes_after_all_nobody_has_to_find_out_any_more(world, paid):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["silence"]
    payout = world.withdrawal()
    world.clock.advance(ANSWER_WITHIN[Rail.MPESA_B2C])
    world.send(payout)
    (case,) = world.open_cases()
    for _ in range(2):
        world.told(payout, PaidOut("AG_1", payout.amount) if paid else NOT_PAID)
    assert world.now(payout).status is (S.PAID if paid else S.RETURNING)
    assert world.open_cases() == []
    assert world.cases.get(case.case_id).resolved_by == "send_payout"


def test_looks_become_rarer_and_never_stop(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    gaps, started = [], len(world.payout_queue.sent)
    for _ in range(12):
        due = world.now(payout).due
        gaps.append(due - world.clock.now())
        world.clock.advance(gaps[-1])
        world.send(payout)
    assert gaps == sorted(gaps)
    assert gaps[-1] == LOOK_AT_MOST
    assert len(world.payout_queue.sent) == started, "the chain of checks is over"


def test_a_gateway_that_is_down_does_not_end_the_chain(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT)
    world.rails[Rail.STRIPE_PAYOUT].look_script = ["down"] * 3
    world.sending.checked(world.user_id, payout.payout_id, 0)
    assert world.checks()[-1] == ("payout", 1, 5)
    with pytest.raises(BaobabError):
        world.sending.signalled(world.user_id, payout.payout_id)


def test_an_unsigned_result_is_a_hint_beside_the_answer_that_counts(world):
    world.deposit()
    payout = world.withdrawal()
    rail = world.rails[Rail.MPESA_B2C]
    reason = PayoutReason.RECEIVER_NOT_ABLE
    world.sending.hinted(world.user_id, payout.payout_id, 0, reason=reason)
    assert (rail.looked, world.now(payout).hinted) == (1, reason)
    assert world.now(payout).status is S.SENT
    world.sending.answered(world.user_id, payout.payout_id, 0, lambda known: NotPaid(known.hinted))
    assert world.now(payout).reason is reason
    assert world.now(payout).status is S.RETURNING


def test_words_about_an_earlier_order_say_nothing_of_this_one(world):
    world.deposit()
    payout = world.withdrawal()
    world.sending.hinted(world.user_id, payout.payout_id, 1, reason=PayoutReason.LIMIT_EXCEEDED)
    world.sending.answered(world.user_id, payout.payout_id, 1, lambda _: NOT_PAID)
    assert world.now(payout) == payout
    assert world.rails[Rail.MPESA_B2C].looked == 0


def test_a_lost_answer_is_found_by_the_name_in_the_result(world):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["silence"]
    payout = world.withdrawal()
    world.sending.hinted(world.user_id, payout.payout_id, 0, reference="AG_20260302_1")
    assert world.now(payout).reference == "AG_20260302_1"


def test_paid_while_the_cash_goes_back_fetches_it_again_and_never_frees_it(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, NOT_PAID)
    world.told(payout, PaidOut("po_1", payout.amount, receipt="R1", fee_minor=300))
    noted = world.now(payout)
    assert (noted.status, noted.paid_after_all) == (S.RETURNING, True)
    with pytest.raises(BaobabError):
        world.requests.cancel(world.user_id, payout.payout_id)
    world.recall(payout)
    assert world.now(payout).status is S.RECALLING
    assert world.money() == (10_000, 4_000, 0)
    world.recall(payout)
    world.send(payout)
    paid = world.now(payout)
    assert (paid.status, paid.receipt, paid.fee_minor) == (S.PAID, "R1", 300)
    assert world.money() == (6_000, 0, 0)
    assert world.broker.cash == 6_000
    assert world.rails[Rail.MPESA_B2C].sent == 1
    assert world.books()["house:fees:mpesa", "KES/2"] == 300
    world.check_conserved()


def failed(world, **options):
    payout = world.withdrawal(**options)
    world.told(payout, NOT_PAID)
    world.recall(payout)
    assert world.now(payout).status is S.FAILED
    return payout


def test_paid_after_it_had_failed_takes_what_is_still_there(world):
    world.deposit()
    payout = failed(world)
    for _ in range(2):
        world.told(payout, PaidOut("po_1", payout.amount))
    assert world.now(payout).status is S.RECALLING
    assert world.money() == (10_000, 4_000, 0)
    world.recall(payout)
    world.send(payout)
    world.told(payout, PaidOut("po_1", payout.amount))
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)
    assert [key.split(".")[1] for key in world.broker.journals] == ["0", "1", "2"]
    assert world.events().count("payouts.payout_paid.v1") == 1
    assert world.open_cases() == []
    world.check_conserved()


def test_paid_after_it_had_failed_and_was_spent_is_owed(world):
    world.deposit()
    payout = failed(world)
    invest(world, 8_000)
    world.told(payout, PaidOut("po_1", payout.amount))
    assert world.now(payout).status is S.PAID
    # Cash is never negative: what is missing is a receivable.
    assert world.money() == (2_000, 0, 4_000)
    assert case_kinds(world) == ["RECEIVABLE"]
    assert kinds(world)[-1] is EntryKind.WITHDRAWAL_PAID
    assert world.books()["house:gateway_clearing:mpesa:KES", "KES/2"] == -510_200
    world.check_conserved()


def test_a_refund_paid_after_all_counts_for_its_deposit(world):
    deposit = world.deposit()
    refund = world.refund(deposit, 4_000)
    world.told(refund, NOT_PAID)
    world.told(refund, PaidOut("po_1"))
    world.recall(refund)
    assert world.now(refund).status is S.FAILED
    world.send(refund)
    assert world.deposit_now(deposit).refunding_minor == 4_000
    world.recall(refund)
    world.send(refund)
    assert world.now(refund).status is S.PAID
    after = world.deposit_now(deposit)
    assert (after.refunding_minor, after.refunded_minor) == (0, 4_000)
    assert world.money() == (6_000, 0, 0)
    world.check_conserved()


def test_a_refund_paid_after_all_out_of_what_its_deposit_still_holds(world):
    deposit = world.deposit(funded=False)
    refund = world.refund(deposit)
    world.told(refund, NOT_PAID)
    world.told(refund, PaidOut("po_1"))
    assert world.now(refund).status is S.PAID
    assert world.deposit_now(deposit).status is DepositStatus.REFUNDED
    assert world.money() == (0, 0, 0)
    assert world.books() == {}


def test_a_refund_paid_after_all_waits_for_the_broker_to_be_done(world):
    deposit = world.deposit(funded=False)
    refund = world.refund(deposit)
    world.told(refund, NOT_PAID)
    now = world.deposit_now(deposit)
    moving = forwarding.begun(now, ACCOUNT, world.clock.now())
    world.commit(world.deposits.save(now, moving))
    world.told(refund, PaidOut("po_1"))
    waiting = world.now(refund)
    assert (waiting.status, waiting.paid_after_all) == (S.FAILED, True)
    assert waiting.due is not None
    assert waiting.gateway_next
    arrived = forwarding.arrived(moving, world.clock.now())
    post = world.ledger.post(
        world.wallet(), bookings.funding(arrived, world.clock.now()), held=-10_000
    )
    world.commit(world.deposits.save(moving, arrived), *post)
    world.broker.cash += 10_000
    world.send(refund)
    world.recall(refund)
    world.send(refund)
    assert world.now(refund).status is S.PAID
    assert world.money() == (0, 0, 0)
    assert world.broker.cash == 0
    world.check_conserved()


def test_a_surplus_paid_after_all_leaves_suspense(world):
    deposit = world.deposit()
    amount = Money(10_000, Currency.USD)
    world.sending.surplus(world.user_id, deposit.deposit_id, Gateway.STRIPE, "pi_2", amount)
    (payout,), _ = world.payouts.page(world.user_id, limit=1)
    world.told(payout, NOT_PAID)
    world.told(payout, PaidOut("po_1"))
    assert world.now(payout).status is S.PAID
    assert world.books()["house:suspense", "USD/2"] == 10_000
    assert world.money() == (10_000, 0, 0)


def test_a_payment_that_was_never_ordered_is_a_case_and_changes_nothing(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    world.told(payout, PaidOut("po_1"))
    assert world.now(payout) == payout
    assert case_kinds(world) == ["PAYOUT_UNKNOWN"]
    assert world.money() == (10_000, 4_000, 0)


def test_what_seemed_never_sent_and_was_taken_goes_on(world):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["never_sent"]
    payout = world.withdrawal()
    world.told(payout, Taken("po_7"))
    sent = world.now(payout)
    assert (sent.status, sent.reference) == (S.SENT, "po_7")
    world.send(payout)
    assert world.rails[Rail.MPESA_B2C].sent == 1


def test_cancelled_because_it_seemed_never_sent_and_paid_all_the_same(world):
    world.deposit()
    world.rails[Rail.MPESA_B2C].script = ["never_sent"]
    payout = world.withdrawal()
    world.requests.cancel(world.user_id, payout.payout_id)
    world.recall(payout)
    assert world.now(payout).status is S.CANCELLED
    world.told(payout, PaidOut("po_1"))
    world.recall(payout)
    world.send(payout)
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)
    world.check_conserved()
