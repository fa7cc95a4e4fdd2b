"""A desk of reconciliation: books filled by entries, a statement filled by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from shared.cases.model import CaseKind, CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.house import HouseJournal
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.fees import Fees
from shared.reconciliation.model import Book, Category, Item, Party
from shared.reconciliation.ports import Statements
from shared.reconciliation.service import Reconciling
from shared.reconciliation.store import ReportStore
from shared.treasury.recording import HouseRecorder

DAY = date(2026, 3, 2)
USD = Currency.USD
BOOK = Book(Party.STRIPE, USD)
ONE = timedelta(days=1)


def at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def theirs(
    name: str,
    category: Category,
    reference: str,
    minor: int,
    day: date = DAY,
    *,
    told: date | None = None,
) -> Item:
    return Item(name, category, reference, minor, at(day), told or day)


@dataclass
class Statement:
    """What a gateway says; ``stated`` by day."""

    listed: list[Item] = field(default_factory=list)
    stated: dict[date, int] = field(default_factory=dict)
    asked: list[tuple[Currency, date, date]] = field(default_factory=list)

    def items(self, currency: Currency, since: date, until: date) -> Sequence[Item]:
        self.asked.append((currency, since, until))
        return [one for one in self.listed if since <= one.day <= until]

    def closing(self, currency: Currency, day: date) -> int | None:
        return self.stated.get(day)


class Archive:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, place: str, content: bytes) -> None:
        self.kept[place] = content

    def read(self, place: str) -> bytes | None:
        return self.kept.get(place)


class Signer:
    def sign(self, digest: bytes) -> str:
        return f"signed {digest.hex()[:8]}"

    def verified(self, digest: bytes, signature: str) -> bool:
        return signature == self.sign(digest)


class Desk:
    def __init__(self, database: Database, book: Book = BOOK) -> None:
        self.book, self.database = book, database
        self.clock = FixedClock(at(DAY + 30 * ONE))
        self.balances = HouseRecorder(database, self.clock)
        self.statement = Statement()
        self.archive = Archive()
        self.reports = ReportStore(database)
        self.cases = CaseStore(database)
        self.house = HouseJournal(database, "t1")
        self.ids = SequentialIds("t1", self.clock)
        facts = Facts(database, self.clock, self.ids)
        self.reconciling = Reconciling(
            balances=self.balances,
            statements={book.party: self.statement},
            reports=self.reports,
            archive=self.archive,
            signer=Signer(),
            breaks=Breaks(self.cases, facts, self.clock),
            fees=Fees(self.house, facts, self.clock),
            facts=facts,
            clock=self.clock,
            ids=self.ids,
        )
        self.facts = facts
        self._seq = 0

    def over(self, statements: Mapping[Party, Statements]) -> "Desk":
        """The same with other statements and the clock as it is now."""
        self.reconciling = replace(self.reconciling, statements=statements, clock=self.clock)
        return self

    def ours(
        self,
        minor: int,
        day: date = DAY,
        kind: str = "DEPOSIT_SETTLED",
        reference: str = "dep_1",
        **memo: str,
    ) -> None:
        """An entry of ours reaches the balances."""
        self._seq += 1
        account, asset = self.book.account, self.book.currency.asset
        self.balances.record(
            EntryPostedV1(
                owner_id="usr_t1_A",
                chain="USD",
                seq=self._seq,
                kind=kind,
                reference=reference,
                at=at(day),
                legs=(
                    Leg(account=account, asset=asset, amount=minor),
                    Leg(account="customers:cash", asset=asset, amount=-minor),
                ),
                memo=memo,
            )
        )

    def project(self) -> None:
        """What the house has booked reaches the balances too."""
        for currency in Currency:
            for stored in self.house.entries(currency).entries:
                entry = stored.entry
                self.balances.record(
                    EntryPostedV1(
                        owner_id=entry.user_id,
                        chain=entry.currency.value,
                        seq=entry.seq,
                        kind=entry.draft.kind.value,
                        reference=entry.draft.reference,
                        at=entry.draft.at,
                        legs=tuple(
                            Leg(account=leg.account, asset=leg.asset, amount=leg.amount)
                            for leg in entry.draft.postings
                        ),
                        memo=dict(entry.draft.memo),
                    )
                )

    def open_cases(self) -> list[MoneyCase]:
        kind = CaseKind.RECONCILIATION_BREAK
        return list(self.cases.listed(CaseStatus.OPEN, kind=kind))
