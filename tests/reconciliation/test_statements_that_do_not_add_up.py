"""What a party says that it holds is not the sum of its own lines."""

from shared.platform.tables import Database
from shared.reconciliation.model import Category
from tests.reconciliation.desk import BOOK, DAY, ONE, Desk, theirs

PAYMENT = Category.PAYMENT


def off_by_a_cent(database: Database) -> Desk:
    desk = Desk(database)
    desk.ours(10_000, payment="pi_1", gateway_fee_minor="0")
    desk.statement.listed.append(theirs("txn_1", PAYMENT, "pi_1", 10_000))
    desk.statement.stated[DAY] = 9_999
    return desk


def test_a_statement_that_does_not_add_up_is_a_case(database: Database) -> None:
    desk = off_by_a_cent(database)
    report = desk.reconciling.read(desk.reconciling.run(BOOK, DAY))
    assert report.unexplained_minor == -1
    (case,) = desk.open_cases()
    assert case.subject == "STRIPE:USD:STATEMENT:-1@2026-03-02"
    assert dict(case.facts)["stated_minor"] == "9999"


def test_a_difference_that_somebody_knows_of_is_not_told_again_while_other_money_moves(
    database: Database,
) -> None:
    desk = off_by_a_cent(database)
    desk.reconciling.run(BOOK, DAY)
    (case,) = desk.open_cases()
    looked_at = case.resolved(desk.clock.now(), "usr_1", "They were asked.")
    desk.facts.commit([desk.cases.resolve(case, looked_at)])
    desk.ours(500, DAY + ONE, payment="pi_2", gateway_fee_minor="0")
    desk.statement.listed.append(theirs("txn_2", PAYMENT, "pi_2", 500, DAY + ONE))
    desk.statement.stated[DAY + ONE] = 10_499
    report = desk.reconciling.read(desk.reconciling.run(BOOK, DAY + ONE))
    assert (report.unexplained_minor, report.off_since) == (-1, DAY)
    assert desk.open_cases() == []
    assert desk.cases.get(case.case_id) == looked_at
