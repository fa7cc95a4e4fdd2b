"""A bank's statement reaches our books: payouts that arrived, and money that nobody expected."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import bank, money_in_transit, suspense
from shared.ledger.house import book_once
from shared.ledger.model import Draft, EntryKind, Posting
from shared.ledger.ports import House
from shared.payments.methods import Gateway
from shared.payments.suspended import SuspendedPayments
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.reconciliation.bank import (
    BYTES_MAX,
    BankEntry,
    BankStatement,
    Refusal,
    StatementRefused,
)
from shared.reconciliation.imported import NAME, ImportedLines
from shared.reconciliation.model import Book, Category, Item, Party
from shared.treasury import bookings
from shared.treasury.movements import MovementKind, booking_key
from shared.treasury.ports import Balances

LOOKED_BACK_DAYS = 45
"""So long a payout may be on its way to the bank."""
_WORDS = re.compile(r"[A-Za-z0-9_]{4,80}", re.ASCII)
PAYING_OUT = tuple(gateway for gateway in Gateway if gateway is not Gateway.BANK)
_RECORDED = (
    (MovementKind.CAPITAL_PAID_IN, None),
    (MovementKind.PREFUNDED, None),
    (MovementKind.FX_CONVERTED, None),
    *((MovementKind.GATEWAY_PAYOUT_ARRIVED, gateway) for gateway in PAYING_OUT),
)
"""What people may have recorded already by the bank's own name of it."""


@dataclass(frozen=True, slots=True)
class Transit:
    """A payout that has not arrived."""

    gateway: Gateway
    currency: Currency
    reference: str
    minor: int


@dataclass(frozen=True, slots=True)
class Importing:
    """The use case behind each file. What is there already is success, so that statements may
    overlap; ``accounts`` is the firm's own account by currency, ``read`` knows the formats."""

    lines: ImportedLines
    balances: Balances
    house: House
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    accounts: Mapping[Currency, str]
    read: Callable[[bytes], BankStatement]
    suspended: SuspendedPayments
    ids: Ids

    def take(self, content: bytes) -> int | None:
        """How many entries of a file were new. None for one that is no statement of ours: it is a
        case, and nothing of it counts."""
        try:
            statement = self._read(content)
        except StatementRefused as refused:
            subject = f"BANK_STATEMENT:{hashlib.sha256(content).hexdigest()}"
            case = new_case(
                CaseKind.RECONCILIATION_BREAK,
                subject,
                self.clock.now(),
                reason=refused.refusal.value,
            )
            self.facts.commit([self.cases.open(case)])
            metric("BankStatementRefused", reason=refused.refusal.value)
            return None
        book = Book(Party.BANK, statement.currency)
        news = list(self._news(book, statement.entries))
        # First: a file that is taken again after a crash may bring nothing new any more.
        self.lines.close(book, statement.closing_minor, statement.closing_day, news=bool(news))
        # Many reads, the same for all entries of a file.
        transits = list(self._transits(book)) if any(one.minor > 0 for one in news) else []
        return sum(self._take(book, entry, transits) for entry in news)

    def _news(self, book: Book, entries: Sequence[BankEntry]) -> Iterator[BankEntry]:
        """Those that no file told of, by names of their own. A bank may use a reference again: an
        entry of another amount than the one of that name is another one."""
        here: dict[str, int] = {}
        for entry in entries:
            for name in (entry.reference, f"{entry.reference}/m{entry.minor}"):
                moved = here[name] if name in here else self.lines.moved(book, name)
                if moved is None:
                    here[name] = entry.minor
                    yield replace(entry, reference=name)
                if moved in (None, entry.minor):
                    break

    def _read(self, content: bytes) -> BankStatement:
        if len(content) > BYTES_MAX:
            raise StatementRefused(Refusal.TOO_LARGE)
        statement = self.read(content)
        if statement.currency not in self.accounts:
            raise StatementRefused(Refusal.OTHER_CURRENCY)
        if _plain(statement.account) != _plain(self.accounts[statement.currency]):
            raise StatementRefused(Refusal.OTHER_ACCOUNT)
        return statement

    def _take(self, book: Book, entry: BankEntry, transits: Sequence[Transit]) -> bool:
        """The line and what it means for the books are one fact."""
        draft, key, reference, also = self._meaning(book, entry, transits)
        item = Item(
            name=entry.reference,
            category=Category.BANK,
            reference=reference,
            minor=entry.minor,
            at=datetime.combine(entry.day, time(), UTC),
            day=self.lines.today,
        )
        writes = [*self.lines.add(book, item), *also]
        try:
            if draft is None:
                self.facts.commit(writes)
            elif not book_once(self.house, self.facts, draft, key, also=writes):
                # Somebody booked it a moment ago, without the line.
                self.facts.commit(writes)
        except ConditionFailed as failure:
            if NAME not in failure.found or self.lines.moved(book, item.name) != item.minor:
                raise
            return False
        return True

    def _meaning(
        self, book: Book, entry: BankEntry, transits: Sequence[Transit]
    ) -> tuple[Draft | None, str, str, list[Write]]:
        """The entry to book, its key, the name by which our books know it, and a case."""
        recorded = any(
            self.house.posted(booking_key(kind, gateway, book.currency, entry.reference))
            for kind, gateway in _RECORDED
        )
        if recorded or entry.minor <= 0:
            # What leaves is recorded by people; until then it is a break.
            return None, "", entry.reference, []
        amount, at = Money(entry.minor, book.currency), self.clock.now()
        payout = self._payout(entry, transits)
        if payout is not None:
            draft = bookings.payout_arrived(
                payout.gateway, amount, at, subject=entry.reference, reference=payout.reference
            )
            kind = MovementKind.GATEWAY_PAYOUT_ARRIVED
            key = booking_key(kind, payout.gateway, book.currency, payout.reference)
            return draft, key, payout.reference, []
        metric("UnmatchedMoney", gateway=Party.BANK.value)
        draft = _unexpected(amount, at, entry.reference)
        key = f"{EntryKind.SUSPENSE_RECEIVED.value}:{book.name}:{entry.reference}"
        return draft, key, entry.reference, self._unexpected(book, entry, amount, at)

    def _unexpected(self, book: Book, entry: BankEntry, amount: Money, at: datetime) -> list[Write]:
        """People find out whose it is: on their list, by the name that the case tells."""
        payment = f"{book.currency.value}:{entry.reference}"
        case = new_case(
            CaseKind.UNMATCHED_MONEY,
            f"{book.name}:{entry.reference}",
            at,
            gateway=Gateway.BANK.value,
            payment=payment,
            paid=str(amount),
            line=entry.reference,
        )
        subject = self.ids.new(Kind.MOVEMENT)
        return [
            self.suspended.take_from_bank(payment, subject, amount, at),
            self.cases.open(case),
        ]

    def _payout(self, entry: BankEntry, transits: Sequence[Transit]) -> Transit | None:
        """The payout that an entry is: the one that it names, or the only one of this amount of
        the gateway that it names."""
        words = {word.lower() for text in entry.texts for word in _WORDS.findall(text)}
        fitting = [
            one
            for one in transits
            # The balances are a moment behind: an entry of this very file may be booked.
            if one.minor == entry.minor and not self._arrived(one)
        ]
        named = [one for one in fitting if one.reference.lower() in words]
        by = [one for one in fitting if any(one.gateway.value.lower() in word for word in words)]
        return next((each[0] for each in (named, by) if len(each) == 1), None)

    def _transits(self, book: Book) -> Iterator[Transit]:
        today = self.lines.today
        for gateway in PAYING_OUT:
            sums: dict[str, int] = {}
            account = money_in_transit(gateway.value, book.currency)
            for ago in range(LOOKED_BACK_DAYS):
                day = today - timedelta(days=ago)
                for line in self.balances.lines(account, book.currency.asset, day):
                    reference = line.memo.get("reference", line.reference)
                    sums[reference] = sums.get(reference, 0) + line.amount
            for reference, minor in sums.items():
                if minor > 0:
                    yield Transit(gateway, book.currency, reference, minor)

    def _arrived(self, one: Transit) -> bool:
        kind = MovementKind.GATEWAY_PAYOUT_ARRIVED
        return self.house.posted(booking_key(kind, one.gateway, one.currency, one.reference))


def _unexpected(amount: Money, at: datetime, reference: str) -> Draft:
    """Money on the bank's statement whose owner is not known: Dr bank, Cr suspense."""
    asset = amount.currency.asset
    legs = (
        Posting(bank(amount.currency), asset, amount.minor),
        Posting(suspense(), asset, -amount.minor),
    )
    return Draft(EntryKind.SUSPENSE_RECEIVED, reference, at, legs, {"reference": reference})


def _plain(account: str) -> str:
    return "".join(each for each in account if each.isalnum()).upper()
