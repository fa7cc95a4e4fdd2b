"""Answers that come before it is on record that their question was taken."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.stacks.messaging import MAX_RECEIVES
from shared.payments.callbacks import Purpose, make_token
from shared.platform.tables import Database
from shared.platform.worker import BACK_OFF_SECONDS
from shared.reconciliation.mpesa.answers import AnswerTooEarly
from shared.reconciliation.mpesa.model import Question
from tests.reconciliation.desk import DAY
from tests.reconciliation.mpesa_desk import MpesaDesk


def test_an_answer_that_is_faster_than_the_acknowledgement_waits_for_it(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    assert desk.asking.step(DAY) is None
    question = desk.mpesa.sent[0]
    known = desk.questions.get(question.question_id)
    assert known is not None
    forgotten = replace(known, conversation=None, version=known.version + 1)
    desk.facts.commit([desk.questions.save(known, forgotten)])
    with pytest.raises(AnswerTooEarly):
        desk.tell(question)
    desk.clock.advance(timedelta(minutes=3))
    # It never was on record: the question is asked again, and this answer is nobody's.
    desk.tell(question)
    assert desk.questions.told(DAY, (question.subject.shortcode,)) is None
    desk.mpesa.sent.clear()
    assert desk.report().unexplained_minor == 0


def test_an_answer_whose_question_nobody_acknowledged_is_no_dead_letter(
    database: Database,
) -> None:
    desk = MpesaDesk(database)
    desk.came_in("RKT0000001", 150_000)
    ask = desk.mpesa.balances

    def taken_by_who_dies(question: Question) -> str | None:
        ask(question)
        raise RuntimeError("died")

    desk.mpesa.balances = taken_by_who_dies  # dies after asking
    with pytest.raises(RuntimeError):
        desk.asking.step(DAY)
    (question,), came_at = desk.mpesa.sent, desk.clock.now()
    token = make_token(b"key", "", question.question_id, Purpose.BALANCE, attempt=1)
    # The worker gives the same message again and again, with the time at which it came.
    for wait in BACK_OFF_SECONDS[: MAX_RECEIVES - 1]:
        with pytest.raises(AnswerTooEarly):
            desk.answers.came("daraja-balance", token, desk.mpesa.body(question), came_at)
        desk.clock.advance(timedelta(seconds=wait))
    desk.answers.came("daraja-balance", token, desk.mpesa.body(question), came_at)
    assert desk.questions.told(DAY, (question.subject.shortcode,)) is None
