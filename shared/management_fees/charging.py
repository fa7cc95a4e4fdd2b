"""Charging a management fee: what is due becomes a charge, its cash is held, and leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.investing.at_broker import ALPACA, broker_of
from shared.kernel.clock import Clock, to_text
from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind, Wallet
from shared.ledger.ports import Ledger
from shared.management_fees.bookings import charged
from shared.management_fees.due import accrued_in, charge_of, due
from shared.management_fees.events import FeeChargedV1
from shared.management_fees.model import CHECKED_AGAIN, MAX_REFUSALS, Charge, ChargeStatus
from shared.management_fees.ports import Books, FeeBroker, FeeJournal, Fees, Selling
from shared.management_fees.terms import TermsTable
from shared.management_fees.worths import Closes
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState
from shared.payments.races import on_fresh_state
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import UnitOfWork, Write

CHECK = "fee"
UNANSWERED = timedelta(days=1)
"""A broker that has not said for so long what became of a fee: somebody looks."""


@dataclass(frozen=True, slots=True)
class Charging:
    """The use case behind the month's walk, every check and every completed order.

    The charge is made together with how far the person's days are accrued, so that no day counts
    twice; its cash is held before the broker is asked, under a key of the charge: a crash between
    any two lines moves it once.
    """

    fees: Fees
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    broker: FeeBroker
    selling: Selling
    checks: Checks
    clock: Clock
    today: Callable[[], date | None]
    """The business day; None while the market's clock is not known."""
    terms: TermsTable
    closes: Closes
    pause: Callable[[int], None]

    def month(self, user_id: str, last: date) -> Charge | None:
        """Charge the days until ``last``, the end of a month; a repetition finds nothing left.

        None for who was charged before, and for less than a cent.
        """
        return self._accrue(user_id, last, closing=False)

    def completed(self, user_id: str) -> Charge | None:
        """Orders of a person have ended: what they sold may pay for a fee; and who has sold
        everything is charged now for the days until yesterday."""
        newest = self.fees.newest(user_id)
        if newest is not None and newest.status is ChargeStatus.DUE:
            self.checked(user_id, newest.charge_id, 0)
        today = self.today()
        if today is None:
            return None
        yesterday = today - timedelta(days=1)
        books = self.fees.books(user_id, yesterday)
        sold = any(draft.kind is EntryKind.SELL for draft in books.moved)
        if not sold or any(books.held.nanos.values()):
            return None
        return self._accrue(user_id, yesterday, closing=True)

    def checked(self, user_id: str, charge_id: str, attempt: int) -> Charge | None:
        """Move a charge on as far as possible; the next check follows while the broker is at it.
        None when there is no such charge."""
        charge = None
        try:
            charge = on_fresh_state(lambda: self._look(user_id, charge_id), self.pause)
        except GatewayUnavailable:
            charge, _ = self.fees.charge(user_id, charge_id)
        if charge is None or charge.status is not ChargeStatus.COLLECTING:
            return charge
        if self.clock.now() >= charge.updated_at + UNANSWERED and not charge.given_up:
            # Once: what is found again with the same facts changes nothing about a case.
            since = to_text(charge.updated_at)
            self.facts.commit([self._case(CaseKind.PAYOUT_FAILED, charge, unanswered_since=since)])
        if self.clock.now() < charge.updated_at + CHECKED_AGAIN:
            subject = {"user_id": user_id, "charge_id": charge_id}
            self.checks.schedule(CHECK, subject, attempt)
        return charge

    def _accrue(self, user_id: str, last: date, *, closing: bool) -> Charge | None:
        made = on_fresh_state(lambda: self._once(user_id, last, closing=closing), self.pause)
        return None if made is None else self.checked(user_id, made.charge_id, 0)

    def _once(self, user_id: str, last: date, *, closing: bool) -> Charge | None:
        books = self.fees.books(user_id, last)
        found = due(books, last, self.terms, self.closes)
        if found is None:
            return self._unfinished(books, last)
        if not found.all_units:
            return None  # nothing was held: the same days come to the same again
        at = self.clock.now()
        charge = charge_of(found, user_id, self.terms, at, closing=closing)
        if charge is None and closing:
            return None
        after = accrued_in(books.account, found, charge)
        writes = [self.fees.keep(books.account, after)]
        if charge is not None:
            if found.carried is not None:
                gone = found.carried.moved(ChargeStatus.CARRIED, at)
                writes.append(self.fees.save(found.carried, gone))
            held = self._held(charge, books.wallet, books.account_id)
            writes += held or [self.fees.save(None, charge)]
            metric("FeeDueMinor", charge.amount_minor)
        if found.days.unpriced_days:
            metric("FeeDaysUnpriced", found.days.unpriced_days)
        self.facts.commit(writes)
        return charge

    def _unfinished(self, books: Books, last: date) -> Charge | None:
        """The charge of an earlier call that died before it was looked at."""
        newest = books.newest
        return newest if newest is not None and newest.last == last and not newest.final else None

    def _held(
        self, charge: Charge, wallet: Wallet, account_id: str | None, *, new: bool = True
    ) -> list[Write]:
        """The writes that hold its cash; none while that is not there, or may not be touched."""
        today = self.today()
        if today is None or account_id is None or broker_of(account_id) != ALPACA:
            return []
        if wallet.owed or charge.given_up or wallet.settled(today) < charge.amount_minor:
            return []
        now = self.clock.now()
        after = charge.moved(ChargeStatus.COLLECTING, now, account_id=account_id)
        return [
            self.fees.save(None if new else charge, after),
            self.ledger.reserve(wallet, charge.amount_minor, orders=0, on=today),
        ]

    def _look(self, user_id: str, charge_id: str) -> Charge | None:
        charge, wallet = self.fees.charge(user_id, charge_id)
        if charge is None or charge.final:
            return charge
        if charge.status is ChargeStatus.COLLECTING:
            return charge if charge.given_up else self._collect(charge, wallet)
        return self._wait(charge)

    def _wait(self, charge: Charge) -> Charge:
        """Due: hold its cash, or let something be sold for it."""
        books = self.fees.books(charge.user_id, charge.last)
        writes = self._held(charge, books.wallet, books.account_id, new=False)
        if writes:
            self.facts.commit(writes)
            held, wallet = self.fees.charge(charge.user_id, charge.charge_id)
            if held is None or held.status is not ChargeStatus.COLLECTING:
                return charge
            return self._collect(held, wallet)
        now = self.clock.now()
        # Where it could not be collected anyway, nobody's shares are sold for it.
        taken = books.account_id is not None and broker_of(books.account_id) == ALPACA
        if taken and any(books.held.nanos.values()) and not charge.given_up:
            self.selling.ask(charge.user_id, charge.cause_id(now), charge.amount_minor)
        after = charge.noted(now)
        self.facts.commit([self.fees.save(charge, after)])
        return after

    def _collect(self, charge: Charge, wallet: Wallet) -> Charge:
        try:
            if charge.journal_id is not None:
                found = self.broker.read(charge.journal_id)
                return charge if found is None else self._follow(charge, wallet, found)
            # A process that died may have asked: its journal is found before another is made.
            journal = self.broker.find(charge) or self.broker.journal(charge)
        except JournalRefused:
            return self._refused(charge, wallet)
        noted = charge.noted(charge.updated_at, journal_id=journal.journal_id)
        self.facts.commit([self.fees.save(charge, noted)])
        known, wallet = self.fees.charge(charge.user_id, charge.charge_id)
        return noted if known is None else self._follow(known, wallet, journal)

    def _follow(self, charge: Charge, wallet: Wallet, journal: FeeJournal) -> Charge:
        match journal.state:
            case JournalState.WAITING:
                return charge
            case JournalState.REJECTED:
                return self._refused(charge, wallet)
            case JournalState.EXECUTED:
                return self._book(charge, wallet, journal)

    def _refused(self, charge: Charge, wallet: Wallet) -> Charge:
        """The cash is free again; another time it is asked for under another key."""
        now, refusals = self.clock.now(), charge.refusals + 1
        after = charge.moved(ChargeStatus.DUE, now, journal_id=None, refusals=refusals)
        writes = [
            self.fees.save(charge, after),
            self.ledger.release(wallet, charge.amount_minor, orders=0),
        ]
        if after.given_up:
            writes.append(self._case(CaseKind.PAYOUT_FAILED, charge, refused=str(refusals)))
        self.facts.commit(writes)
        metric("FeeRefused")
        return after

    def _book(self, charge: Charge, wallet: Wallet, journal: FeeJournal) -> Charge:
        amount = Money(charge.amount_minor, Currency.USD)
        if (journal.amount, journal.account_id) != (amount, charge.account_id):
            # Its cash stays held: somebody has to look.
            moved = {"journal": journal.journal_id, "moved": str(journal.amount)}
            stopped = charge.noted(self.clock.now(), refusals=MAX_REFUSALS)
            case = self._case(CaseKind.AMOUNT_MISMATCH, charge, **moved)
            self.facts.commit([self.fees.save(charge, stopped), case])
            return stopped
        now, minor = self.clock.now(), charge.amount_minor
        after = charge.moved(ChargeStatus.CHARGED, now, charged_at=now)
        told = FeeChargedV1(
            user_id=charge.user_id,
            charge_id=charge.charge_id,
            amount_minor=minor,
            first=charge.first.isoformat(),
            last=charge.last.isoformat(),
            closing=charge.closing,
        )
        draft = charged(charge, now)
        posted = self.ledger.post(wallet, draft, posted=-minor, held=-minor, fees=minor)
        self.facts.commit([self.fees.save(charge, after), *posted], told)
        metric("FeeChargedMinor", minor)
        return after

    def _case(self, kind: CaseKind, charge: Charge, **facts: str) -> Write:
        now = self.clock.now()
        return self.cases.open(
            new_case(kind, charge.charge_id, now, user_id=charge.user_id, **facts)
        )
