"""Rows of questions, and of what lay on M-Pesa's accounts. Nothing is ever deleted."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.platform.tables import Database, InstantAttribute, Key, Put, Row, Table
from shared.platform.work import Write
from shared.reconciliation.model import Category
from shared.reconciliation.mpesa.model import BOOK, By, Question, State, Subject, Told

QUESTION, BALANCE = "question", "balance"
"""Names of the writes."""
_ASKED = f"STATEMENT#{BOOK.name}#ASKED"
_TOLD = f"STATEMENT#{BOOK.name}#BALANCES"
_LAST = "~"
_BATCH = 100


class QuestionRow(Row):
    """One question."""

    KIND: ClassVar[str] = "statement_question"

    name = UnicodeAttribute()
    by = UnicodeAttribute()
    value = UnicodeAttribute()
    shortcode = UnicodeAttribute()
    category = UnicodeAttribute()
    reference = UnicodeAttribute()
    minor = NumberAttribute()
    at = InstantAttribute(null=True)
    day = UnicodeAttribute()
    asked_at = InstantAttribute()
    state = UnicodeAttribute()
    askings = NumberAttribute()
    tries = NumberAttribute()
    conversation = UnicodeAttribute(null=True)
    version = NumberAttribute()


class ToldRow(Row):
    """What lay on the accounts of a shortcode, for the report of a day. Never changed."""

    KIND: ClassVar[str] = "statement_balances"

    at = InstantAttribute()
    accounts = UnicodeAttribute()


class Questions:
    """Where they are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, question_id: str) -> Question | None:
        """One of them, answered or not."""
        return self.found([question_id]).get(question_id)

    def found(self, ids: Iterable[str]) -> dict[str, Question]:
        """Those of them that were ever asked."""
        found: dict[str, Question] = {}
        wanted = [Key(Table.CORE, _partition(one), one) for one in ids]
        for start in range(0, len(wanted), _BATCH):
            items = self._database.get_many(wanted[start : start + _BATCH])
            for item in items.values():
                found[item.sk] = _question_of(item.to(QuestionRow))
        return found

    def create(self, question: Question) -> None:
        """Remember a question that is asked for the first time. ConditionFailed when somebody
        else asks it at this moment."""
        self._database.write(Put.new(QUESTION, _row_of(question)))

    def save(self, before: Question, after: Question) -> Write:
        """The write ``question``, under the condition that nobody changed it since."""
        return Put(QUESTION, _row_of(after), QuestionRow.version == before.version)

    def tell(self, told: Told) -> Write:
        """The write ``balance``; it must be the first for its shortcode and day."""
        accounts = json.dumps(told.accounts, separators=(",", ":"))
        sk = f"{told.day.isoformat()}#{told.shortcode}"
        return Put.new(BALANCE, ToldRow(pk=_TOLD, sk=sk, at=told.at, accounts=accounts))

    def told(self, day: date, shortcodes: Iterable[str]) -> Sequence[Told] | None:
        """What was told of all these shortcodes for the report of ``day``, or else of the first
        day after it; None when nothing was."""
        wanted = frozenset(shortcodes)
        after = None
        by_day: dict[date, dict[str, Told]] = {}
        while True:
            page = self._database.query(
                Table.CORE, _TOLD, day.isoformat(), _LAST, limit=20, after=after
            )
            for row in page.rows(ToldRow):
                one = _told_of(row)
                same = by_day.setdefault(one.day, {})
                same[one.shortcode] = one
                if wanted <= same.keys():
                    return [same[name] for name in sorted(wanted)]
            after = page.after
            if after is None:
                return None


def _partition(question_id: str) -> str:
    # Names are hashes: their ends spread them.
    return f"{_ASKED}#{question_id[-1]}"


def _row_of(question: Question) -> QuestionRow:
    subject = question.subject
    return QuestionRow(
        pk=_partition(question.question_id),
        sk=question.question_id,
        name=subject.name,
        by=subject.by.value,
        value=subject.value,
        shortcode=subject.shortcode,
        category=subject.category.value,
        reference=subject.reference or "-",
        minor=subject.minor,
        at=subject.at,
        day=question.day.isoformat(),
        asked_at=question.asked_at,
        state=question.state.value,
        askings=question.askings,
        tries=question.tries,
        conversation=question.conversation,
        version=question.version,
    )


def _question_of(row: QuestionRow) -> Question:
    return Question(
        question_id=row.sk,
        subject=Subject(
            name=row.name,
            by=By(row.by),
            value=row.value,
            shortcode=row.shortcode,
            category=Category(row.category),
            reference="" if row.reference == "-" else row.reference,
            minor=int(row.minor),
            at=row.at,
        ),
        day=date.fromisoformat(row.day),
        asked_at=row.asked_at,
        state=State(row.state),
        askings=int(row.askings),
        tries=int(row.tries),
        conversation=row.conversation,
        version=int(row.version),
    )


def _told_of(row: ToldRow) -> Told:
    day, _, shortcode = row.sk.partition("#")
    accounts = tuple((str(name), int(minor)) for name, minor in json.loads(row.accounts))
    return Told(date.fromisoformat(day), shortcode, row.at, accounts)
