"""Reports follow each other day by day; the same facts give the same one."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus, new_case
from shared.ledger.model import EntryKind
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Database
from shared.reconciliation.errors import DayNotOver
from shared.reconciliation.model import Category, Status, Totals
from shared.reconciliation.report import GENESIS, read
from shared.reconciliation.service import ReportMissing
from tests.reconciliation.desk import BOOK, DAY, ONE, Desk, at, theirs

PAYMENT, FEE = Category.PAYMENT, Category.FEE


def settled(desk: Desk, payment: str = "pi_1", minor: int = 10_000, fee: int | None = 320) -> None:
    known = {} if fee is None else {"gateway_fee_minor": str(fee)}
    desk.ours(minor, payment=payment, **known)
    if fee is not None:
        desk.ours(-fee, kind="GATEWAY_FEE", payment=payment, gateway="STRIPE")


def told(desk: Desk, payment: str = "pi_1", minor: int = 10_000, fee: int = 320) -> None:
    desk.statement.listed += [
        theirs(f"txn_{payment}", PAYMENT, payment, minor),
        theirs(f"txn_{payment}#fee", FEE, payment, -fee),
    ]


def test_a_day_that_agrees_is_a_report_without_breaks(database: Database) -> None:
    desk = Desk(database)
    settled(desk)
    told(desk)
    desk.statement.stated[DAY] = 9_680
    stored = desk.reconciling.run(BOOK, DAY)
    assert (stored.matched, stored.missing_here, stored.missing_there) == (2, 0, 0)
    assert (stored.ours_minor, stored.theirs_minor, stored.difference_minor) == (9_680, 9_680, 0)
    assert (stored.version, stored.day, stored.since) == (1, DAY, DAY)
    assert stored.signature == f"signed {stored.hash[:8]}"
    report = desk.reconciling.read(stored)
    assert (report.ours, report.theirs) == (Totals(0, 9_680), Totals(0, 9_680))
    assert (report.previous, report.unexplained_minor) == (GENESIS, 0)
    assert desk.open_cases() == []
    assert desk.house.entries(BOOK.currency).entries == ()
    assert desk.statement.asked == [(BOOK.currency, DAY - 3 * ONE, DAY)]


def test_the_same_day_again_is_the_same_report(database: Database) -> None:
    desk = Desk(database)
    settled(desk)
    told(desk, minor=10_001)
    first = desk.reconciling.run(BOOK, DAY)
    desk.clock.advance(timedelta(days=2))
    assert desk.reconciling.run(BOOK, DAY) == first
    assert len(desk.reports.page(limit=10).entries) == 1
    assert len(desk.archive.kept) == 1
    assert len(desk.open_cases()) == 1


def test_facts_that_changed_make_a_new_version(database: Database) -> None:
    desk = Desk(database)
    settled(desk)
    first = desk.reconciling.run(BOOK, DAY)
    told(desk)
    second = desk.reconciling.run(BOOK, DAY)
    assert (first.version, second.version) == (1, 2)
    assert first.hash != second.hash
    assert desk.reports.of(BOOK, DAY) == second
    assert desk.reports.get(first.report_id) == first
    assert [one for _, one in desk.reports.page(limit=10).entries] == [second, first]


def test_a_planted_break_becomes_a_case_and_is_resolved_when_its_counterpart_comes(
    database: Database,
) -> None:
    desk = Desk(database)
    settled(desk)
    told(desk)
    desk.ours(500, payment="pi_2", gateway_fee_minor="0")
    stored = desk.reconciling.run(BOOK, DAY)
    assert (stored.missing_there, stored.difference_minor) == (1, 500)
    (case,) = desk.open_cases()
    assert case.subject == "STRIPE:USD:PAYMENT:pi_2@2026-03-02"
    assert dict(case.facts) == {
        "gateway": "STRIPE",
        "currency": "USD",
        "category": "PAYMENT",
        "line": "pi_2",
        "status": "MISSING_THERE",
        "ours_minor": "500",
        "theirs_minor": "0",
        "since": "2026-03-02",
    }
    desk.statement.listed.append(theirs("txn_2", PAYMENT, "pi_2", 500, DAY + ONE))
    after = desk.reconciling.run(BOOK, DAY + ONE)
    assert (after.difference_minor, after.missing_there, after.matched) == (0, 0, 1)
    assert desk.open_cases() == []
    resolved = desk.cases.get(case.case_id)
    assert resolved is not None
    assert (resolved.status, resolved.resolved_by) == (CaseStatus.RESOLVED, "reconciliation")
    assert resolved.note == "Its counterpart came: both sides agree since 2026-03-03."


def test_open_lines_are_carried_and_grow_older(database: Database) -> None:
    desk = Desk(database)
    desk.ours(500, payment="pi_2", gateway_fee_minor="0")
    desk.reconciling.run(BOOK, DAY)
    stored = desk.reconciling.run(BOOK, DAY + 5 * ONE)
    report = desk.reconciling.read(stored)
    (line,) = report.lines
    assert (line.status, line.age_days(report.day)) == (Status.MISSING_THERE, 5)
    assert report.ours == Totals(500, 0)
    assert len(desk.open_cases()) == 1
    days = [one.day for _, one in desk.reports.page(limit=10).entries]
    assert days == [DAY + number * ONE for number in (5, 4, 3, 2, 1, 0)]


def test_reports_are_a_chain(database: Database) -> None:
    desk = Desk(database)
    settled(desk)
    first = desk.reconciling.run(BOOK, DAY)
    second = desk.reconciling.read(desk.reconciling.run(BOOK, DAY + ONE))
    assert second.previous == first.hash
    assert second.since == DAY + ONE


def test_a_line_that_was_late_is_in_the_next_report(database: Database) -> None:
    desk = Desk(database)
    told(desk)
    first = desk.reconciling.run(BOOK, DAY)
    assert first.missing_here == 2
    # Dated on the first day, and seen on the second.
    settled(desk)
    second = desk.reconciling.run(BOOK, DAY + ONE)
    assert (second.matched, second.difference_minor) == (2, 0)
    assert desk.reconciling.run(BOOK, DAY + 2 * ONE).matched == 0


def test_a_fee_that_nobody_knew_is_booked_once_and_is_no_break(database: Database) -> None:
    desk = Desk(database)
    settled(desk, fee=None)
    told(desk)
    desk.reconciling.run(BOOK, DAY)
    desk.reconciling.run(BOOK, DAY)
    (stored,) = desk.house.entries(BOOK.currency).entries
    draft = stored.entry.draft
    assert draft.kind is EntryKind.GATEWAY_FEE
    assert {leg.account: leg.amount for leg in draft.postings} == {
        "house:fees:stripe": 320,
        BOOK.account: -320,
    }
    assert desk.open_cases() == []
    desk.project()
    assert desk.reconciling.run(BOOK, DAY + 31 * ONE - ONE - ONE).difference_minor == 320
    desk.clock.advance(timedelta(days=5))
    assert desk.reconciling.run(BOOK, DAY + 31 * ONE).difference_minor == 0


def test_a_fee_of_a_payment_that_is_not_ours_yet_is_left_to_its_settlement(
    database: Database,
) -> None:
    desk = Desk(database)
    told(desk)
    desk.reconciling.run(BOOK, DAY)
    assert desk.house.entries(BOOK.currency).entries == ()
    assert len(desk.open_cases()) == 2
    settled(desk)
    desk.reconciling.run(BOOK, DAY + ONE)
    assert desk.house.entries(BOOK.currency).entries == ()
    assert desk.open_cases() == []


def test_a_fee_for_nothing_in_particular_is_booked(database: Database) -> None:
    desk = Desk(database)
    desk.statement.listed = [theirs("txn_9#fee", FEE, "fee:txn_9", -45)]
    desk.reconciling.run(BOOK, DAY)
    (stored,) = desk.house.entries(BOOK.currency).entries
    assert stored.entry.draft.reference == "fee:txn_9"
    assert stored.entry.draft.postings[0].amount == 45
    assert desk.open_cases() == []


def test_payments_without_a_final_word_are_listed_by_age(database: Database) -> None:
    desk = Desk(database)
    for number, gateway in enumerate(("STRIPE", "MPESA", "STRIPE")):
        kind = (CaseKind.PAYMENT_UNKNOWN, CaseKind.PAYOUT_UNKNOWN)[number % 2]
        opened = at(DAY - number * ONE)
        case = new_case(kind, f"dep_{number}", opened, gateway=gateway)
        desk.facts.commit([desk.cases.open(case)])
    later = new_case(CaseKind.PAYMENT_UNKNOWN, "dep_9", at(DAY + ONE), gateway="STRIPE")
    desk.facts.commit([desk.cases.open(later)])
    stored = desk.reconciling.run(BOOK, DAY)
    report = desk.reconciling.read(stored)
    assert [one.subject for one in report.unknown] == ["dep_2", "dep_0"]
    assert stored.unknown == 2


def test_a_day_that_is_not_over_is_refused() -> None:
    desk = Desk(MemoryDatabase())
    today = desk.clock.now().date()
    with pytest.raises(DayNotOver):
        desk.reconciling.run(BOOK, today)
    assert desk.reports.page(limit=1).entries == ()


def test_a_report_that_was_tampered_with_is_not_built_upon() -> None:
    desk = Desk(MemoryDatabase())
    settled(desk)
    stored = desk.reconciling.run(BOOK, DAY)
    content = desk.archive.kept[stored.place]
    desk.archive.kept[stored.place] = content.replace(b'"moved":9680', b'"moved":9681')
    with pytest.raises(ReportMissing):
        desk.reconciling.run(BOOK, DAY + ONE)
    assert len(desk.reports.page(limit=10).entries) == 1


def test_the_canonical_form_is_read_back_and_nothing_else_is() -> None:
    desk = Desk(MemoryDatabase())
    settled(desk)
    told(desk, minor=9_000)
    stored = desk.reconciling.run(BOOK, DAY)
    content = desk.archive.kept[stored.place]
    assert read(content).canonical() == content
    for broken in (
        b"{}",
        b"[]",
        b"null",
        content + b" ",
        content.replace(b'"form":1', b'"form":2'),
    ):
        with pytest.raises(ValueError, match=r"report|JSON|Extra data"):
            read(broken)


def test_a_day_that_is_compared_again_later_opens_no_case_of_what_has_agreed_since(
    database: Database,
) -> None:
    desk = Desk(database)
    settled(desk, "pi_0")
    told(desk, "pi_0")
    first = desk.reconciling.run(BOOK, DAY)
    # Both lines of it come late, theirs for the day that is over, ours for the next one.
    desk.statement.listed.append(theirs("txn_late", PAYMENT, "pi_late", 500))
    desk.ours(500, DAY + ONE, payment="pi_late")
    next_day = desk.reconciling.run(BOOK, DAY + ONE)
    assert (next_day.missing_here, next_day.missing_there) == (0, 0)
    again = desk.reconciling.run(BOOK, DAY)
    assert (again.version, again.hash == first.hash, again.missing_here) == (2, False, 1)
    assert desk.open_cases() == []


def test_a_day_that_is_compared_again_later_resolves_what_its_first_version_had_opened(
    database: Database,
) -> None:
    desk = Desk(database)
    settled(desk)
    desk.reconciling.run(BOOK, DAY)
    desk.reconciling.run(BOOK, DAY + ONE)
    assert len(desk.open_cases()) == 2
    told(desk)
    for day in (DAY, DAY + ONE, DAY, DAY + 2 * ONE):
        desk.reconciling.run(BOOK, day)
        assert desk.open_cases() == [], day


def test_many_unknown_payments_of_one_gateway_hide_none_of_another() -> None:
    desk = Desk(MemoryDatabase())
    for number in range(230):
        gateway = "STRIPE" if number == 229 else "ADYEN"
        opened = at(DAY - ONE) + number * timedelta(seconds=1)
        case = new_case(CaseKind.PAYMENT_UNKNOWN, f"dep_{number}", opened, gateway=gateway)
        desk.facts.commit([desk.cases.open(case)])
    report = desk.reconciling.read(desk.reconciling.run(BOOK, DAY))
    assert [one.subject for one in report.unknown] == ["dep_229"]
