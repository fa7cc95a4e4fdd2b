"""Asking M-Pesa for all that a report needs, step by step, until it can be made."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from shared.kernel.clock import Clock, to_text
from shared.payments.errors import GatewayUnavailable
from shared.platform.observability import logger, metric
from shared.platform.queues import CHECK_DELAYS_SECONDS, Queue
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.reconciliation.daily import message
from shared.reconciliation.mpesa.answers import Answers
from shared.reconciliation.mpesa.charges import Charges
from shared.reconciliation.mpesa.lines_of_ours import LinesOfOurs
from shared.reconciliation.mpesa.model import (
    BOOK,
    By,
    Question,
    Subject,
    balances_asked,
    question_id,
)
from shared.reconciliation.mpesa.ports import Inquiry
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.ports import StoredReport
from shared.reconciliation.service import Reconciling

PER_STEP = 50
"""Questions of one step, and two seconds until the next one: no more than 25 a second."""
REFUSED_MOST = 3
"""So many in a row that are not taken, and the rest waits for the next step."""
STEPS = 8
"""Of one chain, which is about fifty minutes: the hourly tick begins another one."""
_SOON = CHECK_DELAYS_SECONDS[0]
_SERVICE = "reconcile_gateways"

type Later = Callable[[bool, bool], None]
"""Looks again: soon when there is more to ask, else after a longer while each time, which begins
anew when something was asked for the first time."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The use case behind the messages of M-Pesa's book."""

    reconciling: Reconciling
    questions: Questions
    lines: LinesOfOurs
    answers: Answers
    charges: Charges
    inquiry: Inquiry
    queue: Queue
    facts: UnitOfWork
    clock: Clock
    cell: str

    def step(
        self, day: date, attempt: int = 0, as_of: datetime | None = None
    ) -> StoredReport | None:
        """The report of a day, when everything is known that it needs; otherwise what is not
        known is asked, and a later step looks again. ``as_of`` stands in for now where it is
        asked whether the day is over. Raises DayNotOver."""
        self.reconciling.check_over(day, as_of)
        ours = self.lines.shortcodes()
        subjects = [balances_asked(shortcode, day) for shortcode in ours.all()]
        later = partial(self._later, day, attempt, as_of)
        if self._ask(subjects, day, later):
            return None
        # Only now: what has moved until the balances were told is among these lines.
        if self._ask(self.lines.subjects(day), day, later):
            return None
        self.charges.tell(day)
        return self.reconciling.run(BOOK, day, as_of)

    def _ask(self, subjects: Iterable[Subject], day: date, later: Later) -> bool:
        """Ask what is due; whether the report has to wait for an answer."""
        by_id = {question_id(self.cell, one.name): one for one in subjects}
        known, now = self.questions.found(by_id), self.clock.now()
        open_ = [name for name in by_id if name not in known or known[name].open_for(day)]
        due = [name for name in open_ if name not in known or known[name].due(day, now)]
        taken = self._ask_some({name: by_id[name] for name in due[:PER_STEP]}, known, day)
        # Some are answered at once.
        after = self.questions.found(open_)
        waiting = any(name not in after or after[name].open_for(day) for name in open_)
        if waiting:
            fresh = any(name not in known or known[name].day < day for name in due)
            later(taken and len(due) > PER_STEP, taken and fresh)
        return waiting

    def _ask_some(
        self, subjects: Mapping[str, Subject], known: Mapping[str, Question], day: date
    ) -> bool:
        """Whether M-Pesa takes questions: when it does not, the rest waits."""
        refused = 0
        for name, subject in subjects.items():
            question = self._remember(name, subject, known.get(name), day)
            if question is None:
                continue
            try:
                self._send(question)
                refused = 0
            except GatewayUnavailable:
                metric("InquiryNotTaken")
                refused += 1
            if refused >= REFUSED_MOST:
                return False
        return True

    def _remember(
        self, name: str, subject: Subject, before: Question | None, day: date
    ) -> Question | None:
        """On record before it is sent, so that its answer finds it; None when somebody else asks
        at this moment."""
        now = self.clock.now()
        try:
            if before is None:
                question = Question(name, subject, day, now)
                self.questions.create(question)
            else:
                question = before.again(day, now)
                self.facts.commit([self.questions.save(before, question)])
        except ConditionFailed:
            return None
        return question

    def _send(self, question: Question) -> None:
        if question.subject.by is By.PUSH:
            self.answers.push(question, self.inquiry.push(question))
        elif question.subject.by is By.BALANCES:
            name = self.inquiry.balances(question)
            if name is not None:
                self._acknowledged(question, name)
        else:
            self.inquiry.transaction(question)

    def _acknowledged(self, question: Question, name: str) -> None:
        try:
            self.facts.commit([self.questions.save(question, question.acknowledged(name))])
        except ConditionFailed:
            # Asked again by somebody else: that asking's answer counts.
            metric("InquiryLostRace")

    def _later(
        self, day: date, attempt: int, as_of: datetime | None, more: bool, fresh: bool
    ) -> None:
        again = message(BOOK, day, None if as_of is None else to_text(as_of))
        # What was asked for the first time has its answer soon, whatever was waited for before.
        attempt = 0 if fresh else attempt
        if more:
            self.queue.send(replace(again, attempt=attempt), _SOON)
        elif attempt < STEPS:
            delay = CHECK_DELAYS_SECONDS[min(attempt, len(CHECK_DELAYS_SECONDS) - 1)]
            self.queue.send(replace(again, attempt=attempt + 1), delay)
        else:
            logger(_SERVICE).error("no answers for a report", extra={"book": BOOK.name})
            metric("InquiryUnanswered", gateway=BOOK.party.value)
