"""What M-Pesa charged for collecting, which it tells of no payment: by its accounts of charges."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from pynamodb.attributes import NumberAttribute

from shared.platform.observability import metric
from shared.platform.tables import Database, Put, Row, Table
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.reconciliation.books import item_of
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
_FIRST, _LAST = "0", "~"
_DAY = timedelta(days=1)


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

    def tell(self, day: date) -> None:
        """Add what was charged since the last time to M-Pesa's lines of ``day``. The report books
        it as a fee, as those that other gateways charge for nothing in particular."""
        told = self.questions.told(day, [self.statement.ours.shortcodes().paid_to])
        if told is None or told[0].day != day:
            return
        page = self.database.query(Table.CORE, _CHARGES, _FIRST, _LAST, newest_first=True, limit=1)
        last = page.first(ChargesRow)
        if last is not None and last.sk >= day.isoformat():
            # A later day's was told first, with what was charged on this one.
            return
        first = self.statement.ours.first(day)
        since = first if last is None else date.fromisoformat(last.sk) + _DAY
        # What was charged after the day's end is of the next one.
        later = self._known(day + _DAY, told[0].at.astimezone(UTC).date(), told[0].at)
        standing = told[0].charges_minor + later
        left = _left(last, standing, self._known(since, day))
        writes: list[Write] = []
        if 0 < left <= self._most(since, day):
            writes, left = self.lines.add(BOOK, _fee(day, left, told[0])), 0
        elif left > 0:
            metric("ChargesNotBelieved", gateway=BOOK.party.value)
        row = ChargesRow(pk=_CHARGES, sk=day.isoformat(), standing=standing, left=left)
        try:
            self.facts.commit([Put.new(_STANDING, row), *writes])
        except ConditionFailed:
            # Somebody else told it at this moment.
            return

    def _known(self, since: date, until: date, at: datetime | None = None) -> int:
        """What our books have of charges, until an instant. Where another shortcode pays out, its
        charges stand on its own accounts, and come with each payout."""
        ours, day, total = self.statement.ours, since, 0
        alone = ours.shortcodes().paid_to != ours.shortcodes().pays_out
        while day <= until:
            for line in ours.balances.lines(BOOK.account, BOOK.currency.asset, day):
                item = item_of(line)
                if item.category is not Category.FEE or item.reference.startswith(ALONE):
                    continue
                if (alone and "payout" in line.memo) or (at is not None and item.at > at):
                    continue
                total -= item.minor
            day += _DAY
        return total

    def _most(self, since: date, until: date) -> int:
        items = self.statement.items(BOOK.currency, since, until)
        came = sum(item.minor for item in items if item.category is Category.PAYMENT)
        return came * MOST_PERCENT // 100


def _left(last: ChargesRow | None, standing: int, known: int) -> int:
    before, left = (0, 0) if last is None else (int(last.standing), int(last.left))
    if standing > before:
        # M-Pesa took what was charged from another account: what was charged in between cannot
        # be seen here. The balance shows it, and a person records it.
        return left
    return left + before - standing - known


def _fee(day: date, minor: int, told: Told) -> Item:
    """At the moment that was told: it was charged before."""
    return Item(
        name=f"{told.shortcode}:charges:{day.isoformat()}",
        category=Category.FEE,
        reference=f"{ALONE}charges:{BOOK.party.value}:{day.isoformat()}",
        minor=-minor,
        at=told.at.astimezone(UTC),
        day=day,
    )
