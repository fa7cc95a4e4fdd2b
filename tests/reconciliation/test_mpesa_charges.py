"""What M-Pesa charges for collecting: told by its accounts of charges, booked once."""

from shared.ledger.model import EntryKind
from shared.platform.tables import Database
from shared.reconciliation.mpesa.model import BOOK
from tests.reconciliation.desk import DAY, ONE
from tests.reconciliation.mpesa_desk import PAYBILL, MpesaDesk, statuses


def test_what_was_charged_for_collecting_is_booked_as_a_fee_once(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.funded()
    desk.came_in("RKT0000001", 150_000)
    desk.went_out("RKT0000002", 40_000)
    desk.mpesa.move(PAYBILL, -1_540, "Charges Paid Account")
    report = desk.report()
    assert (report.difference_minor, report.unexplained_minor) == (1_540, 0)
    assert desk.open_cases() == []
    desk.day_ends()
    (stored,) = desk.house.entries(BOOK.currency).entries
    draft = stored.entry.draft
    assert draft.kind is EntryKind.GATEWAY_FEE
    assert {leg.account: leg.amount for leg in draft.postings} == {
        "house:fees:mpesa": 1_540,
        BOOK.account: -1_540,
    }
    desk.project()
    # What was charged before is not charged again; the account of charges is emptied at times.
    desk.mpesa.move(PAYBILL, 1_540, "Charges Paid Account")
    desk.mpesa.move(PAYBILL, -1_540)
    desk.now_on(DAY + ONE)
    after = desk.report(DAY + ONE)
    assert (after.difference_minor, after.unexplained_minor) == (0, 0)
    assert len(desk.house.entries(BOOK.currency).entries) == 1


def test_charges_that_nobody_would_believe_are_a_case_and_no_fee(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.mpesa.move(PAYBILL, -7_501, "Charges Paid Account")
    report = desk.report()
    assert (report.difference_minor, report.unexplained_minor) == (0, -7_501)
    assert len(desk.open_cases()) == 1
    assert desk.house.entries(BOOK.currency).entries == ()


def test_charges_of_payouts_are_no_charges_for_collecting_on_one_shortcode(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.mpesa.codes = (PAYBILL, PAYBILL)
    desk.came_in("RKT0000001", 150_000)
    desk.went_out("RKT0000002", 40_000, shortcode=PAYBILL)
    desk.mpesa.move(PAYBILL, -200, "Charges Paid Account")
    report = desk.report()
    assert statuses(report)["FEE:pay_RKT0000002"] == "MATCHED"
    (stored,) = desk.house.entries(BOOK.currency).entries
    assert stored.entry.draft.postings[0].amount == 200
    assert (report.difference_minor, report.unexplained_minor) == (200, 0)
    assert desk.open_cases() == []


def test_charges_of_each_day_are_booked_by_themselves(database: Database) -> None:
    desk = MpesaDesk(database)
    for number in range(3):
        day = DAY + number * ONE
        desk.came_in(f"RKT000000{number}", 150_000, day)
        desk.mpesa.move(PAYBILL, -100 * (number + 1), "Charges Paid Account")
        desk.now_on(day)
        assert desk.report(day).unexplained_minor == 0
    booked = desk.house.entries(BOOK.currency).entries
    assert [one.entry.draft.postings[0].amount for one in booked] == [300, 200, 100]


def test_charges_of_a_day_that_is_compared_after_a_later_one_are_booked_once(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    for number in range(3):
        desk.came_in(f"RKT000000{number}", 150_000, DAY + number * ONE)
    desk.mpesa.move(PAYBILL, -100, "Charges Paid Account")
    desk.day_ends()
    # M-Pesa said nothing for a day; the next day's report makes up for it.
    desk.mpesa.move(PAYBILL, -500, "Charges Paid Account")
    desk.now_on(DAY + 2 * ONE)
    assert desk.report(DAY + 2 * ONE).unexplained_minor == 0
    desk.project()
    assert desk.report(DAY + ONE).unexplained_minor == 0
    booked = desk.house.entries(BOOK.currency).entries
    assert [one.entry.draft.postings[0].amount for one in booked] == [500, 100]
    assert desk.open_cases() == []


def test_what_a_person_recorded_is_not_charged_again(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.ours(-1_540, kind="GATEWAY_FEE", reference="mov_1", gateway="MPESA")
    desk.mpesa.move(PAYBILL, -1_540, "Charges Paid Account")
    report = desk.report()
    assert (report.difference_minor, report.unexplained_minor) == (0, 0)
    assert desk.house.entries(BOOK.currency).entries == ()
