"""Answers of M-Pesa: late, repeated, forged, too early, and those that never come."""

from datetime import timedelta

import pytest

from shared.payments.callbacks import Purpose, make_token
from shared.platform.tables import Database
from shared.reconciliation.model import Status
from shared.reconciliation.mpesa.asking import PER_STEP, STEPS
from shared.reconciliation.mpesa.model import BOOK, By, State, question_id
from tests.reconciliation.desk import DAY, ONE, at
from tests.reconciliation.mpesa_desk import PAYBILL, PAYOUTS, MpesaDesk, result, statuses

TWO = (PAYBILL, PAYOUTS)


def asked(database: Database) -> MpesaDesk:
    """A desk that has asked for both balances."""
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    assert desk.asking.step(DAY) is None
    return desk


def balances(desk: MpesaDesk, text: str, **more: object) -> bytes:
    question = desk.mpesa.sent[0]
    told = {"AccountBalance": text, "BOCompletedTime": 20260303040000}
    return result("0", desk.mpesa.name_of(question), told | more)


def test_the_same_answer_again_and_another_one_change_nothing(database: Database) -> None:
    desk = asked(database)
    first, second = desk.mpesa.sent
    desk.tell(first)
    desk.tell(second)
    before = desk.questions.told(DAY, TWO)
    assert before is not None
    desk.tell(first)
    desk.mpesa.move(PAYBILL, 99_900)
    desk.tell(first)
    assert desk.questions.told(DAY, TWO) == before
    report = desk.report()
    assert (report.stated_minor, report.unexplained_minor) == (150_000, 0)
    for question in desk.mpesa.asked:
        desk.tell(question)
    assert desk.day_ends().hash == report.hash


@pytest.mark.parametrize(
    "body",
    [
        # Somebody who knows the path does not know under which name M-Pesa took the question.
        result(
            "0", "AG_guessed", {"AccountBalance": "U|KES|1.00", "BOCompletedTime": 20260303040000}
        ),
        b"{}",
        b'{"Result": []}',
        result("1", "AG", {}),
    ],
)
def test_what_is_no_answer_leaves_the_question_open(database: Database, body: bytes) -> None:
    desk = asked(database)
    desk.tell(desk.mpesa.sent[0], body)
    found = desk.questions.get(desk.mpesa.sent[0].question_id)
    assert found is not None
    assert found.state is State.ASKED
    assert desk.questions.told(DAY, TWO) is None


@pytest.mark.parametrize(
    ("text", "more"),
    [
        # One account of two cannot be read: half a statement is none.
        ("Utility Account|KES|1.00|1.00|0.00|0.00&Working", {}),
        ("Utility Account|USD|1.00|1.00|0.00|0.00", {}),
        # Of another time: played again from a year ago, or ahead of the clock.
        ("Utility Account|KES|1.00|1.00|0.00|0.00", {"BOCompletedTime": 20250303040000}),
        ("Utility Account|KES|1.00|1.00|0.00|0.00", {"BOCompletedTime": 20260303043000}),
        ("Utility Account|KES|1.00|1.00|0.00|0.00", {"BOCompletedTime": "soon"}),
    ],
)
def test_a_balance_that_cannot_be_right_is_not_taken(
    database: Database, text: str, more: dict[str, object]
) -> None:
    desk = asked(database)
    desk.tell(desk.mpesa.sent[0], balances(desk, text, **more))
    found = desk.questions.get(desk.mpesa.sent[0].question_id)
    assert found is not None
    assert found.state is State.ASKED


def test_an_answer_in_another_questions_name_is_not_taken(database: Database) -> None:
    desk = asked(database)
    first, second = desk.mpesa.sent
    desk.tell(first, desk.mpesa.body(second))
    assert desk.questions.told(DAY, (first.subject.shortcode,)) is None


def test_an_answer_to_an_earlier_asking_is_not_taken_and_the_later_one_is(
    database: Database,
) -> None:
    desk = asked(database)
    early = list(desk.mpesa.sent)
    desk.clock.advance(timedelta(minutes=1))
    assert desk.asking.step(DAY, 4) is None
    later = desk.mpesa.sent[2:]
    assert [one.askings for one in later] == [2, 2]
    for question in early:
        desk.tell(question)
    assert desk.questions.told(DAY, TWO) is None
    for question in later:
        desk.tell(question)
    assert desk.questions.told(DAY, TWO) is not None


def test_an_answer_to_no_question_or_of_another_kind_is_nobodys(database: Database) -> None:
    desk = asked(database)
    question = desk.mpesa.sent[0]
    stranger = question_id("t1", "nothing")
    token = make_token(b"key", "", stranger, Purpose.BALANCE, attempt=1)
    body = desk.mpesa.body(question)
    desk.answers.came("daraja-balance", token, body, desk.clock.now())
    # The right path for a balance, with the words of a status, and the other way round.
    other = make_token(b"key", "", question.question_id, Purpose.STATUS, attempt=1)
    desk.answers.came("daraja-status", other, body, desk.clock.now())
    assert desk.questions.told(DAY, TWO) is None
    assert desk.questions.get(stranger) is None


def test_a_timeout_asks_nothing_by_itself_and_the_next_step_does(database: Database) -> None:
    desk = asked(database)
    for question in desk.mpesa.sent:
        token = make_token(b"key", "", question.question_id, Purpose.TIMEOUT, attempt=1)
        desk.answers.came("daraja-timeout", token, b'{"Result": {}}', desk.clock.now())
    assert len(desk.mpesa.asked) == 2
    desk.asking.step(DAY, 1)
    assert len(desk.mpesa.asked) == 2
    desk.clock.advance(timedelta(minutes=1))
    desk.asking.step(DAY, 2)
    assert len(desk.mpesa.asked) == 4


def test_who_never_answers_is_asked_less_and_less_and_no_report_is_made(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    for attempt in range(STEPS + 1):
        assert desk.asking.step(DAY, attempt) is None
        desk.clock.advance(timedelta(minutes=6))
    # Each waits longer; after the last one the hourly tick begins anew.
    assert [message.attempt for message, _ in desk.queue.sent] == list(range(1, STEPS + 1))
    assert [delay for _, delay in desk.queue.sent] == [2, 5, 15, 60, 300, 900, 900, 900]
    assert {message.check for message, _ in desk.queue.sent} == {"reconcile"}
    assert [one.subject.by for one in desk.mpesa.asked] == [By.BALANCES] * 2 * 4
    assert desk.reports.before(BOOK, DAY + ONE) is None


def test_a_gateway_that_is_down_is_not_asked_for_every_line(database: Database) -> None:
    desk = MpesaDesk(database)
    for number in range(PER_STEP + 10):
        desk.came_in(f"RKT{number:07d}", 100)
    desk.asking.step(DAY)
    desk.answer_all()
    desk.mpesa.down = True
    asked_before = len(desk.mpesa.asked)
    desk.asking.step(DAY, 1)
    assert len(desk.mpesa.asked) - asked_before == 3
    # Not at once again.
    assert desk.queue.sent[-1][1] == 5


def test_lines_are_asked_for_within_a_rate(database: Database) -> None:
    desk = MpesaDesk(database)
    for number in range(PER_STEP + 10):
        desk.came_in(f"RKT{number:07d}", 100)
    desk.asking.step(DAY)
    desk.answer_all()
    desk.asking.step(DAY, 5)
    assert len(desk.mpesa.sent) == PER_STEP
    message, delay = desk.queue.sent[-1]
    # The pace begins anew with what is new.
    assert (message.attempt, delay) == (0, 2)
    desk.asking.step(DAY, 5)
    assert len(desk.mpesa.sent) == PER_STEP + 10
    report = desk.report()
    assert report.counts[Status.MATCHED] == PER_STEP + 10


def test_a_line_without_an_answer_is_open_and_only_once(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.went_out("RKT0000002", 1_000)
    stored = None
    for attempt in range(12):
        stored = desk.asking.step(DAY, attempt) or stored
        for question in desk.mpesa.sent:
            if question.subject.by is By.BALANCES or question.subject.value == "RKT0000001":
                desk.tell(question)
        desk.mpesa.sent.clear()
        desk.clock.advance(timedelta(minutes=20))
    assert stored is not None
    report = desk.reconciling.read(stored)
    assert statuses(report) == {
        "PAYMENT:RKT0000001": Status.MATCHED,
        "OUT:pay_RKT0000002": Status.MISSING_THERE,
        "FEE:pay_RKT0000002": Status.MISSING_THERE,
    }
    # Nobody knows whether it is there: the balance is no second trouble.
    assert (report.difference_minor, report.unexplained_minor) == (-4_300, 0)
    desk.now_on(DAY + ONE)
    after = desk.report(DAY + ONE)
    assert (after.difference_minor, after.unexplained_minor) == (0, 0)
    assert desk.open_cases() == []


def test_an_answer_about_another_receipt_is_no_answer(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.came_in("RKT0000002", 700)
    desk.asking.step(DAY)
    desk.answer_all()
    desk.asking.step(DAY, 1)
    first, second = desk.mpesa.sent
    desk.tell(first, desk.mpesa.body(second))
    found = desk.questions.get(first.question_id)
    assert found is not None
    assert found.state is State.ASKED
    assert desk.lines.of(BOOK, DAY) == []


def test_a_pending_transaction_is_asked_for_again(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    desk.asking.step(DAY)
    desk.answer_all()
    desk.asking.step(DAY, 1)
    (question,) = desk.mpesa.sent
    desk.tell(question, desk.mpesa.body(question, TransactionStatus="Pending"))
    desk.mpesa.sent.clear()
    assert desk.asking.step(DAY, 2) is None
    assert desk.mpesa.sent == []
    desk.clock.advance(timedelta(minutes=1))
    assert desk.asking.step(DAY, 3) is None
    assert [one.askings for one in desk.mpesa.sent] == [2]


def test_money_paid_to_another_shortcode_is_not_ours(database: Database) -> None:
    desk = MpesaDesk(database)
    desk.ours(500, payment="RKT0000001")
    desk.mpesa.paid("RKT0000001", 500, at(DAY), payee="999999")
    desk.clock.advance(timedelta(hours=1))
    for attempt in range(8):
        desk.asking.step(DAY, attempt)
        desk.answer_all()
        desk.clock.advance(timedelta(minutes=10))
    report = desk.report()
    assert statuses(report) == {"PAYMENT:RKT0000001": Status.MISSING_THERE}
    assert report.unexplained_minor == 0
