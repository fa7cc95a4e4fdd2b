"""M-Pesa's answers: hints without a signature, each to the path of one asking of one question.

Whoever learns such a path can answer one question once, before M-Pesa does. So an answer about
accounts has to bear the name under which M-Pesa took the question as well, which no path shows;
an answer about a transaction only says what is on M-Pesa's side of a report, and its balance would
still differ. Neither moves money of a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.kernel.clock import Clock
from shared.payments.callbacks import VENDORS, Purpose, named_by
from shared.payments.providers.daraja_status import REVERSED, Transaction, transaction_of
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.reconciliation.imported import NAME, ImportedLines
from shared.reconciliation.model import Category
from shared.reconciliation.mpesa.lines import Found, found_by, pushed, reversals
from shared.reconciliation.mpesa.model import BOOK, By, Question, State, Told
from shared.reconciliation.mpesa.ports import AccountsTold, PushAnswer
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.ports import Reports
from shared.treasury.ports import Balances

BALANCES, STATUS, TIMEOUT = (
    VENDORS[purpose] for purpose in (Purpose.BALANCE, Purpose.STATUS, Purpose.TIMEOUT)
)
ANSWERS = frozenset({BALANCES, STATUS, TIMEOUT})
"""Names in the paths."""
EARLY = timedelta(seconds=30)
"""So long after it was asked a question's answer may come before M-Pesa's acknowledgement is on
record: longer than asking takes, and over before the answer would be a dead letter."""
AHEAD, BEHIND = timedelta(minutes=5), timedelta(days=1)
"""How far M-Pesa's own time of a balance may be from when it came."""
_DAY = timedelta(days=1)


class AnswerTooEarly(Exception):
    """The question's acknowledgement is not on record yet: again in a moment."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The use case behind each of them. A duplicate is success, a stranger changes nothing."""

    questions: Questions
    lines: ImportedLines
    balances: Balances
    reports: Reports
    facts: UnitOfWork
    clock: Clock
    cell: str
    read: Callable[[bytes], AccountsTold | None]

    def came(self, vendor: str, token: str, body: bytes, at: datetime) -> None:
        """A message that came at an instant, to a path that was verified."""
        if vendor == TIMEOUT:
            # The next step asks again, when its time has come: nobody can hurry it.
            metric("InquiryTimedOut")
            return
        purpose = Purpose.BALANCE if vendor == BALANCES else Purpose.STATUS
        named = named_by(self.cell, token, purpose)
        question = self.questions.get(named.subject_id)
        if question is None or (question.subject.by is By.BALANCES) is not (vendor == BALANCES):
            metric("AnswerToNobody", gateway=BOOK.party.value)
            return
        if question.state is State.TOLD:
            return
        if vendor == STATUS:
            self.transaction(question, transaction_of(body))
        elif named.attempt == question.askings:
            self._accounts(question, body, at)
        else:
            metric("AnswerToEarlierAsking", gateway=BOOK.party.value)

    def _accounts(self, question: Question, body: bytes, at: datetime) -> None:
        told = self.read(body)
        if told is None or told.at is None or not at - BEHIND <= told.at <= at + AHEAD:
            metric("AnswerNotUsable", gateway=BOOK.party.value)
            return
        if question.conversation is None and self.clock.now() - question.asked_at < EARLY:
            raise AnswerTooEarly
        if question.conversation is None or told.conversation != question.conversation:
            metric("AnswerToAnotherQuestion", gateway=BOOK.party.value)
            return
        balance = Told(question.day, question.subject.shortcode, told.at, tuple(told.accounts))
        after = question.answered(State.TOLD)
        try:
            self.facts.commit([self.questions.save(question, after), self.questions.tell(balance)])
        except ConditionFailed:
            self._lost(question)

    def transaction(self, question: Question, told: Transaction | None) -> None:
        """What M-Pesa says about the transaction that a question names; None when it says that it
        has none."""
        found = found_by(
            question.subject, told, self._day(question), reversed_by_us=self._ours(question, told)
        )
        if found is not None:
            self._keep(question, found)

    def push(self, question: Question, answer: PushAnswer) -> None:
        """What M-Pesa says about a push."""
        if answer is PushAnswer.PAID:
            self._keep(question, Found((pushed(question.subject, self._day(question)),)))
        elif answer is PushAnswer.NOT_PAID:
            self._keep(question, Found(()))

    def _keep(self, question: Question, found: Found) -> None:
        if not found.items and question.state is State.DENIED:
            return
        after = question.answered(State.TOLD if found.items else State.DENIED)
        # Of two lines of ours about one transaction only one gets what M-Pesa has.
        new = [one for one in found.items if not self.lines.known(BOOK, one.name)]
        added = [write for item in new for write in self.lines.add(BOOK, item)]
        try:
            self.facts.commit([self.questions.save(question, after), *added])
        except ConditionFailed as failure:
            if NAME in failure.found:
                # The other line's answer came at this moment: again, and without it.
                raise
            self._lost(question)

    def _lost(self, question: Question) -> None:
        """Somebody else wrote at this moment: the same answer again is success, and a question
        that was asked again has another answer coming."""
        metric("AnswerLostRace", gateway=BOOK.party.value)
        now = self.questions.get(question.question_id)
        if now is not None and now.state is not State.TOLD and now.askings == question.askings:
            raise AnswerTooEarly

    def _day(self, question: Question) -> date:
        """The day that an answer counts for: that of the line, or the first one whose report has
        not been made."""
        at, last = question.subject.at, self.reports.before(BOOK, date.max)
        day = question.day if at is None else at.astimezone(UTC).date()
        return day if last is None else max(day, last.day + _DAY)

    def _ours(self, question: Question, told: Transaction | None) -> bool:
        """Whether our books have the reversal of a payment; asked only where it matters."""
        at, subject = question.subject.at, question.subject
        if told is None or told.state != REVERSED or at is None:
            return False
        if subject.category is not Category.PAYMENT or told.receipt is None:
            return False
        day, today = at.astimezone(UTC).date(), self.clock.now().astimezone(UTC).date()
        while day <= today:
            if told.receipt in reversals(
                self.balances.lines(BOOK.account, BOOK.currency.asset, day)
            ):
                return True
            day += _DAY
        return False
