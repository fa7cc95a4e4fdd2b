"""What M-Pesa charged for collecting, which it tells of no payment: by its accounts of charges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import ClassVar

from pynamodb.attributes import NumberAttribute

from shared.platform.observability import metric
from shared.platform.tables import Database, Put, Row, Table
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.reconciliation.fees import ALONE
from shared.reconciliation.imported import ImportedLines
from shared.reconciliation.model import Category, Item
from shared.reconciliation.mpesa.model import BOOK, Told
from shared.reconciliation.mpesa.statement import MpesaStatement
from shared.reconciliation.mpesa.store import Questions

MOST_PERCENT = 5
"""Of what came in since the last report: more than that is no charge but a difference, which a
person looks at. No tariff comes near, and nobody signs what a balance says."""
_CHARGES = f"STATEMENT#{BOOK.name}#CHARGES"
_STANDING = "charges"
_FIRST = "0"


class ChargesRow(Row):
    """What stood on the accounts of charges at the end of a day. Never changed."""

    KIND: ClassVar[str] = "statement_charges"

    standing = NumberAttribute()
    left = NumberAttribute()
    """Charged beyond what is known of single payments, and not told as a fee; below zero when
    more is known than was charged."""


@dataclass(frozen=True, slots=True)
class Charges:
    """The use case: once for a day."""

    database: Database
    questions: Questions
    lines: ImportedLines
    statement: MpesaStatement
    facts: UnitOfWork

    def tell(self, day: date, shortcodes: Sequence[str], first_day: date) -> None:
        """Add what was charged since the last time to M-Pesa's lines of ``day``. The report books
        it as a fee, as those that other gateways charge for nothing in particular."""
        told = self.questions.told(day, shortcodes)
        if told is None or any(one.day != day for one in told):
            return
        page = self.database.query(
            Table.CORE, _CHARGES, _FIRST, day.isoformat(), newest_first=True, limit=1
        )
        last = page.first(ChargesRow)
        if last is not None and last.sk == day.isoformat():
            return
        since = first_day if last is None else date.fromisoformat(last.sk) + timedelta(days=1)
        items = self.statement.items(BOOK.currency, since, day)
        standing = self.statement.charges(day, told)
        left = self._left(last, standing, items)
        writes: list[Write] = []
        if 0 < left <= _most(items):
            writes, left = self.lines.add(BOOK, _fee(day, left, told)), 0
        elif left > 0:
            metric("ChargesNotBelieved", gateway=BOOK.party.value)
        row = ChargesRow(pk=_CHARGES, sk=day.isoformat(), standing=standing, left=left)
        try:
            self.facts.commit([Put.new(_STANDING, row), *writes])
        except ConditionFailed:
            # Somebody else told it at this moment.
            return

    @staticmethod
    def _left(last: ChargesRow | None, standing: int, items: Sequence[Item]) -> int:
        before, left = (0, 0) if last is None else (int(last.standing), int(last.left))
        if standing > before:
            # M-Pesa took what was charged from another account: what was charged in between
            # cannot be seen here. The balance shows it, and a person records it.
            return left
        known = -sum(
            item.minor
            for item in items
            if item.category is Category.FEE and not item.reference.startswith(ALONE)
        )
        return left + before - standing - known


def _most(items: Sequence[Item]) -> int:
    came = sum(item.minor for item in items if item.category is Category.PAYMENT)
    return came * MOST_PERCENT // 100


def _fee(day: date, minor: int, told: Sequence[Told]) -> Item:
    """At the first moment that was told: it was charged before."""
    first = min(told, key=lambda one: one.at)
    return Item(
        name=f"{first.shortcode}:charges:{day.isoformat()}",
        category=Category.FEE,
        reference=f"{ALONE}charges:{BOOK.party.value}:{day.isoformat()}",
        minor=-minor,
        at=first.at.astimezone(UTC),
        day=day,
    )
