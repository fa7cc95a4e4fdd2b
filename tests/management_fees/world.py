"""A person with cash and shares, closing prices, and a broker that moves the firm's fees."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from shared.cases.model import CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.management_fees.charging import Charging
from shared.management_fees.model import Charge, charge_id_of
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import Terms, TermsTable
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Database, Put
from shared.platform.work import Write
from shared.portfolio.lots import Sale
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore, position_from, position_key
from shared.users.store import ProfileRow
from tests.management_fees.twins import CrashingFacts, FakeBroker, Prices

USD, SHARE = Currency.USD, 10**9
ACCOUNT = "11111111-1111-4111-8111-111111111111"
TERMS = TermsTable((Terms(1, date(2026, 1, 1), 25, 0),))
LAST = date(2026, 2, 28)
"""The end of the month before the clock's."""


@dataclass
class World:
    """The use case over one database, and all that it asked of others."""

    database: Database
    clock: FixedClock
    ids: SequentialIds
    terms: TermsTable = TERMS
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plain = Facts(self.database, self.clock, self.ids)
        self.facts = CrashingFacts(self.plain)
        self.ledger = LedgerStore(self.database)
        self.positions = PortfolioStore(self.database)
        self.fees = FeeStore(self.database)
        self.cases = CaseStore(self.database)
        self.broker, self.prices, self.queue = FakeBroker(), Prices(), MemoryQueue()
        self.day: date | None = self.clock.now().date()

    @property
    def charging(self) -> Charging:
        return Charging(
            fees=self.fees,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            broker=self.broker,
            selling=self,
            checks=Checks(self.queue),
            clock=self.clock,
            today=lambda: self.day,
            terms=self.terms,
            closes=self.prices,
            pause=lambda number: None,
        )

    def ask(self, user_id: str, cause_id: str, amount_minor: int) -> None:
        self.asked.append((user_id, cause_id, amount_minor))

    def person(self, *, account: str | None = ACCOUNT, since: date = date(2026, 1, 1)) -> str:
        """Somebody with empty wallets who signed up on this day."""
        self.ids._clock = FixedClock(datetime.combine(since, time(12), UTC))
        user_id = self.ids.new(Kind.USER)
        self.ids._clock = self.clock
        self.plain.commit(self.ledger.open(user_id))
        row = ProfileRow(
            pk=keys.user(user_id),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status="APPROVED",
            risk_score=3,
            broker_account_id=account,
            broker_status="ACTIVE",
            wrapped_key=b"k",
            personal=b"p",
            segment=segment_of(user_id),
        )
        self.database.write(Put("profile", row))
        return user_id

    def pay_in(self, user_id: str, minor: int, day: date) -> None:
        """Cash that is at the broker."""
        legs = (
            Posting(accounts.customers_cash_at_broker(), USD.asset, minor),
            Posting(accounts.customer_cash(user_id), USD.asset, -minor),
        )
        self._post(user_id, EntryKind.DEPOSIT_FUNDED, legs, minor, day)

    def buy(self, user_id: str, symbol: str, nanos: int, minor: int, day: date) -> None:
        """Shares for cash."""
        position = self._position(user_id, symbol)
        after = position.buy(self.ids.new(Kind.ORDER), day, nanos, minor)
        self._trade(user_id, EntryKind.BUY, after, nanos, -minor, day)

    def sell(self, user_id: str, symbol: str, nanos: int, minor: int, day: date) -> None:
        """Cash for shares, which settles on the next day."""
        after, _ = self._position(user_id, symbol).sell(Sale(day, nanos, minor))
        self._trade(user_id, EntryKind.SELL, after, -nanos, minor, day)

    def _position(self, user_id: str, symbol: str) -> Position:
        key = position_key(user_id, symbol)
        found = self.database.get_many([key])
        return position_from(found[key]) if key in found else Position(user_id, symbol)

    def _trade(
        self, user: str, kind: EntryKind, after: Position, nanos: int, minor: int, day: date
    ) -> None:
        asset = f"{after.symbol}/9"
        legs = (
            Posting(accounts.customer_cash(user), USD.asset, -minor),
            Posting(accounts.customers_cash_at_broker(), USD.asset, minor),
            Posting(accounts.shares_at_broker(), asset, nanos),
            Posting(accounts.customer_shares(user), asset, -nanos),
        )
        self._post(user, kind, legs, minor, day, self.positions.save(after))

    def _post(
        self,
        user: str,
        kind: EntryKind,
        legs: tuple[Posting, ...],
        minor: int,
        day: date,
        *also: Write,
    ) -> None:
        at = datetime.combine(day, time(17), UTC)
        draft = Draft(kind, self.ids.new(Kind.ORDER), at, legs)
        settling = {day + timedelta(days=1): minor} if kind is EntryKind.SELL else None
        wallet = self.wallet(user)
        posted = self.ledger.post(wallet, draft, posted=minor, settling=settling)
        self.plain.commit([*posted, *also])

    def wallet(self, user_id: str) -> Wallet:
        return self.ledger.wallet(user_id, USD)

    def charge(self, user_id: str, last: date = LAST) -> Charge:
        found, _ = self.fees.charge(user_id, charge_id_of(user_id, last))
        assert found is not None
        return found

    def charges(self, user_id: str) -> list[Charge]:
        """Newest first."""
        return list(self.fees.of_person(user_id, 50).charges)

    def kinds(self, user_id: str) -> list[str]:
        """Of the journal, oldest first; its chain is whole."""
        page = self.ledger.entries(user_id, USD, limit=200)
        ordered = list(reversed(page.entries))
        assert broken_link([one.entry for one in ordered], [one.hash for one in ordered]) is None
        return [one.entry.draft.kind.value for one in ordered]

    def balances(self, *users: str) -> dict[str, int]:
        """In dollars by account, zero ones left out; all sum to zero."""
        entries = [
            one.entry for user in users for one in self.ledger.entries(user, USD, limit=200).entries
        ]
        found = {name: sum_ for (name, asset), sum_ in fold(entries).items() if asset == USD.asset}
        assert sum(found.values()) == 0
        return {name: sum_ for name, sum_ in found.items() if sum_}

    def open_cases(self) -> list[MoneyCase]:
        return list(self.cases.listed(CaseStatus.OPEN))

    def checks(self) -> list[CheckMessage]:
        return [message for message, _ in self.queue.sent if isinstance(message, CheckMessage)]


def saver(world: World, minor: int = 1_000_000, day: date = date(2026, 1, 31)) -> str:
    """Somebody with ten thousand dollars since before February."""
    user = world.person()
    world.pay_in(user, minor, day)
    return user
