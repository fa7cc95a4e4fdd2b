"""Moving settled money to the person's broker account, by a journal from the firm's account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.ledger.ports import Ledger
from shared.ledger.purses import PurseMove
from shared.payments import bookings, forwarding, seasoning
from shared.payments.events import DepositFundedV1
from shared.payments.model import Deposit, DepositStatus
from shared.payments.ports import (
    Breakers,
    CashJournal,
    Deposits,
    Exposures,
    FirmBroker,
    JournalRefused,
    JournalState,
    People,
)
from shared.payments.races import on_fresh_state
from shared.payments.reasons import Reason
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.work import LostRace, UnitOfWork, Write
from shared.strategies.goals import tag_of

BREAKER = "prefunding"
_SERVICE = "fund_deposit"


@dataclass(frozen=True, slots=True)
class Funding:
    """The use case behind every event and every check about the broker's cash.

    The intent (FUNDING) is recorded before the broker is asked, the journal's id as soon as it
    is known; whoever finds an intent without an id looks at the broker before asking again, and
    asks under the same idempotency key: a crash between any two lines moves money once.
    """

    deposits: Deposits
    ledger: Ledger
    facts: UnitOfWork
    broker: FirmBroker
    people: People
    breakers: Breakers
    exposures: Exposures
    cases: Cases
    checks: Checks
    clock: Clock
    limit_minor: int
    """Largest single amount (US cents) that is moved without a person's word."""
    cap_minor: int
    """US cents of one person that are forwarded while the payer's bank may take them back."""
    pause: Callable[[int], None] = full_jitter

    def settled(self, user_id: str, deposit_id: str) -> None:
        """A deposit was settled: begin, and start the chain of checks."""
        self.checked(user_id, deposit_id, -1)

    def account_opened(self, user_id: str) -> None:
        """The person can receive cash now: everything that waited for it moves."""
        for deposit in self.deposits.settled(user_id):
            self.checked(user_id, deposit.deposit_id, -1)

    def checked(self, user_id: str, deposit_id: str, attempt: int) -> None:
        """Move on as far as possible; schedule the next check while something is awaited."""
        awaited = self._advance(user_id, deposit_id)
        if awaited is not None and self.clock.now() < awaited:
            subject = {"user_id": user_id, "deposit_id": deposit_id}
            self.checks.schedule("funding", subject, attempt + 1)

    def journal_changed(self, journal_id: str) -> None:
        """The broker says that a journal changed: read it there, believe nothing else."""
        journal = self.broker.read(journal_id)
        if journal is None:
            metric("JournalOfNobody")
            return
        self._advance(journal.user_id, journal.deposit_id)

    def _advance(self, user_id: str, deposit_id: str) -> datetime | None:
        """None when nothing more is awaited, else the moment from which on the sweep asks."""

        def once() -> datetime | None:
            deposit = self.deposits.get(user_id, deposit_id)
            if deposit is None:
                return None
            continue_trace(deposit.trace)
            return deposit.due if self._step(deposit) else None

        return on_fresh_state(once, self.pause)

    def _step(self, deposit: Deposit) -> bool:
        """Whether another look is needed later."""
        if deposit.review:
            return False
        if deposit.status is DepositStatus.SETTLED:
            return self._begin(deposit)
        if deposit.status is not DepositStatus.FUNDING:
            return False
        if deposit.journal_id is None:
            return self._instruct(deposit, self.broker.find(deposit))
        journal = self.broker.read(deposit.journal_id)
        return True if journal is None else self._follow(deposit, journal)

    def _begin(self, deposit: Deposit) -> bool:
        if deposit.refunding_minor:
            return True  # on its way back to the payer; it goes on if that comes to nothing
        account_id = self.people.standing(deposit.user_id).broker_account_id
        if account_id is None:
            return False  # the event of the account's opening comes back to this deposit
        if self.breakers.is_open(BREAKER):
            return True
        if deposit.forwarded.minor > self.limit_minor and not deposit.released:
            if deposit.reason is not Reason.OVER_FUNDING_LIMIT:
                self._hold(deposit)
            return True
        intent = self._intend(deposit, account_id)
        if intent is None:
            return False  # the sweep wakes it when its time has come
        # After a refusal there is another key: an instruction under the older one, of which the
        # broker's answer was lost, must be found before money is asked for again.
        found = self.broker.find(intent) if intent.journal_attempt else None
        return self._instruct(intent, found)

    def _intend(self, deposit: Deposit, account_id: str) -> Deposit | None:
        """The recorded intent; None when it waits because too much of what was forwarded can
        still be disputed. Of two deposits of one person at once each sees the other."""
        now = self.clock.now()
        intent = forwarding.begun(deposit, account_id, now)
        seasoned_at = seasoning.seasoned_at(deposit)
        if seasoned_at is None or now >= seasoned_at:
            self._save(deposit, intent)
            return intent
        exposure = self.exposures.read(deposit.user_id)
        wakes_at = seasoning.waits_until(deposit, exposure, self.cap_minor, now)
        if wakes_at is not None:
            if deposit.reason is not Reason.SEASONING:
                metric("DepositSeasons")
            self._save(deposit, forwarding.held_back(deposit, Reason.SEASONING, wakes_at))
            return None
        counted = [one.deposit_id for one in exposure.at_risk(now)]
        ids = tuple(dict.fromkeys((*counted, deposit.deposit_id)))
        self.facts.commit([self.deposits.save(deposit, intent), self.exposures.keep(exposure, ids)])
        return intent

    def _hold(self, deposit: Deposit) -> None:
        """More than what is forwarded without a person's word."""
        held = forwarding.held_back(deposit, Reason.OVER_FUNDING_LIMIT)
        self.facts.commit([self.deposits.save(deposit, held), self._case(held)])
        _alert(held, Reason.OVER_FUNDING_LIMIT)

    def _case(self, deposit: Deposit) -> Write:
        facts = {
            "amount": str(deposit.forwarded),
            "attempt": str(deposit.journal_attempt),
            "reason": (deposit.reason or Reason.BROKER_REJECTED).value,
        }
        case = new_case(
            CaseKind.FUNDING_HELD,
            deposit.deposit_id,
            self.clock.now(),
            user_id=deposit.user_id,
            **facts,
        )
        return self.cases.open(case)

    def _instruct(self, deposit: Deposit, found: CashJournal | None) -> bool:
        try:
            journal = found or self.broker.journal(deposit)
        except JournalRefused:
            return self._reject(deposit)
        noted = forwarding.journaled(deposit, journal.journal_id)
        self._save(deposit, noted)
        return self._follow(noted, journal)

    def _follow(self, deposit: Deposit, journal: CashJournal) -> bool:
        match journal.state:
            case JournalState.WAITING:
                return True
            case JournalState.REJECTED:
                return self._reject(deposit)
            case JournalState.EXECUTED:
                self._book(deposit, journal)
                return False

    def _reject(self, deposit: Deposit) -> bool:
        after = forwarding.rejected(deposit, self.clock.now())
        writes = [self.deposits.save(deposit, after)]
        self.facts.commit([*writes, self._case(after)] if after.review else writes)
        _alert(after, Reason.BROKER_REJECTED)
        return not after.review

    def _book(self, deposit: Deposit, journal: CashJournal) -> None:
        if journal.amount != deposit.forwarded or journal.account_id != deposit.broker_account_id:
            held = deposit.held_for_review(Reason.AMOUNT_MISMATCH)
            self.facts.commit([self.deposits.save(deposit, held), self._case(held)])
            _alert(deposit, Reason.AMOUNT_MISMATCH)
            return
        current, wallet = self.deposits.with_wallet(deposit.user_id, deposit.deposit_id)
        if current is None or current.version != deposit.version:
            raise LostRace
        at, minor = self.clock.now(), deposit.forwarded.minor
        event = DepositFundedV1(
            user_id=deposit.user_id,
            deposit_id=deposit.deposit_id,
            currency=deposit.credited.currency.value,
            amount_minor=minor,
        )
        writes = [
            self.deposits.save(deposit, forwarding.arrived(deposit, at)),
            *self.ledger.post(
                wallet, bookings.funding(deposit, at), held=-minor, purses=_purses(deposit)
            ),
        ]
        self.facts.commit(writes, event)

    def _save(self, before: Deposit, after: Deposit) -> None:
        self.facts.commit([self.deposits.save(before, after)])


def _purses(deposit: Deposit) -> list[PurseMove]:
    """What is free now belongs to the goal for which it was paid in."""
    if not deposit.goal_id:
        return []
    return [PurseMove(tag_of(deposit.goal_id), deposit.forwarded.minor)]


def _alert(deposit: Deposit, reason: Reason) -> None:
    fields = {"deposit_id": deposit.deposit_id, "reason": reason.value}
    logger(_SERVICE).error("funding needs a person", extra=fields)
    metric("FundingNeedsReview", reason=reason.value)
