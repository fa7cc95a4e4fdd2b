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
    claimed,
    refund_begun,
    refund_given_up,
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


def disputed(deposit, minor=ALL, withheld=0):
    return claimed(deposit, minor, withheld, AT)


def dispute_won(deposit):
    return claimed(deposit, 0, 0, AT)


@pytest.mark.parametrize("status", [S.SETTLED, S.FUNDED])
def test_a_refund_that_comes_back_after_a_dispute_was_won_makes_it_what_it_was(status):
    won = dispute_won(disputed(refunded(deposit_in(status))))
    assert (won.status, won.refunded_minor) == (S.REFUNDED, ALL)
    back = refund_returned(won, ALL, AT)
    assert (back.status, back.refunded_minor, back.before) == (status, 0, None)
    assert back.due is not None  # somebody goes on with it


def test_a_refund_that_comes_back_during_a_dispute_is_no_refund_when_that_is_won():
    back = refund_returned(disputed(refunded(deposit_in(S.FUNDED))), ALL, AT)
    assert (back.status, back.refunded_minor) == (S.DISPUTED, 0)
    assert dispute_won(back).status is S.FUNDED


def test_what_comes_back_before_it_was_forwarded_waits_until_it_is_held_for_the_bank():
    back = refund_returned(disputed(refunded(deposit_in(S.SETTLED))), ALL, AT)
    assert (back.status, back.refunded_minor, back.before) == (S.DISPUTED, 0, S.SETTLED)
    assert disputed(back, withheld=ALL).status is S.DISPUTED
    goes_on = disputed(back, 4_000, withheld=4_000)
    assert (goes_on.status, goes_on.before, goes_on.forwarded.minor) == (S.SETTLED, None, 6_000)
    assert goes_on.due is not None
    assert dispute_won(back).status is S.SETTLED


def test_a_part_that_is_disputed_stays_behind_and_the_rest_says_so_when_it_arrives():
    part = disputed(deposit_in(S.SETTLED), 4_000, withheld=4_000)
    assert (part.status, part.forwarded.minor, part.refundable_minor) == (S.SETTLED, 6_000, 0)
    there = forwarding.arrived(forwarding.begun(part, "account", AT), AT)
    assert (there.status, there.before, there.investable) == (S.DISPUTED, S.FUNDED, True)
    assert [one.status for one in there.moves[-2:]] == [S.FUNDED, S.DISPUTED]
    assert there.due is not None  # it waits for its plan
    won = dispute_won(there)
    assert (won.status, won.before, won.investable) == (S.FUNDED, None, True)


def test_what_is_disputed_whole_is_not_invested():
    whole = disputed(deposit_in(S.FUNDED))
    assert (whole.status, whole.investable, whole.due) == (S.DISPUTED, False, None)


def test_while_a_refund_is_under_way_a_disputed_deposit_is_not_forwarded():
    under_way = disputed(refund_begun(deposit_in(S.SETTLED), ALL))
    assert (under_way.status, under_way.before) == (S.DISPUTED, S.SETTLED)
    given_up = refund_given_up(under_way, ALL)
    assert (given_up.status, given_up.due) == (S.DISPUTED, None)
    assert disputed(given_up, 4_000, withheld=4_000).status is S.SETTLED


@pytest.mark.parametrize("status", [S.SETTLED, S.FUNDED])
def test_saying_the_same_again_changes_nothing(status):
    once = disputed(deposit_in(status), 4_000, withheld=0)
    assert disputed(once, 4_000) is once
    assert claimed(deposit_in(status), 0, 0, AT).version == deposit_in(status).version


def test_what_went_back_whole_during_a_dispute_is_refunded_when_that_is_won():
    under_way = disputed(refund_begun(deposit_in(S.FUNDED), ALL))
    paid = refund_paid(under_way, ALL, AT)
    assert (paid.status, paid.refunded_minor, paid.refunding_minor) == (S.DISPUTED, ALL, 0)
    won = dispute_won(paid)
    assert (won.status, won.before) == (S.REFUNDED, None)
    assert refund_returned(won, ALL, AT).status is S.FUNDED


def test_a_part_that_went_back_during_a_dispute_leaves_it_as_it_was():
    under_way = disputed(refund_begun(deposit_in(S.FUNDED), 4_000))
    won = dispute_won(refund_paid(under_way, 4_000, AT))
    assert (won.status, won.refunded_minor, won.refundable_minor) == (S.FUNDED, 4_000, 6_000)


def test_rows_of_an_earlier_version_that_do_not_say_what_they_were_are_told_by_their_funding():
    old = replace(refunded(deposit_in(S.FUNDED)), before=None)
    assert refund_returned(old, ALL, AT).status is S.FUNDED
