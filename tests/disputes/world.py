"""One person's wallet, deposits and disputes, and what their books say."""

from datetime import UTC, datetime
from decimal import Decimal

from shared.cases.model import CaseKind, CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.disputes.claims import Claims
from shared.disputes.model import Dispute, DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.receivables import Collecting
from shared.disputes.recording import Recording
from shared.disputes.service import Disputing
from shared.disputes.store import DisputeStore
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, FxRate, Money
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet, balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.payments import bookings, forwarding
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Gateway, Method
from shared.payments.model import Deposit, DepositStatus
from shared.payments.quoting import FxQuote
from shared.payments.store import DepositStore
from shared.payouts import bookings as payouts
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.store import PayoutStore
from shared.platform.outbox import Facts
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.tables import Database, as_changes
from shared.platform.work import Write
from shared.refunds.store import RefundStore
from tests.disputes.twins import CrashingFacts, Desk

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD = Currency.USD
HUNDRED_DOLLARS = Money(10_000, USD)
S = DepositStatus
REQUESTED, STOPPED = "payouts.payout_requested", "payouts.payout_stopped"


class World:
    """One person's wallet, deposits and disputes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        self.ids = SequentialIds("t1", self.clock)
        self.user_id = self.ids.new(Kind.USER)
        self.facts = CrashingFacts(Facts(database, self.clock, self.ids))
        self.deposits, self.ledger = DepositStore(database), LedgerStore(database)
        self.cases, self.disputes = CaseStore(database), DisputeStore(database)
        self.desk, self.queue = Desk(), MemoryQueue()
        self.payouts = PayoutStore(database)
        claims = Claims(self.payouts, self.ids)
        self.recording = Recording(
            disputes=self.disputes,
            deposits=self.deposits,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            clock=self.clock,
            claims=claims,
            refunds=RefundStore(database),
            pause=lambda _: None,
        )
        desks = {Gateway.STRIPE: self.desk}
        self.disputing = Disputing(self.recording, desks, Checks(self.queue))
        self.collecting = Collecting(
            self.disputes, self.ledger, self.facts, self.clock, claims, pause=lambda _: None
        )
        self.commit(*self.ledger.open(self.user_id))

    def commit(self, *writes: Write) -> None:
        """Without events, as if another context had done it."""
        self.database.transact(as_changes(writes))

    def deposit(
        self,
        status: DepositStatus = S.FUNDED,
        amount: Money = HUNDRED_DOLLARS,
        payment: str = "pi_1",
        method: Method = Method.CARD,
        rate: str | None = None,
    ) -> Deposit:
        """A deposit that came so far, with its entries."""
        at = self.clock.now()
        quote = None
        if rate is not None:
            quote = FxQuote(FxRate(amount.currency, USD, Decimal(rate), "test", at), 0, at)
        made = new_deposit(
            user_id=self.user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=GATEWAYS[method][0],
            method=method,
            amount=amount,
            quote=quote,
        )
        settled = made.settled(at, payment=payment)
        draft = bookings.settlement(settled, at, payment=payment, fee_minor=None)
        minor = settled.credited.minor
        self.commit(
            self.deposits.create(settled),
            *self.deposits.claim_payment(settled, payment),
            *self.ledger.post(self.wallet(), draft, posted=minor, held=minor),
        )
        return settled if status is S.SETTLED else self.forward(settled, status)

    def forward(self, deposit: Deposit, until: DepositStatus = S.FUNDED) -> Deposit:
        """As funding does."""
        deposit = self.now(deposit)
        at = self.clock.now()
        if deposit.status is S.SETTLED:
            funding = forwarding.begun(deposit, "account", at)
            self.commit(self.deposits.save(deposit, funding))
            deposit = funding
        if until is S.FUNDED and deposit.status is S.FUNDING:
            funded = forwarding.arrived(deposit, at)
            draft = bookings.funding(deposit, at)
            self.commit(
                self.deposits.save(deposit, funded),
                *self.ledger.post(self.wallet(), draft, held=-deposit.forwarded.minor),
            )
            deposit = funded
        return deposit

    def invest(self, minor: int) -> None:
        """Cash becomes shares, as a fill does."""
        draft = Draft(
            EntryKind.BUY,
            "order",
            self.clock.now(),
            (
                Posting(accounts.customer_cash(self.user_id), USD.asset, minor),
                Posting(accounts.customers_cash_at_broker(), USD.asset, -minor),
            ),
        )
        self.commit(*self.ledger.post(self.wallet(), draft, posted=-minor))

    def sell(self, minor: int) -> None:
        """Shares become cash."""
        draft = Draft(
            EntryKind.SELL,
            "order",
            self.clock.now(),
            (
                Posting(accounts.customer_cash(self.user_id), USD.asset, -minor),
                Posting(accounts.customers_cash_at_broker(), USD.asset, minor),
            ),
        )
        self.commit(*self.ledger.post(self.wallet(), draft, posted=minor))

    def reading(
        self,
        status: DisputeStatus = DisputeStatus.OPEN,
        amount: Money = HUNDRED_DOLLARS,
        reference: str = "dp_1",
        payment: str = "pi_1",
        taken: bool = True,
        **more: object,
    ) -> Reading:
        """What the gateway says."""
        given = {"gateway": Gateway.STRIPE, "fee_minor": 0} | more
        return Reading(
            reference=reference,
            payment=payment,
            amount=amount,
            status=status,
            taken=taken,
            **given,
        )

    def tell(self, reading: Reading) -> None:
        """A message about a dispute, which is then read."""
        self.desk.readings[reading.reference] = reading
        self.disputing.signalled(Gateway.STRIPE, reading.reference)

    def now(self, deposit: Deposit) -> Deposit:
        found = self.deposits.get(self.user_id, deposit.deposit_id)
        assert found is not None
        return found

    def dispute(self, deposit: Deposit) -> Dispute:
        (found,) = self.disputes.of_deposit(self.user_id, deposit.deposit_id)
        return found

    def wallet(self) -> Wallet:
        return self.ledger.wallet(self.user_id, USD)

    def purse(self) -> tuple[int, int, int, int]:
        """Posted, held, blocks, owed."""
        wallet = self.wallet()
        return (wallet.posted, wallet.held, wallet.blocks, wallet.owed)

    def claimed(self) -> list[int]:
        """What the firm fetches from the person's account at the broker, oldest first."""
        claims = [one for one in self._claims() if one.leg == 0]
        requested = [one for one in self.facts.published if one.type == REQUESTED]
        assert {one.payout_id for one in claims} == {one.payout_id for one in requested}
        return [one.debited.minor for one in reversed(claims)]

    def given_back(self) -> list[int]:
        """What the firm brings to the person's account at the broker, oldest first."""
        back = [one for one in self._claims() if one.leg == 1]
        stopped = [one for one in self.facts.published if one.type == STOPPED]
        assert {one.payout_id for one in back} == {one.payout_id for one in stopped}
        return [one.debited.minor for one in reversed(back)]

    def _claims(self) -> list[Payout]:
        return list(self.payouts.page(self.user_id, limit=200, purpose=Purpose.CLAIM)[0])

    def fetch(self) -> None:
        """The broker moves all that is claimed or given back, as the payouts would have it."""
        at = self.clock.now()
        for back in [one for one in self._claims() if one.status is PayoutStatus.RETURNING]:
            draft = payouts.given_back(back, at)
            self.commit(
                self.payouts.save(back, back.moved(PayoutStatus.RETURNED, at)),
                *self.ledger.post(self.wallet(), draft, held=-back.debited.minor),
            )
        for claim in [one for one in self._claims() if one.status is PayoutStatus.READY]:
            moved = claim.moved(PayoutStatus.RECALLING, at).moved(PayoutStatus.RECALLED, at)
            self.commit(
                self.payouts.save(claim, moved.moved(PayoutStatus.PAID, at)),
                *self.ledger.post(self.wallet(), payouts.recalled(claim, at)),
            )

    def last(self, kind: str) -> Event:
        """The newest event of a kind."""
        return [one for one in self.facts.published if one.detail_type() == kind][-1]

    def events(self) -> list[str]:
        """What others hear, but for claims."""
        told = [one for one in self.facts.published if one.type not in (REQUESTED, STOPPED)]
        return [one.detail_type() for one in told]

    def open_cases(self) -> list[MoneyCase]:
        return list(self.cases.listed(CaseStatus.OPEN))

    def case_kinds(self) -> list[CaseKind]:
        return [one.kind for one in self.open_cases()]

    def books(self) -> dict[str, int]:
        """All accounts that are not empty, by name without the person's id; every entry balances,
        the chain is whole, and the person's accounts are what the wallet says."""
        page = self.ledger.entries(self.user_id, USD, limit=1000)
        stored = list(reversed(page.entries))
        for one in stored:
            assert set(balances(one.entry.draft.postings).values()) == {0}
        assert broken_link([s.entry for s in stored], [s.hash for s in stored]) is None
        found = fold(one.entry for one in stored)
        wallet = self.wallet()
        assert found.get((accounts.customer_cash(self.user_id), USD.asset), 0) == -wallet.posted
        assert found.get((accounts.receivable(self.user_id), USD.asset), 0) == wallet.owed
        named = {}
        for (account, asset), amount in found.items():
            if amount:
                currency = asset.partition("/")[0]
                short = account.replace(f"customer:{self.user_id}:", "").removeprefix("house:")
                named[short if currency in short else f"{short}:{currency}"] = amount
        return named
