"""What M-Pesa said, as a statement: answers about our lines, and what lay on its accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.payments.errors import GatewayUnavailable
from shared.reconciliation.books import item_of
from shared.reconciliation.imported import ImportedLines
from shared.reconciliation.model import Category, Item
from shared.reconciliation.mpesa.lines import mirrored, shortcode_of
from shared.reconciliation.mpesa.lines_of_ours import LinesOfOurs
from shared.reconciliation.mpesa.model import BOOK, Question
from shared.reconciliation.mpesa.store import Questions

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MpesaStatement:
    """See Statements. A line that M-Pesa cannot be asked about, such as shillings from our bank,
    is taken as we have it: whether it is there its balance tells."""

    questions: Questions
    lines: ImportedLines
    ours: LinesOfOurs
    clock: Clock

    def items(self, currency: Currency, since: date, until: date) -> Sequence[Item]:
        """See Statements."""
        if currency is not BOOK.currency:
            return ()
        ours, found, day = self.ours.shortcodes(), list[Item](), since
        while day <= until:
            found += self.lines.of(BOOK, day)
            lines = self.ours.balances.lines(BOOK.account, BOOK.currency.asset, day)
            found += [item for line in lines if (item := mirrored(line, ours)) is not None]
            day += _DAY
        return found

    def closing(self, currency: Currency, day: date) -> int | None:
        """What lay on all accounts of all shortcodes, each at its own moment, less what moved
        between the end of ``day`` and then. Lines without an answer are taken as being there:
        they are open as lines already. GatewayUnavailable when nothing was told yet."""
        if currency is not BOOK.currency:
            return None
        told = self.questions.told(day, self.ours.shortcodes().all())
        if told is None:
            raise GatewayUnavailable()
        at = {one.shortcode: one.at for one in told}
        # A line may count for a later day than the one on which it happened.
        since = min(day + _DAY, *(one.astimezone(UTC).date() for one in at.values()))
        moved = self.items(currency, since, self._today())
        between = sum(_between(item, day, at) for item in moved)
        return sum(one.minor for one in told) - between - self._unanswered(day, at)

    def _unanswered(self, day: date, at: dict[str, datetime]) -> int:
        """The sum of our lines that M-Pesa has said nothing about, with what it charged."""
        silent = [one for one in self.ours.silent(day) if _silent(one, at)]
        days = [one.subject.at for one in silent if one.subject.at is not None]
        minor = sum(one.subject.minor for one in silent)
        sent = {one.subject.reference for one in silent if one.subject.category is Category.OUT}
        if not sent:
            return minor
        on = min(days).astimezone(UTC).date()
        while on <= self._today():
            for line in self.ours.balances.lines(BOOK.account, BOOK.currency.asset, on):
                item = item_of(line)
                if item.category is Category.FEE and item.reference in sent:
                    minor += item.minor
            on += _DAY
        return minor

    def _today(self) -> date:
        return self.clock.now().astimezone(UTC).date()


def _between(item: Item, day: date, at: dict[str, datetime]) -> int:
    """What an item adds to the balance told that is not of the days until ``day``."""
    there = item.at <= at[shortcode_of(item)]
    if item.day > day:
        return item.minor if there else 0
    return 0 if there else -item.minor


def _silent(question: Question, at: dict[str, datetime]) -> bool:
    subject = question.subject
    if subject.at is None or subject.shortcode not in at:
        return False
    return subject.at <= at[subject.shortcode]
