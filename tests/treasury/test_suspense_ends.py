"""Nothing about money in suspense is a dead end: matches that fail, deposits that wait, lists."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.cases.model import CaseStatus
from shared.kernel.errors import InvalidValue
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import RateUnavailable
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payments.ports import Paid
from shared.payments.reasons import Reason, text_of
from shared.payments.settlement import Hint
from shared.payouts.errors import TransferKnown
from shared.payouts.making import surplus_id
from shared.refunds.model import source_of
from shared.treasury.errors import MayNotBeCredited, SecondPersonNeeded
from shared.treasury.suspense import DecisionStatus, Stop, Way
from tests.payments.menu import Crash
from tests.treasury.test_suspense import OF, SUSPENSE, WHY, Desk, stripe_deposit

STRIPE = (Gateway.STRIPE, "pi_1")
BANKED = (Gateway.BANK, "USD:BANKREF1")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def settled_otherwise(desk, deposit):
    """Another payment settles it after people had agreed on this one."""
    held = desk.deposits.get(desk.user_id, deposit.deposit_id)
    settled = held.reviewed().settled(desk.clock.now(), payment="pi_2")
    desk.facts.commit([desk.deposits.save(held, replace(settled, version=held.version + 1))])


def banked(desk, minor=5_000):
    """An entry of our own bank's statement that nobody expected."""
    subject = desk.ids.new(Kind.MOVEMENT)
    money = Money(minor, Currency.USD)
    write = desk.suspending.suspended.take_from_bank(BANKED[1], subject, money, desk.clock.now())
    desk.facts.commit([write])
    return subject


def stopped(desk, of, why):
    """It is open again, told why, and nothing was credited."""
    decision = desk.decisions.get(*of)
    assert (decision.status, decision.stopped_by, decision.due) == (
        DecisionStatus.REJECTED,
        why,
        None,
    )
    assert desk.credited() == 0
    (case,) = desk.cases.listed(CaseStatus.OPEN)
    assert dict(case.facts)["stopped"] == why.value
    assert [one.payment for _, one in desk.suspending.suspended.waiting(5).entries] == [of[1]]
    kinds = [kind for kind, _ in desk.told()]
    assert kinds.count("payments.deposit_settled.v1") == 0


@pytest.mark.parametrize("step", ["ok", "before", "after"])
def test_a_match_whose_deposit_another_payment_settled_is_open_again(desk, step):
    deposit = stripe_deposit(desk)
    desk.propose(of=STRIPE)
    settled_otherwise(desk, deposit)
    desk.facts.script = [step]
    with suppress(Crash):
        desk.crediting.agreed(*STRIPE)
    desk.facts.script = []
    desk.crediting.agreed(*STRIPE)
    stopped(desk, STRIPE, Stop.DEPOSIT_SETTLED)
    with pytest.raises(MayNotBeCredited):
        desk.propose(of=STRIPE, key="key-2")
    back = desk.propose(Way.RETURN, of=STRIPE, key="key-3")
    assert (back.status, back.stopped_by) == (DecisionStatus.DONE, None)
    kept = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (kept.status, kept.reason) == (DepositStatus.SETTLED, None)
    assert not desk.cases.listed(CaseStatus.OPEN)


@pytest.mark.parametrize(
    "who", [{"kyc_status": "REJECTED"}, {"broker_status": "REJECTED"}, {"status": "SUSPENDED"}]
)
def test_a_person_who_may_not_pay_in_any_more_is_not_credited(desk, who):
    desk.lost()
    desk.propose()
    desk.person(**who)
    desk.crediting.agreed(*OF)
    stopped(desk, OF, Stop.MAY_NOT_PAY_IN)
    assert desk.all() == []
    desk.person()
    desk.propose(key="key-2")
    desk.crediting.agreed(*OF)
    assert desk.credited() == 9860
    assert desk.suspending.suspended.waiting(5).entries == ()


def test_a_match_waits_a_day_for_a_rate_and_is_open_again_then(desk):
    desk.lost(1_300_001)
    desk.propose()
    desk.decide()
    agreed = desk.decisions.get(*OF)
    desk.clock.advance(timedelta(days=60))
    # Agreed on just now, when there is no young rate any more.
    late = replace(agreed, decided_at=desk.clock.now(), version=agreed.version + 1)
    desk.facts.commit([desk.decisions.save(agreed, late)])
    for _ in range(2):
        with pytest.raises(RateUnavailable):
            desk.crediting.agreed(*OF)
        desk.clock.advance(timedelta(hours=11))
    assert desk.decisions.get(*OF).status is DecisionStatus.AGREED
    desk.clock.advance(timedelta(hours=2))
    desk.crediting.agreed(*OF)
    stopped(desk, OF, Stop.NO_RATE)
    desk.rate()
    desk.propose(key="key-2")
    desk.decide()
    desk.crediting.agreed(*OF)
    assert desk.credited() == 9860


def test_what_a_bank_claims_meanwhile_tells_a_case(desk):
    stripe_deposit(desk)
    desk.propose(of=STRIPE)
    desk.disputes.claimed.add("pi_1")
    desk.crediting.agreed(*STRIPE)
    stopped(desk, STRIPE, Stop.CLAIMED_BY_BANK)


@pytest.mark.parametrize("step", ["ok", "before", "after"])
def test_a_deposit_whose_payment_goes_back_has_failed_and_its_person_is_told_once(desk, step):
    deposit = stripe_deposit(desk)
    desk.facts.script = [step]
    with suppress(Crash):
        desk.propose(Way.RETURN, of=STRIPE)
    desk.facts.script = []
    desk.propose(Way.RETURN, of=STRIPE)
    ended = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (ended.status, ended.reason, ended.review, ended.due) == (
        DepositStatus.FAILED,
        Reason.SENT_BACK,
        False,
        None,
    )
    assert ended.moves[-1].status is DepositStatus.FAILED
    failed = [data for kind, data in desk.told() if kind == "payments.deposit_failed.v1"]
    assert [(one["deposit_id"], one["reason"]) for one in failed] == [
        (deposit.deposit_id, "SENT_BACK")
    ]
    assert all(text_of(Reason.SENT_BACK, language) for language in ("en", "sw"))
    assert desk.suspending.suspended.waiting(5).entries == ()


def test_a_deposit_whose_large_payment_is_only_proposed_to_go_back_still_waits(desk):
    deposit = stripe_deposit(desk, paid=1_000_001)
    proposed = desk.propose(Way.RETURN, of=STRIPE)
    assert proposed.status is DecisionStatus.PROPOSED
    held = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (held.status, held.review) == (DepositStatus.ACTION_REQUIRED, True)


def test_the_gateway_tells_again_of_what_goes_back_and_nobody_is_woken(desk):
    deposit = stripe_deposit(desk)
    desk.propose(Way.RETURN, of=STRIPE)
    again = Paid("pi_1", Money(9_900, Currency.USD))
    for _ in range(2):
        desk.settlement.signalled(
            desk.user_id, deposit.deposit_id, Hint(), Gateway.STRIPE, proved=again
        )
    ended = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (ended.status, ended.review) == (DepositStatus.FAILED, False)
    assert not desk.cases.listed(CaseStatus.OPEN)
    assert desk.books().get(("house:suspense", "USD/2")) == -9_900


def test_what_comes_anew_for_a_deposit_that_went_back_is_looked_at_anew(desk):
    deposit = stripe_deposit(desk)
    desk.propose(Way.RETURN, of=STRIPE)
    other = Paid("pi_3", Money(8_000, Currency.USD))
    desk.settlement.signalled(
        desk.user_id, deposit.deposit_id, Hint(), Gateway.STRIPE, proved=other
    )
    held = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (held.status, held.review) == (DepositStatus.FAILED, True)
    assert [one.payment for _, one in desk.suspending.suspended.waiting(5).entries] == ["pi_3"]
    desk.propose(of=(Gateway.STRIPE, "pi_3"), key="key-2")
    desk.crediting.agreed(Gateway.STRIPE, "pi_3")
    assert desk.credited() == 8_000


def test_a_late_payment_for_an_expired_deposit_goes_back_and_leaves_it_expired(desk):
    deposit = stripe_deposit(desk)
    held = desk.deposits.get(desk.user_id, deposit.deposit_id)
    expired = replace(held.expired(desk.clock.now()), reason=Reason.AMOUNT_MISMATCH)
    desk.facts.commit([desk.deposits.save(held, expired)])
    desk.propose(Way.RETURN, of=STRIPE)
    ended = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (ended.status, ended.reason, ended.review) == (
        DepositStatus.EXPIRED,
        Reason.SENT_BACK,
        False,
    )


def test_money_of_the_bank_is_listed_and_credited_to_whose_it_is(desk):
    subject = banked(desk)
    (entry,) = desk.suspending.suspended.waiting(5).entries
    assert (entry[1].gateway, entry[1].payment, entry[1].subject, entry[1].owner) == (
        *BANKED,
        subject,
        None,
    )
    desk.propose(of=BANKED)
    desk.crediting.agreed(*BANKED)
    (deposit,) = desk.all()
    assert (deposit.status, deposit.gateway, deposit.method, deposit.payment) == (
        DepositStatus.SETTLED,
        Gateway.BANK,
        Method.BANK_TRANSFER,
        BANKED[1],
    )
    assert source_of(deposit) is None, "no rail refunds what came by our own bank"
    assert desk.credited() == 5_000
    assert desk.books() == {
        ("house:suspense", "USD/2"): 5_000,
        (f"customer:{desk.user_id}:cash", "USD/2"): -5_000,
    }
    assert desk.suspending.suspended.waiting(5).entries == ()


def back_by_hand(desk, by="usr_a", key="key-1", transfer="BANK-OUT-7"):
    return desk.suspending.propose(by, key, BANKED, None, WHY, desk.note, transfer)


@pytest.mark.parametrize("step", ["ok", "before", "after"])
def test_money_of_the_bank_goes_back_by_a_transfer_that_two_people_name(desk, step):
    banked(desk)
    with pytest.raises(InvalidValue):
        desk.propose(Way.RETURN, of=BANKED)
    for act in (
        lambda: back_by_hand(desk),
        lambda: desk.suspending.decide("usr_b", BANKED, True, desk.note),
    ):
        desk.facts.script = [step]
        with suppress(Crash):
            act()
        desk.facts.script = []
        decision = act()
    assert (decision.status, decision.transfer) == (DecisionStatus.DONE, "BANK-OUT-7")
    (told,) = [data for kind, data in desk.told() if kind == "payments.surplus_received.v1"]
    assert (told["gateway"], told["transfer"], told["amount_minor"]) == (
        "BANK",
        "BANK-OUT-7",
        5_000,
    )
    assert decision.result == surplus_id(told["deposit_id"], Gateway.BANK, BANKED[1])
    assert desk.suspending.suspended.waiting(5).entries == ()


def test_by_hand_always_takes_two_however_little_it_is(desk):
    banked(desk, minor=1)
    assert back_by_hand(desk).status is DecisionStatus.PROPOSED
    with pytest.raises(SecondPersonNeeded):
        desk.suspending.decide("usr_a", BANKED, True, desk.note)
    assert [kind for kind, _ in desk.told() if "surplus" in kind] == []


def test_a_transfer_that_paid_something_else_pays_nothing_more(desk):
    banked(desk)
    desk.facts.commit([desk.suspending.transfers.transfer("BANK-OUT-7", "another")])
    back_by_hand(desk)
    with pytest.raises(TransferKnown):
        desk.suspending.decide("usr_b", BANKED, True, desk.note)
    assert desk.decisions.get(*BANKED).status is DecisionStatus.PROPOSED
    desk.suspending.decide("usr_b", BANKED, False, desk.note)
    back_by_hand(desk, key="key-2", transfer="BANK-OUT-8")
    done = desk.suspending.decide("usr_b", BANKED, True, desk.note)
    assert done.status is DecisionStatus.DONE


def test_the_list_has_pages_and_the_longest_waiting_first(desk):
    desk.lost()
    desk.clock.advance(timedelta(minutes=1))
    banked(desk)
    desk.clock.advance(timedelta(minutes=1))
    stripe_deposit(desk)
    waiting = desk.suspending.suspended.waiting
    first = waiting(2)
    assert [one.payment for _, one in first.entries] == [OF[1], BANKED[1]]
    rest = waiting(2, first.after)
    assert ([one.payment for _, one in rest.entries], rest.after) == (["pi_1"], None)
    assert SUSPENSE in desk.books()
