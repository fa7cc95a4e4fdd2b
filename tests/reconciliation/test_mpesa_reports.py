"""M-Pesa's book: every line is asked for, its balance is compared at its own moment."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus, new_case
from shared.platform.tables import Database
from shared.reconciliation.errors import DayNotOver
from shared.reconciliation.model import Status
from shared.reconciliation.mpesa.model import BOOK, By
from shared.reconciliation.mpesa.ports import PushAnswer
from tests.reconciliation.desk import DAY, ONE, at
from tests.reconciliation.mpesa_desk import PAYBILL, PAYOUTS, MpesaDesk, statuses


def test_a_day_that_agrees_is_a_report_without_breaks(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.funded()
    desk.came_in("RKT0000001", 150_000)
    desk.went_out("RKT0000002", 40_000)
    report = desk.report()
    assert statuses(report) == {
        "PAYMENT:RKT0000001": Status.MATCHED,
        "OUT:pay_RKT0000002": Status.MATCHED,
        "FEE:pay_RKT0000002": Status.MATCHED,
        "OTHER:mov_1": Status.MATCHED,
    }
    assert report.ours.closing == report.theirs.closing == report.stated_minor
    assert report.stated_minor == 1_000_000 + 150_000 - 40_000 - 3_300
    assert (report.difference_minor, report.unexplained_minor) == (0, 0)
    assert desk.open_cases() == []
    assert desk.house.entries(BOOK.currency).entries == ()


def test_each_shortcode_and_each_line_is_asked_for_once(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    first = desk.day_ends()
    assert [(one.subject.by, one.subject.value) for one in desk.mpesa.asked] == [
        (By.BALANCES, PAYBILL),
        (By.BALANCES, PAYOUTS),
        (By.RECEIPT, "RKT0000001"),
    ]
    assert desk.day_ends() == first
    desk.now_on(DAY + ONE)
    desk.day_ends(DAY + ONE)
    # What M-Pesa has confirmed is not asked for again.
    assert [one.subject.by for one in desk.mpesa.asked[3:]] == [By.BALANCES, By.BALANCES]


def test_one_shortcode_for_both_is_asked_once(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.mpesa.codes = (PAYBILL, PAYBILL)
    desk.came_in("RKT0000001", 150_000)
    assert desk.report().unexplained_minor == 0
    assert [one.subject.by for one in desk.mpesa.asked].count(By.BALANCES) == 1


def test_what_mpesa_does_not_know_is_missing_there_and_the_balance_is_no_second_break(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.came_in("RKT0000002", 5_000, there=0)
    desk.clock.advance(timedelta(hours=1))
    stored = None
    for attempt in range(8):
        stored = desk.asking.step(DAY, attempt)
        desk.answer_all()
        desk.clock.advance(timedelta(minutes=10))
    assert stored is not None
    report = desk.reconciling.read(stored)
    assert statuses(report)["PAYMENT:RKT0000002"] is Status.MISSING_THERE
    assert (report.difference_minor, report.unexplained_minor) == (5_000, 0)
    (case,) = desk.open_cases()
    assert dict(case.facts)["line"] == "RKT0000002"
    # It was late: M-Pesa has it on the next day.
    desk.mpesa.paid("RKT0000002", 5_000, at(DAY, 23))
    desk.now_on(DAY + ONE)
    after = desk.report(DAY + ONE)
    assert (after.difference_minor, after.unexplained_minor) == (0, 0)
    assert desk.open_cases() == []


def test_another_amount_there_is_found_to_the_cent(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000, there=149_900)
    report = desk.report()
    assert statuses(report) == {"PAYMENT:RKT0000001": Status.AMOUNT_DIFFERS}
    assert (report.difference_minor, report.unexplained_minor) == (100, 0)
    (case,) = desk.open_cases()
    facts = dict(case.facts)
    assert (facts["ours_minor"], facts["theirs_minor"]) == ("150000", "149900")


def test_a_credit_given_twice_is_found(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.ours(150_000, reference="dep_again", payment="RKT0000001")
    report = desk.report()
    assert statuses(report) == {"PAYMENT:RKT0000001": Status.AMOUNT_DIFFERS}
    assert (report.difference_minor, report.unexplained_minor) == (150_000, 0)
    assert len(desk.open_cases()) == 1


def test_a_balance_that_differs_is_one_case_until_it_agrees(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.mpesa.move(PAYBILL, 700, "Working Account")
    report = desk.report()
    assert (report.difference_minor, report.unexplained_minor) == (0, 700)
    (case,) = desk.open_cases()
    assert case.subject == "MPESA:KES:STATEMENT:700@2026-03-02"
    desk.now_on(DAY + ONE)
    assert desk.report(DAY + ONE).unexplained_minor == 700
    assert desk.open_cases() == [case]
    # A part of it is found.
    desk.mpesa.move(PAYBILL, -200, "Working Account")
    desk.now_on(DAY + 2 * ONE)
    desk.day_ends(DAY + 2 * ONE)
    (other,) = desk.open_cases()
    assert other.subject == "MPESA:KES:STATEMENT:500@2026-03-04"
    desk.mpesa.move(PAYBILL, -500, "Working Account")
    desk.now_on(DAY + 3 * ONE)
    desk.day_ends(DAY + 3 * ONE)
    assert desk.open_cases() == []
    found = desk.cases.get(case.case_id)
    assert found is not None
    assert found.note == "It differs by another amount since 2026-03-04."
    # The same amount again, later, is another case and not the one that was done with.
    desk.mpesa.move(PAYBILL, 700, "Working Account")
    desk.now_on(DAY + 4 * ONE)
    desk.day_ends(DAY + 4 * ONE)
    (again,) = desk.open_cases()
    assert again.subject == "MPESA:KES:STATEMENT:700@2026-03-06"


def test_what_moved_after_the_end_of_the_day_is_not_in_its_balance(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    # At ten past midnight, before the balance is told.
    desk.ours(9_000, DAY + ONE - ONE, reference="dep_2", payment="RKT0000002")
    desk._seq += 1
    desk.mpesa.paid("RKT0000002", 9_000, at(DAY + ONE, 0))
    report = desk.report()
    assert report.stated_minor == report.theirs.closing
    assert (report.difference_minor, report.unexplained_minor) == (0, 0)


def test_a_payment_of_the_next_day_is_taken_off_the_balance_and_is_in_the_next_report(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.it_is(at(DAY + ONE, 13))
    desk.came_in("RKT0000002", 9_000, DAY + ONE)
    report = desk.report()
    assert statuses(report) == {"PAYMENT:RKT0000001": Status.MATCHED}
    assert (report.stated_minor, report.unexplained_minor) == (150_000, 0)
    desk.now_on(DAY + ONE)
    after = desk.report(DAY + ONE)
    assert statuses(after) == {"PAYMENT:RKT0000002": Status.MATCHED}
    assert (after.stated_minor, after.unexplained_minor) == (159_000, 0)


def test_a_push_is_known_by_its_receipt_or_else_by_its_prompt(database: Database) -> None:
    desk = MpesaDesk(database)
    prompt = "ws_CO_01032026"
    desk.ours(1_000, reference="dep_1", payment=prompt, receipt="RKT0000001")
    desk.mpesa.paid("RKT0000001", 1_000, at(DAY))
    desk.ours(2_000, reference="dep_2", payment=f"{prompt}2")
    desk.mpesa.pushes[f"{prompt}2"] = PushAnswer.PAID
    desk.ours(3_000, reference="dep_3", payment=f"{prompt}3")
    desk.mpesa.pushes[f"{prompt}3"] = PushAnswer.NOT_PAID
    desk.mpesa.move(PAYBILL, 2_000)
    for attempt in range(6):
        desk.asking.step(DAY, attempt)
        desk.answer_all()
        desk.clock.advance(timedelta(minutes=10))
    report = desk.report()
    assert statuses(report) == {
        f"PAYMENT:{prompt}": Status.MATCHED,
        f"PAYMENT:{prompt}2": Status.MATCHED,
        f"PAYMENT:{prompt}3": Status.MISSING_THERE,
    }
    assert report.unexplained_minor == 0


def test_a_reversal_of_ours_agrees_and_one_that_we_do_not_know_is_found(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    for receipt in ("RKT0000001", "RKT0000002"):
        desk.came_in(receipt, 5_000)
        desk.mpesa.move(PAYBILL, -5_000)
    for one in desk.mpesa.transactions:
        one.state = "Reversed"
    more = {"payment": "RKT0000001", "payout": "29-1", "gateway": "MPESA"}
    desk.ours(-5_000, kind="SURPLUS_REFUNDED", reference="pay_1", **more)
    for attempt in range(6):
        desk.asking.step(DAY, attempt)
        desk.answer_all()
        desk.clock.advance(timedelta(minutes=10))
    report = desk.report()
    assert statuses(report) == {
        "PAYMENT:RKT0000001": Status.MATCHED,
        "OUT:pay_1": Status.MATCHED,
        "PAYMENT:RKT0000002": Status.MISSING_THERE,
    }
    assert (report.difference_minor, report.unexplained_minor) == (5_000, 0)


def test_payments_without_a_final_word_are_listed_the_oldest_first_and_ring(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    for number, kind in enumerate((CaseKind.PAYMENT_UNKNOWN, CaseKind.PAYOUT_UNKNOWN)):
        opened = at(DAY - number * ONE)
        case = new_case(kind, f"thing_{number}", opened, gateway="MPESA")
        desk.facts.commit([desk.cases.open(case)])
    report = desk.report()
    assert [one.subject for one in report.unknown] == ["thing_1", "thing_0"]
    assert "ReconciliationUnknownOld" not in capsys.readouterr().out
    desk.now_on(DAY + 3 * ONE)
    assert len(desk.report(DAY + 3 * ONE).unknown) == 2
    assert "ReconciliationUnknownOld" in capsys.readouterr().out


def test_a_day_that_is_not_over_is_refused_and_nobody_is_asked(database: Database) -> None:
    desk = MpesaDesk(database)
    with pytest.raises(DayNotOver):
        desk.asking.step(DAY + ONE)
    assert (desk.mpesa.asked, desk.queue.sent) == ([], [])


def test_a_missing_day_is_made_up_with_the_balance_of_the_next_one(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.day_ends()
    desk.came_in("RKT0000002", 1_000, DAY + ONE)
    desk.came_in("RKT0000003", 100, DAY + 2 * ONE)
    desk.now_on(DAY + 2 * ONE)
    desk.day_ends(DAY + 2 * ONE)
    between = desk.reports.of(BOOK, DAY + ONE)
    last = desk.reports.of(BOOK, DAY + 2 * ONE)
    assert between is not None
    assert last is not None
    assert (between.stated_minor, between.theirs_minor) == (151_000, 151_000)
    assert (last.stated_minor, last.theirs_minor) == (151_100, 151_100)


def test_resolved_cases_stay_so(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.mpesa.move(PAYBILL, 10)
    desk.came_in("RKT0000001", 150_000)
    desk.day_ends()
    (case,) = desk.open_cases()
    desk.mpesa.move(PAYBILL, -10)
    desk.now_on(DAY + ONE)
    desk.day_ends(DAY + ONE)
    found = desk.cases.get(case.case_id)
    assert found is not None
    assert (found.status, found.resolved_by) == (CaseStatus.RESOLVED, "reconciliation")
    assert found.note == "It is as its lines say since 2026-03-03."
