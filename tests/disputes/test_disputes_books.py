"""The worked examples of disputes: what is held and booked at each step."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind
from shared.disputes.model import DisputeStatus
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.model import DepositStatus
from shared.platform.work import ConditionFailed
from tests.disputes.worked import LOST, OPENED, START, WON

D, S = DisputeStatus, DepositStatus
USD, KES = Currency.USD, Currency.KES


def test_money_that_is_there_is_held_and_withdrawals_are_refused(world):
    deposit = world.deposit()
    world.tell(world.reading())
    assert world.purse() == (10_000, 10_000, 1, 0)
    assert world.books() == {
        "disputed:stripe:USD": 10_000,
        "cash:USD": -10_000,
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    assert world.now(deposit).status is S.DISPUTED
    assert world.events() == [OPENED]
    assert world.case_kinds() == [CaseKind.DISPUTE]
    with pytest.raises(ConditionFailed):
        world.commit(world.ledger.reserve(world.wallet(), 0, orders=0, to_leave=True))


def test_a_dispute_that_is_won_leaves_everything_as_it_was(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.UNDER_REVIEW))
    world.tell(world.reading(D.WON, taken=False))
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.books() == START
    assert world.now(deposit).status is S.FUNDED
    assert world.now(deposit).before is None
    assert [one.status for one in world.dispute(deposit).moves] == [D.OPEN, D.UNDER_REVIEW, D.WON]
    assert world.dispute(deposit).look_at is None
    assert world.events() == [OPENED, WON]


def test_a_dispute_that_is_lost_takes_the_money_that_was_held(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.LOST))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books() == {
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }
    assert world.now(deposit).status is S.DISPUTED
    assert world.events() == [OPENED, LOST]
    assert world.last(LOST).owed_minor == 0
    assert CaseKind.RECEIVABLE not in world.case_kinds()


def test_before_it_is_forwarded_the_deposits_own_hold_stands_in(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading())
    assert world.purse() == (10_000, 10_000, 1, 0)
    assert world.now(deposit).status is S.DISPUTED
    assert world.now(deposit).due is None
    world.tell(world.reading(D.LOST))
    assert (world.purse(), world.books()) == ((0, 0, 0, 0), {})


def test_a_deposit_that_was_not_forwarded_goes_on_when_the_dispute_is_won(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading())
    world.tell(world.reading(D.WON))
    assert world.purse() == (10_000, 10_000, 0, 0)
    assert world.now(deposit).status is S.SETTLED
    assert world.now(deposit).due is not None
    world.forward(deposit)
    assert world.purse() == (10_000, 0, 0, 0)
    assert world.books() == START


def test_a_bank_debit_that_bounces_is_lost_at_once(world):
    world.deposit(method=Method.BANK_DEBIT)
    world.invest(10_000)
    world.tell(world.reading(D.LOST, fee_minor=400))
    assert world.purse() == (0, 0, 0, 10_000)
    assert world.books() == {
        "receivable:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
        "fees:stripe:USD": 400,
        "gateway_clearing:stripe:USD": -400,
    }
    assert world.events() == [LOST]


def test_shillings_are_taken_at_the_deposits_own_rate(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.invest(4_010)
    assert world.purse() == (6_000, 0, 0, 0)
    world.tell(world.reading(amount=Money(1_300_000, KES)))
    assert world.purse() == (6_000, 6_000, 1, 4_010)
    world.tell(world.reading(D.LOST, amount=Money(1_300_000, KES)))
    assert world.purse() == (0, 0, 0, 4_010)
    assert world.books() == {
        "receivable:USD": 4_010,
        "customers_cash_at_broker:USD": 6_000,
        "firm_cash_at_broker:USD": -10_010,
    }


def test_a_part_of_a_payment_is_worth_its_part(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.tell(world.reading(amount=Money(333_300, KES)))
    assert world.purse() == (10_010, 2_566, 1, 0)
    world.tell(world.reading(D.LOST, amount=Money(333_300, KES)))
    assert world.purse() == (7_444, 0, 0, 0)
    assert world.books()["fx_position:USD"] == 10_010 - 2_566
    assert world.books()["fx_position:KES"] == -1_300_000 + 333_300
    assert world.books()["gateway_clearing:stripe:KES"] == 1_300_000 - 333_300


def test_a_bank_that_speaks_another_currency_disputes_the_whole(world):
    world.deposit(amount=Money(1_300_000, KES), rate="0.0077")
    world.tell(world.reading(D.LOST, amount=Money(10_050, USD)))
    assert world.purse() == (0, 0, 0, 0)
    # The 40 cents between our rate and the bank's stay in the position.
    assert world.books()["fx_position:USD"] == 10_010 - 10_010 + 10_050
    assert world.books()["gateway_clearing:stripe:USD"] == -10_050


def test_the_gateways_fee_is_booked_once_and_as_it_grows(world):
    world.deposit()
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(fee_minor=0))
    world.tell(world.reading(D.LOST, fee_minor=2_000))
    assert world.books()["fees:stripe:USD"] == 2_000
    assert world.books()["gateway_clearing:stripe:USD"] == -2_000


def test_the_fee_of_a_dispute_that_is_won_is_given_back_once_and_older_news_charge_it_no_more(
    world,
):
    world.deposit()
    world.tell(world.reading(fee_minor=1_500))
    world.tell(world.reading(D.WON, fee_minor=1_500))
    assert world.books()["fees:stripe:USD"] == 1_500
    world.tell(world.reading(D.WON, fee_minor=0))
    world.tell(world.reading(D.UNDER_REVIEW, fee_minor=1_500))
    world.tell(world.reading(D.WON, fee_minor=0))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    world.tell(world.reading(D.LOST, fee_minor=1_500))
    assert world.books()["fees:stripe:USD"] == 1_500
    world.tell(world.reading(D.WON, fee_minor=0))
    assert "fees:stripe:USD" not in world.books()


def test_a_warning_moves_nothing_and_asks_for_evidence(world):
    deposit = world.deposit()
    due = world.clock.now() + timedelta(days=7)
    world.tell(world.reading(D.WARNING, taken=False, evidence_due=due))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    assert world.now(deposit) == deposit
    assert world.events() == []
    (case,) = world.open_cases()
    assert dict(case.facts)["evidence_due"] == "2026-03-09T15:30:00.000000Z"
    world.tell(world.reading(D.CLOSED, taken=False))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)
    assert world.dispute(deposit).look_at is None


def test_money_is_taken_by_the_gateway_later_than_it_is_set_aside(world):
    world.deposit()
    world.tell(world.reading(taken=False))
    assert (world.purse(), world.books()) == ((10_000, 10_000, 1, 0), START)
    world.tell(world.reading(taken=True))
    assert world.books()["disputed:stripe:USD"] == 10_000
    world.tell(world.reading(taken=False))
    assert world.books()["disputed:stripe:USD"] == 10_000
    world.tell(world.reading(D.WON))
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


def test_what_is_lost_was_taken_even_if_nobody_said_so(world):
    world.deposit()
    world.tell(world.reading(taken=False))
    world.tell(world.reading(D.LOST, taken=False))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books() == {
        "customers_cash_at_broker:USD": 10_000,
        "firm_cash_at_broker:USD": -10_000,
    }


def test_a_bank_may_take_back_a_second_time_what_was_won(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.WON))
    world.invest(10_000)
    world.tell(world.reading(D.LOST))
    assert world.purse() == (0, 0, 0, 10_000)
    assert world.books() == {"receivable:USD": 10_000, "firm_cash_at_broker:USD": -10_000}
    assert world.now(deposit).status is S.DISPUTED
