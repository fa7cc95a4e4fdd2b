"""Refunds and disputes that meet at one deposit: what it is once one of them is over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments import forwarding
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.reversals import (
    dispute_won,
    disputed,
    refund_begun,
    refund_paid,
    refund_returned,
)
from shared.payments.states import DepositStatus as S

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ALL = 10_000


def deposit_in(status):
    ids = SequentialIds("t1")
    settled = new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(ALL, Currency.USD),
        quote=None,
    ).settled(AT, payment="pi_1")
    if status is S.SETTLED:
        return settled
    return forwarding.arrived(forwarding.begun(settled, "account", AT), AT)


def refunded(deposit):
    return refund_paid(refund_begun(deposit, ALL), ALL, AT)


@pytest.mark.parametrize("status", [S.SETTLED, S.FUNDED])
def test_a_refund_that_comes_back_after_a_dispute_was_won_makes_it_what_it_was(status):
    won = dispute_won(disputed(refunded(deposit_in(status)), AT), AT)
    assert (won.status, won.refunded_minor) == (S.REFUNDED, ALL)
    back = refund_returned(won, ALL, AT)
    assert (back.status, back.refunded_minor, back.before) == (status, 0, None)
    assert back.due is not None  # somebody goes on with it


def test_a_refund_that_comes_back_during_a_dispute_is_no_refund_when_that_is_won():
    back = refund_returned(disputed(refunded(deposit_in(S.FUNDED)), AT), ALL, AT)
    assert (back.status, back.refunded_minor) == (S.DISPUTED, 0)
    assert dispute_won(back, AT).status is S.FUNDED


def test_what_comes_back_before_it_was_forwarded_goes_on_whatever_the_bank_wants():
    back = refund_returned(disputed(refunded(deposit_in(S.SETTLED)), AT), ALL, AT)
    assert (back.status, back.refunded_minor, back.before) == (S.SETTLED, 0, None)
    assert back.due is not None


def test_what_went_back_whole_during_a_dispute_is_refunded_when_that_is_won():
    under_way = disputed(refund_begun(deposit_in(S.FUNDED), ALL), AT)
    paid = refund_paid(under_way, ALL, AT)
    assert (paid.status, paid.refunded_minor, paid.refunding_minor) == (S.DISPUTED, ALL, 0)
    won = dispute_won(paid, AT)
    assert (won.status, won.before) == (S.REFUNDED, None)
    assert refund_returned(won, ALL, AT).status is S.FUNDED


def test_a_part_that_went_back_during_a_dispute_leaves_it_as_it_was():
    under_way = disputed(refund_begun(deposit_in(S.FUNDED), 4_000), AT)
    won = dispute_won(refund_paid(under_way, 4_000, AT), AT)
    assert (won.status, won.refunded_minor, won.refundable_minor) == (S.FUNDED, 4_000, 6_000)


def test_rows_of_an_earlier_version_that_do_not_say_what_they_were_are_told_by_their_funding():
    old = replace(refunded(deposit_in(S.FUNDED)), before=None)
    assert refund_returned(old, ALL, AT).status is S.FUNDED
