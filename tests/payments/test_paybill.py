"""Payments from the phone's menu: credited once by their receipt, or kept for a person."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Subject
from shared.payments.errors import GatewayUnavailable, RateUnavailable
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payments.paybill_accounts import account_number
from shared.payments.paybill_unmatched import ASKED_FOR, UnmatchedStatus, Why
from shared.payments.ports import Failed, NoAnswer, Paid
from shared.payments.reasons import Reason
from shared.payments.settlement import Hint
from tests.payments.menu import NOW, RECEIPT, Crash, Menu

CLEARING = ("house:gateway_clearing:mpesa:KES", "KES/2")
SUSPENSE = ("house:suspense", "KES/2")
POSITION = [("house:fx_position", "KES/2"), ("house:fx_position", "USD/2")]


@pytest.fixture
def menu():
    return Menu()


def credited(menu):
    return menu.ledger.wallet(menu.user_id, Currency.USD).posted


def settled_books(menu):
    return {
        CLEARING: 1_300_000,
        POSITION[0]: -1_300_000,
        POSITION[1]: 9860,
        (f"customer:{menu.user_id}:cash", "USD/2"): -9860,
    }


def test_a_confirmation_is_a_hint_until_m_pesa_has_answered(menu):
    menu.paybill.confirmed(menu.notice())
    (deposit,) = menu.all()
    assert (deposit.method, deposit.gateway) == (Method.PAYBILL, Gateway.MPESA)
    assert (deposit.status, deposit.receipt) == (DepositStatus.UNKNOWN, RECEIPT)
    assert deposit.amount == Money(1_300_000, Currency.KES)
    assert credited(menu) == 0
    assert menu.books() == {}
    assert menu.mpesa.asked == [(Subject(menu.user_id, deposit.deposit_id), RECEIPT)]
    assert menu.checks_sent() == [("payment", 0)]
    menu.answer()
    (deposit,) = menu.all()
    assert (deposit.status, deposit.payment) == (DepositStatus.SETTLED, RECEIPT)
    assert credited(menu) == 9860
    assert menu.books() == settled_books(menu)


def test_confirmations_and_answers_that_come_again_change_nothing(menu):
    for _ in range(3):
        menu.paybill.confirmed(menu.notice())
    menu.answer()
    menu.answer()
    menu.paybill.confirmed(menu.notice())
    menu.paybill.confirmed(menu.notice(amount=Money(100, Currency.KES)))
    assert len(menu.all()) == 1
    assert menu.books() == settled_books(menu)


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_crash_anywhere_leaves_one_deposit_that_settles(menu, step, number):
    menu.facts.script = ["ok"] * number + [step]
    for _ in range(2):
        try:
            menu.paybill.confirmed(menu.notice())
            menu.answer()
        except Crash:
            continue
    assert len(menu.all()) == 1
    assert menu.books() == settled_books(menu)


def test_a_lost_answer_is_asked_for_again_by_the_chain_of_checks(menu):
    menu.paybill.confirmed(menu.notice())
    (deposit,) = menu.all()
    menu.settlement.checked(menu.user_id, deposit.deposit_id, 0)
    assert len(menu.mpesa.asked) == 2
    assert menu.checks_sent() == [("payment", 0), ("payment", 1)]
    menu.answer()
    assert credited(menu) == 9860


def test_m_pesa_being_down_is_no_failure(menu):
    menu.mpesa.down = True
    with pytest.raises(GatewayUnavailable):
        menu.paybill.confirmed(menu.notice())
    (deposit,) = menu.all()
    assert deposit.status is DepositStatus.UNKNOWN
    assert menu.checks_sent() == [("payment", 0)]
    menu.mpesa.down = False
    menu.paybill.confirmed(menu.notice())
    menu.answer()
    assert menu.books() == settled_books(menu)


def test_an_answer_that_says_nothing_changes_nothing(menu):
    menu.paybill.confirmed(menu.notice())
    subject, _ = menu.mpesa.asked[0]
    menu.paybill.answered(subject, RECEIPT, NoAnswer())
    menu.paybill.answered(subject, None, Failed(Reason.GATEWAY_REFUSED))
    (deposit,) = menu.all()
    assert (deposit.status, deposit.version) == (DepositStatus.UNKNOWN, 1)


def test_an_answer_about_another_receipt_is_no_word_about_this_payment(menu):
    menu.paybill.confirmed(menu.notice())
    subject, _ = menu.mpesa.asked[0]
    for outcome in (
        Paid("QQQ51ZDR4F", Money(1_300_000, Currency.KES)),
        Failed(Reason.GATEWAY_REFUSED),
    ):
        menu.paybill.answered(subject, "QQQ51ZDR4F", outcome)
    (deposit,) = menu.all()
    assert deposit.status is DepositStatus.UNKNOWN
    assert menu.books() == {}


def test_a_payment_that_m_pesa_knows_as_given_up_has_failed(menu):
    menu.paybill.confirmed(menu.notice())
    subject, _ = menu.mpesa.asked[0]
    menu.paybill.answered(subject, RECEIPT, Failed(Reason.GATEWAY_REFUSED))
    assert menu.all()[0].status is DepositStatus.FAILED
    menu.answer()
    assert menu.all()[0].status is DepositStatus.SETTLED
    assert credited(menu) > 0


def test_another_amount_than_the_one_told_is_nobodys_until_a_person_has_looked(menu):
    menu.paybill.confirmed(menu.notice(amount=Money(100, Currency.KES)))
    menu.answer(amount=1_300_000)
    (deposit,) = menu.all()
    assert (deposit.review, deposit.reason) == (True, Reason.AMOUNT_MISMATCH)
    assert credited(menu) == 0
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}
    assert menu.cases.get(f"AMOUNT_MISMATCH:{deposit.deposit_id}") is not None


def test_without_a_rate_it_comes_again_and_is_not_lost(menu):
    menu.rate(age=timedelta(days=2))
    with pytest.raises(RateUnavailable):
        menu.paybill.confirmed(menu.notice())
    assert menu.all() == []
    menu.rate()
    menu.paybill.confirmed(menu.notice())
    menu.answer()
    assert credited(menu) == 9860


def test_a_day_without_an_answer_is_told_to_a_person_and_a_late_answer_still_counts(menu):
    menu.paybill.confirmed(menu.notice())
    (deposit,) = menu.all()
    menu.clock.advance(timedelta(days=1))
    menu.settlement.checked(menu.user_id, deposit.deposit_id, 9)
    assert menu.all()[0].status is DepositStatus.EXPIRED
    case = menu.cases.get(f"PAYMENT_UNKNOWN:{deposit.deposit_id}")
    assert (case.status, dict(case.facts)["gateway"]) == (CaseStatus.OPEN, "MPESA")
    menu.rate()
    menu.answer()
    assert menu.all()[0].status is DepositStatus.SETTLED
    assert menu.cases.listed(CaseStatus.OPEN) == []
    assert credited(menu) == 9860


NOBODYS = account_number("ZZZZZZZ")


def test_money_under_an_unknown_number_is_in_suspense_once_m_pesa_has_confirmed_it(menu):
    menu.paybill.confirmed(menu.notice(account=NOBODYS))
    one = menu.unmatched.get(RECEIPT)
    assert (one.status, one.why) == (UnmatchedStatus.HEARD, Why.ACCOUNT_UNKNOWN)
    assert menu.mpesa.asked == [(Subject("", one.movement_id), RECEIPT)]
    assert menu.books() == {}
    assert menu.cases.listed(CaseStatus.OPEN) == []
    for _ in range(2):
        menu.answer()
    assert menu.unmatched.get(RECEIPT).status is UnmatchedStatus.BOOKED
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}
    (case,) = menu.cases.listed(CaseStatus.OPEN)
    assert (case.kind, case.subject) == (CaseKind.UNMATCHED_MONEY, one.movement_id)
    assert dict(case.facts) == {
        "payment": RECEIPT,
        "paid": "13000.00 KES",
        "gateway": "MPESA",
        "why": "ACCOUNT_UNKNOWN",
        "account": NOBODYS,
    }
    menu.paybill.confirmed(menu.notice(account=NOBODYS))
    menu.paybill.confirmed(menu.notice())
    assert menu.all() == []
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}


@pytest.mark.parametrize("typed", ["Jane Wanjiku", "0712345678", "", "254712345678"])
def test_what_people_type_about_themselves_is_kept_nowhere(menu, typed):
    menu.paybill.confirmed(menu.notice(account=typed))
    menu.answer()
    one = menu.unmatched.get(RECEIPT)
    assert (one.status, one.account) == (UnmatchedStatus.BOOKED, "")
    assert "account" not in dict(menu.cases.listed(CaseStatus.OPEN)[0].facts)


def test_in_suspense_is_what_m_pesa_says_and_not_what_was_told(menu):
    menu.paybill.confirmed(menu.notice(amount=Money(9900, Currency.KES), account="nobody"))
    menu.answer(amount=1_300_000)
    assert menu.unmatched.get(RECEIPT).amount == Money(1_300_000, Currency.KES)
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}


def test_money_for_somebody_who_may_not_pay_in_is_in_suspense_under_their_name(menu):
    menu.person(kyc_status="REJECTED")
    menu.paybill.confirmed(menu.notice())
    menu.answer()
    assert menu.all() == []
    one = menu.unmatched.get(RECEIPT)
    assert (one.why, one.user_id) == (Why.PERSON_MAY_NOT_PAY_IN, menu.user_id)
    assert menu.cases.listed(CaseStatus.OPEN)[0].user_id == menu.user_id
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_crash_anywhere_books_what_is_nobodys_once(menu, step, number):
    menu.facts.script = ["ok"] * number + [step]
    for _ in range(2):
        try:
            menu.paybill.confirmed(menu.notice(account="nobody"))
            menu.answer()
        except Crash:
            continue
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}


def test_a_payment_of_nobody_is_asked_for_until_a_person_is_told(menu):
    menu.paybill.confirmed(menu.notice(account="nobody"))
    assert menu.checks_sent() == [("paybill", 1)]
    menu.paybill.checked({"receipt": RECEIPT}, 1)
    assert menu.checks_sent() == [("paybill", 1), ("paybill", 2)]
    menu.clock.advance(timedelta(minutes=20))
    menu.paybill.checked({"receipt": RECEIPT}, 3)
    assert len(menu.checks_sent()) == 2
    assert len(menu.mpesa.asked) == 3
    menu.clock.advance(ASKED_FOR)
    menu.paybill.checked({"receipt": RECEIPT}, 0)
    one = menu.unmatched.get(RECEIPT)
    assert (one.status, one.due) == (UnmatchedStatus.GIVEN_UP, None)
    (case,) = menu.cases.listed(CaseStatus.OPEN)
    assert case.kind is CaseKind.PAYMENT_UNKNOWN
    menu.paybill.checked({"receipt": RECEIPT}, 0)
    assert len(menu.mpesa.asked) == 3
    menu.answer()
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}
    (open_case,) = menu.cases.listed(CaseStatus.OPEN)
    assert open_case.kind is CaseKind.UNMATCHED_MONEY
    assert menu.cases.get(case.case_id).resolved_by == "settle_deposit"


def test_an_answer_to_somebody_elses_question_books_nothing(menu):
    menu.paybill.confirmed(menu.notice(account="nobody"))
    other = Subject("", menu.ids.new(Kind.MOVEMENT))
    paid = Paid(RECEIPT, Money(1_300_000, Currency.KES))
    menu.paybill.answered(other, RECEIPT, paid)
    menu.paybill.answered(menu.mpesa.asked[0][0], "QQQ51ZDR4F", paid)
    assert menu.unmatched.get(RECEIPT).status is UnmatchedStatus.HEARD
    assert menu.books() == {}


def test_a_confirmation_whose_amount_makes_no_sense_is_booked_as_m_pesa_says(menu):
    menu.paybill.confirmed(menu.notice(amount=None))
    menu.answer()
    assert menu.unmatched.get(RECEIPT).why is Why.AMOUNT_UNREADABLE
    assert menu.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}


def test_a_confirmation_without_a_receipt_is_counted_and_no_more(menu):
    menu.paybill.confirmed(menu.notice(receipt=None))
    assert (menu.all(), menu.mpesa.asked, menu.queue.sent) == ([], [], [])


def of_push(menu, deposit, **changes):
    return menu.notice(account=deposit.deposit_id[-12:], **changes)


def test_the_confirmation_of_a_push_is_its_receipt_and_no_second_payment(menu):
    deposit = menu.push("ws_CO_1")
    menu.mpesa.pushes["ws_CO_1"] = Paid("ws_CO_1", None)
    for _ in range(2):
        menu.paybill.confirmed(of_push(menu, deposit))
    (settled,) = menu.all()
    assert (settled.status, settled.receipt) == (DepositStatus.SETTLED, RECEIPT)
    assert menu.books() == settled_books(menu)
    assert menu.unmatched.get(RECEIPT) is None


def test_a_push_whose_callback_was_faster_keeps_its_one_payment(menu):
    deposit = menu.push("ws_CO_1")
    menu.mpesa.pushes["ws_CO_1"] = Paid("ws_CO_1", None)
    amount = Money(1_300_000, Currency.KES)
    hint = Hint("ws_CO_1", amount, RECEIPT)
    menu.settlement.signalled(menu.user_id, deposit.deposit_id, hint, Gateway.MPESA)
    menu.paybill.confirmed(of_push(menu, deposit))
    menu.paybill.confirmed(menu.notice())
    assert len(menu.all()) == 1
    assert menu.books() == settled_books(menu)


def test_a_push_whose_answer_and_callback_were_lost_settles_by_its_receipt(menu):
    deposit = menu.push()
    menu.paybill.confirmed(of_push(menu, deposit))
    assert menu.mpesa.asked == [(Subject(menu.user_id, deposit.deposit_id), RECEIPT)]
    assert menu.checks_sent() == [("paybill", 1)]
    subject = {"user_id": menu.user_id, "deposit_id": deposit.deposit_id, "receipt": RECEIPT}
    menu.paybill.checked(subject, 1)
    assert len(menu.mpesa.asked) == 2
    menu.answer()
    (settled,) = menu.all()
    assert (settled.status, settled.payment) == (DepositStatus.SETTLED, RECEIPT)
    menu.paybill.checked(subject, 2)
    assert len(menu.mpesa.asked) == 2
    # The callback comes after all, under the push's own name.
    menu.mpesa.pushes["ws_CO_1"] = Paid("ws_CO_1", None)
    hint = Hint("ws_CO_1", deposit.amount, RECEIPT)
    menu.settlement.signalled(menu.user_id, deposit.deposit_id, hint, Gateway.MPESA)
    assert menu.books() == settled_books(menu)


def test_a_push_that_was_paid_with_another_amount_is_held(menu):
    deposit = menu.push("ws_CO_1")
    menu.mpesa.pushes["ws_CO_1"] = Paid("ws_CO_1", None)
    menu.paybill.confirmed(of_push(menu, deposit, amount=Money(100, Currency.KES)))
    assert menu.all()[0].review
    assert credited(menu) == 0


def test_a_receipt_that_settled_a_deposit_is_not_booked_as_nobodys(menu):
    menu.paybill.confirmed(menu.notice(account="nobody"))
    deposit = menu.push("ws_CO_1")
    menu.mpesa.pushes["ws_CO_1"] = Paid("ws_CO_1", None)
    hint = Hint("ws_CO_1", deposit.amount, RECEIPT)
    menu.settlement.signalled(menu.user_id, deposit.deposit_id, hint, Gateway.MPESA)
    menu.answer()
    assert menu.unmatched.get(RECEIPT).status is UnmatchedStatus.COUNTED_ELSEWHERE
    assert menu.books() == settled_books(menu)
    assert menu.cases.listed(CaseStatus.OPEN) == []


def test_a_payment_is_quoted_at_the_moment_it_was_heard_of(menu):
    menu.paybill.confirmed(menu.notice())
    (deposit,) = menu.all()
    assert deposit.quote is not None
    assert deposit.quote.expires_at == NOW + timedelta(minutes=5)
