"""A gateway's settlement report reaches our books: its lines, and what it paid out by it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.clock import Clock
from shared.kernel.money import Money
from shared.ledger.house import book_once
from shared.ledger.ports import House
from shared.payments.methods import Gateway
from shared.payments.providers.adyen_report import (
    NotOurReport,
    ReportLine,
    ReportUnreadable,
    totals,
)
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.reconciliation.imported import NAME, ImportedLines
from shared.reconciliation.model import Book, Category, Item
from shared.treasury import bookings
from shared.treasury.movements import MovementKind, booking_key

type Items = Callable[[Sequence[ReportLine], date], Iterator[tuple[Book, Item]]]


@dataclass(frozen=True, slots=True)
class SettlementReports:
    """The use case behind the news that a report is there; the same report again is success."""

    fetch: Callable[[str], Sequence[ReportLine]]
    items: Items
    lines: ImportedLines
    house: House
    facts: UnitOfWork
    clock: Clock

    def take(self, address: str) -> int:
        """How many lines were new; 0 for an address or a file that is none of ours, or that lacks
        a part: nothing of it counts, and it rings. GatewayUnavailable when it cannot be had now."""
        try:
            listed = self.fetch(address)
        except (NotOurReport, ReportUnreadable):
            listed = []
        if not listed or totals(listed):
            metric("SettlementReportRefused", gateway=Gateway.ADYEN.value)
            return 0
        return sum(self._take(book, item) for book, item in self.items(listed, self.lines.today))

    def _take(self, book: Book, item: Item) -> bool:
        if self.lines.known(book, item.name):
            return False
        writes = self.lines.add(book, item)
        try:
            if item.category is not Category.PAYOUT or item.minor >= 0:
                self.facts.commit(writes)
                return True
            gateway = Gateway(book.party.value)
            draft = bookings.payout_sent(
                gateway,
                Money(-item.minor, book.currency),
                self.clock.now(),
                subject=item.reference,
                reference=item.reference,
            )
            kind = MovementKind.GATEWAY_PAYOUT_SENT
            key = booking_key(kind, gateway, book.currency, item.reference)
            if not book_once(self.house, self.facts, draft, key, also=writes):
                # A person had recorded it.
                self.facts.commit(writes)
        except ConditionFailed as failure:
            if NAME not in failure.found:
                raise
            return False
        return True
