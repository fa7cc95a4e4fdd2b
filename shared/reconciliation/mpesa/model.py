"""What M-Pesa is asked for the sake of a report, and what was answered. Pure.

An answer comes later, unsigned, to a path that was made for one question and one asking of it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from ulid import ULID

from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.kernel.states import Transitions, advance
from shared.reconciliation.model import Book, Category, Party

BOOK = Book(Party.MPESA, Currency.KES)
AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""So long an answer is waited for, by how often it was asked; the last one repeats."""
SILENT_AFTER = 4
"""Askings for one report after which a line has no answer."""
MOST_ASKINGS = 200
"""Of one question, ever. An asking is one byte of the path."""
CHARGES = "Charges Paid Account"
"""What M-Pesa charged and has not taken from another account yet: it stands below zero."""


class By(StrEnum):
    """What a question names."""

    BALANCES = "BALANCES"
    """A shortcode, of which all accounts are told."""
    RECEIPT = "RECEIPT"
    ORDER = "ORDER"
    """The name that M-Pesa gave an order of ours."""
    PUSH = "PUSH"
    """A prompt on a phone; answered at once."""


class State(StrEnum):
    """Where a question stands."""

    ASKED = "ASKED"
    DENIED = "DENIED"
    """M-Pesa does not have what we have. Asked again for the next report: it may be late."""
    TOLD = "TOLD"


TRANSITIONS: Transitions[State] = {
    State.ASKED: frozenset({State.ASKED, State.DENIED, State.TOLD}),
    State.DENIED: frozenset({State.ASKED, State.DENIED, State.TOLD}),
    State.TOLD: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked, and of which line of ours: ``name`` is that line's name."""

    name: str
    by: By
    value: str
    shortcode: str
    """Which of ours asks: the one whose money it is."""
    category: Category = Category.OTHER
    reference: str = ""
    minor: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``day`` is that of the newest report for which it was asked."""

    question_id: str
    subject: Subject
    day: date
    asked_at: datetime
    state: State = State.ASKED
    askings: int = 1
    """All of them; the last one is part of the path of its answer."""
    tries: int = 1
    """For the report of ``day``."""
    conversation: str | None = None
    """M-Pesa's name of the last asking, once it has acknowledged it."""
    version: int = 1

    def again(self, day: date, at: datetime) -> "Question":
        """Asked once more; IllegalTransition when it was answered."""
        return replace(
            self,
            state=advance(TRANSITIONS, self.state, State.ASKED),
            day=day,
            asked_at=at,
            askings=self.askings + 1,
            tries=self.tries + 1 if day == self.day else 1,
            conversation=None,
            version=self.version + 1,
        )

    def acknowledged(self, conversation: str) -> "Question":
        """M-Pesa has taken the question under this name."""
        return replace(self, conversation=conversation, version=self.version + 1)

    def answered(self, state: State) -> "Question":
        """It has its answer; IllegalTransition when it had one before."""
        return replace(
            self, state=advance(TRANSITIONS, self.state, state), version=self.version + 1
        )

    def open_for(self, day: date) -> bool:
        """Whether the report of ``day`` has to wait for its answer."""
        if self.state is State.TOLD or self.askings >= MOST_ASKINGS:
            return False
        if self.day < day:
            return True
        if self.subject.by is By.BALANCES:
            return True
        return self.tries < SILENT_AFTER and not (self.state is State.DENIED and self.tries > 1)

    def due(self, day: date, at: datetime) -> bool:
        """Whether it is to be asked, again or for the first time for the report of ``day``."""
        if not self.open_for(day):
            return False
        wait = AGAIN_AFTER[min(self.tries, len(AGAIN_AFTER)) - 1]
        # A new report asks anew; the answer to an asking of a moment ago may be under way.
        return self.day < day or at >= self.asked_at + wait


@dataclass(frozen=True, slots=True)
class Told:
    """What lay on all accounts of a shortcode at a moment, by M-Pesa's own time.

    ``day`` is that of the report for which it was asked.
    """

    day: date
    shortcode: str
    at: datetime
    accounts: tuple[tuple[str, int], ...]

    @property
    def minor(self) -> int:
        """On all accounts; charges that are not taken yet stand below zero."""
        return sum(minor for _, minor in self.accounts)

    @property
    def charges_minor(self) -> int:
        """What was charged and not taken yet; 0 or less."""
        return sum(minor for name, minor in self.accounts if name == CHARGES)


def question_id(cell: str, name: str) -> str:
    """The one identifier of a question, by what it is about: who asks again asks the same."""
    digest = hashlib.sha256(f"{BOOK.name}\x00{name}".encode()).digest()
    return f"{Kind.REPORT.value}_{cell}_{ULID.from_bytes(digest[:16])}"


def balances_asked(shortcode: str, day: date) -> Subject:
    """The question about the accounts of a shortcode for the report of a day."""
    name = f"{By.BALANCES}@{day.isoformat()}#{shortcode}"
    return Subject(name, By.BALANCES, shortcode, shortcode)
