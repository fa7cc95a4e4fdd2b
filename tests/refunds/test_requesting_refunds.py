"""Refunds: what may go back, what it takes from the wallet, and what refuses it."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.disputes.model import DisputeStatus
from shared.kernel.errors import BaobabError, IdempotencyKeyReused, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payouts.model import PayoutStatus, Purpose, Rail
from shared.refunds.errors import (
    MoneyInvested,
    NotRefundable,
    PayoutsStopped,
    RefundOutOfRange,
    RefundTooLate,
    WholeOnly,
)
from shared.refunds.model import WHOLE_ONLY

S, P = DepositStatus, PayoutStatus
USD, KES = Currency.USD, Currency.KES
REQUESTED = "payouts.payout_requested.v1"


def usd(minor):
    return Money(minor, USD)


def kes(minor):
    return Money(minor, KES)


def test_a_whole_refund_holds_the_money_and_starts_the_payout(till):
    deposit = till.deposit()
    refund = till.ask(deposit)
    assert (refund.purpose, refund.rail, refund.status) == (
        Purpose.REFUND,
        Rail.STRIPE_REFUND,
        P.READY,
    )
    assert (refund.debited, refund.amount, refund.source) == (usd(10_000), usd(10_000), "pi_1")
    assert (refund.at_broker, refund.asked_by) == (True, None)
    assert till.purse() == (10_000, 10_000, 0, 0)
    assert till.now(deposit).refunding_minor == 10_000
    assert till.started() == [REQUESTED]
    assert till.refunds_of(deposit) == [refund]
    till.pay(refund)
    assert till.purse() == (0, 0, 0, 0)
    assert till.now(deposit).status is S.REFUNDED


def test_books_of_a_refund_are_those_of_the_deposit_the_other_way_round(till):
    deposit = till.deposit(S.SETTLED)
    till.pay(till.ask(deposit))
    assert till.books() == {}


def test_before_it_is_forwarded_the_deposit_holds_the_money_of_its_refund(till):
    deposit = till.deposit(S.SETTLED)
    refund = till.ask(deposit)
    assert not refund.at_broker
    assert till.purse() == (10_000, 10_000, 0, 0)
    till.give_up(refund)
    assert till.purse() == (10_000, 10_000, 0, 0)
    assert till.now(deposit).refunding_minor == 0
    till.forward(deposit)
    assert till.purse() == (10_000, 0, 0, 0)


@pytest.mark.parametrize("method", [Method.CARD, Method.BANK_DEBIT])
def test_before_it_is_forwarded_only_all_of_it_goes_back(till, method):
    deposit = till.deposit(S.SETTLED, method=method)
    with pytest.raises(WholeOnly):
        till.ask(deposit, usd(5_000))
    assert till.ask(deposit, usd(10_000)).amount == usd(10_000)


def test_parts_take_together_exactly_what_was_credited(till):
    deposit = till.deposit(amount=kes(1_000), rate="0.0077")
    assert deposit.credited == usd(8)
    taken = []
    for minor in (333, 333, 334):
        refund = till.ask(deposit, kes(minor))
        taken.append(refund.debited.minor)
        till.pay(refund)
    assert (sum(taken), till.purse()) == (8, (0, 0, 0, 0))
    assert till.now(deposit).status is S.REFUNDED
    assert not [name for name in till.books() if name.startswith(("fx", "cash", "gateway"))]


@settings(max_examples=60, deadline=None)
@given(
    whole=st.integers(100, 50_000),
    steps=st.lists(st.tuples(st.integers(1, 9_999), st.booleans()), max_size=8),
)
def test_any_parts_and_failures_end_with_exactly_what_was_credited(whole, steps, make_till):
    till = make_till()
    deposit = till.deposit(amount=kes(whole * 100), rate="0.0077123")
    paid = 0
    for minor, works in steps:
        try:
            refund = till.ask(deposit, kes(minor))
        except (RefundOutOfRange, NotRefundable):
            continue
        if works:
            till.pay(refund)
            paid += refund.debited.minor
        else:
            till.give_up(refund)
        assert till.wallet().posted == deposit.credited.minor - paid
        assert till.wallet().held == 0
    if till.now(deposit).refundable_minor:
        try:
            till.pay(till.ask(deposit))
        except RefundOutOfRange:
            return  # what is left is not worth a cent
    assert till.purse() == (0, 0, 0, 0)
    assert till.now(deposit).status is S.REFUNDED


def test_money_that_was_invested_cannot_go_back(till):
    deposit = till.deposit()
    till.invest(6_000)
    with pytest.raises(MoneyInvested) as refused:
        till.ask(deposit)
    assert refused.value.values == {"needed": "100.00 USD", "available": "40.00 USD"}
    assert till.ask(deposit, usd(4_000)).debited == usd(4_000)
    assert till.purse() == (4_000, 4_000, 0, 0)
    assert till.started() == [REQUESTED]


@pytest.mark.parametrize(
    "status", [S.CREATED, S.ACTION_REQUIRED, S.FUNDING, S.REFUNDED, S.DISPUTED, S.EXPIRED]
)
def test_only_money_that_is_here_goes_back(till, status):
    deposit = till.deposit()
    till.commit(till.deposits.save(till.now(deposit), replace(till.now(deposit), status=status)))
    with pytest.raises(NotRefundable):
        till.ask(deposit)
    assert till.purse() == (10_000, 0, 0, 0)


def test_nobody_gets_more_than_there_is(till):
    deposit = till.deposit()
    for amount in (usd(10_001), usd(0), usd(-1), kes(100)):
        with pytest.raises(RefundOutOfRange) as refused:
            till.ask(deposit, amount)
        assert refused.value.values == {"minimum": "0.01 USD", "maximum": "100.00 USD"}
    till.ask(deposit, usd(6_000))
    with pytest.raises(RefundOutOfRange):
        till.ask(deposit, usd(4_001))
    till.ask(deposit)
    with pytest.raises(NotRefundable):
        till.ask(deposit)
    assert [one.debited.minor for one in till.refunds_of(deposit)] == [6_000, 4_000]


def test_what_is_not_worth_a_cent_cannot_go_back(till):
    deposit = till.deposit(amount=kes(1_300_000), rate="0.0077")
    with pytest.raises(RefundOutOfRange) as refused:
        till.ask(deposit, kes(1))
    assert refused.value.values == {"minimum": "1.30 KES", "maximum": "13000.00 KES"}


def test_a_change_of_mind_has_its_time(till):
    deposit = till.deposit()
    till.clock.advance(timedelta(days=14))
    till.ask(deposit, usd(100))
    till.clock.advance(timedelta(seconds=1))
    with pytest.raises(RefundTooLate):
        till.ask(deposit, usd(100))


@pytest.mark.parametrize("method", sorted(WHOLE_ONLY))
def test_mpesa_takes_back_whole_transactions_by_their_receipt(till, method):
    deposit = till.deposit(
        amount=kes(1_300_000), rate="0.0077", method=method, payment="LHG31AA5TX"
    )
    if method is Method.MPESA:
        with pytest.raises(NotRefundable):
            till.ask(deposit)
        now = till.now(deposit)
        till.commit(till.deposits.save(now, now.with_receipt("LHG31AA5TX")))
    with pytest.raises(WholeOnly):
        till.ask(deposit, kes(100_000))
    refund = till.ask(deposit)
    assert (refund.rail, refund.source) == (Rail.MPESA_REVERSAL, "LHG31AA5TX")
    assert refund.gateway == Gateway.MPESA.value


@pytest.mark.parametrize("status", [DisputeStatus.OPEN, DisputeStatus.LOST])
def test_while_something_is_disputed_or_owed_nothing_goes_back(till, status):
    other = till.deposit(payment="pi_2", amount=usd(5_000))
    till.deposit()
    till.invest(15_000)
    till.tell(till.reading(status))
    till.sell(5_000)
    with pytest.raises(PayoutsStopped):
        till.ask(other)
    assert till.refunds_of(other) == []


def test_the_hold_fails_when_a_dispute_is_faster(till):
    deposit = till.deposit(S.SETTLED)
    till.deposit(payment="pi_2")
    inner, raced = till.facts.inner.commit, []

    def commit(writes, *events):
        if not raced:
            raced.append(1)
            till.tell(till.reading(payment="pi_2"))
        inner(writes, *events)

    with patch.object(till.facts.inner, "commit", commit), pytest.raises(PayoutsStopped):
        till.ask(deposit)
    assert till.refunds_of(deposit) == []
    assert till.now(deposit).refunding_minor == 0


def test_what_belongs_to_others_is_not_there(till):
    deposit = till.deposit()
    other = till.ids.new(Kind.USER)
    with pytest.raises(NotFound):
        till.refunds.request(other, "k", deposit.deposit_id, None)
    with pytest.raises(NotFound):
        till.refunds.request(till.user_id, "k", till.ids.new(Kind.DEPOSIT), None)


def test_one_key_is_one_refund(till):
    deposit = till.deposit()
    first = till.ask(deposit, usd(3_000), key="k")
    assert till.ask(deposit, usd(3_000), key="k") == first
    with pytest.raises(IdempotencyKeyReused):
        till.ask(deposit, usd(3_001), key="k")
    with pytest.raises(IdempotencyKeyReused):
        till.ask(deposit, key="k")
    assert till.refunds_of(deposit) == [first]
    assert till.purse() == (10_000, 3_000, 0, 0)
    assert till.started() == [REQUESTED]


def test_a_refusal_leaves_the_key_free(till):
    deposit = till.deposit()
    with pytest.raises(BaobabError):
        till.ask(deposit, usd(20_000), key="k")
    assert till.ask(deposit, usd(3_000), key="k").amount == usd(3_000)


def test_the_key_of_one_is_not_the_key_of_another(till):
    deposit = till.deposit()
    till.ask(deposit, usd(3_000), key="k")
    with pytest.raises(NotFound):
        till.refunds.request(till.ids.new(Kind.USER), "k", deposit.deposit_id, usd(3_000))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_after_a_crash_the_same_key_gives_one_refund(till, moment):
    deposit = till.deposit()
    till.facts.script = [moment]
    with pytest.raises(RuntimeError):
        till.ask(deposit, key="k")
    refund = till.ask(deposit, key="k")
    assert till.refunds_of(deposit) == [refund]
    assert till.purse() == (10_000, 10_000, 0, 0)


def test_a_refund_that_fails_may_be_asked_for_again(till):
    deposit = till.deposit(amount=kes(1_000), rate="0.0077")
    first = till.ask(deposit, kes(500))
    till.give_up(first)
    assert till.purse() == (8, 0, 0, 0)
    again = till.ask(deposit)
    assert (again.amount, again.debited) == (kes(1_000), usd(8))


def test_a_refund_under_way_is_not_taken_from_the_person_a_second_time(till):
    deposit = till.deposit(S.SETTLED)
    refund = till.ask(deposit)
    till.tell(till.reading())
    assert till.now(deposit).status is S.DISPUTED
    assert till.purse() == (10_000, 10_000, 1, 0)
    till.pay(refund)
    till.disputing.refund_ended(till.user_id, deposit.deposit_id)
    assert till.purse() == (0, 0, 1, 0)
    till.tell(till.reading(DisputeStatus.LOST))
    assert till.purse() == (0, 0, 0, 0)
    assert till.books()["losses:USD"] == 10_000
