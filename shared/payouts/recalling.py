"""Bringing the cash of payouts from people's broker accounts to the firm's, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.cases.model import CaseKind
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.ledger.model import Wallet, settled_by
from shared.ledger.ports import Ledger
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState, People
from shared.payments.races import on_fresh_state
from shared.payouts import bookings, telling
from shared.payouts.holding import given_back
from shared.payouts.model import MAX_RECALLS, SWEPT_AFTER, Payout, PayoutStatus, Purpose
from shared.payouts.patience import settles_at
from shared.payouts.ports import Payouts, RecallBroker, RecallJournal
from shared.payouts.reasons import PayoutReason
from shared.payouts.returning import recalled_again, stopped
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import UnitOfWork

CHECK = "recall"
SOON = timedelta(minutes=15)
"""A payout that cools off no longer than this is waited for by checks, else by the sweep."""
_SERVICE = "recall_cash"


@dataclass(frozen=True, slots=True)
class Recalling:
    """The use case behind every event and every check about the broker's part of a payout.

    The intent (RECALLING, RETURNING) is recorded before the broker is asked, the journal's id as
    soon as it is known; whoever finds an intent without an id looks at the broker before asking,
    and asks under the same key: a crash between any two lines moves the cash once each way.
    """

    payouts: Payouts
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    broker: RecallBroker
    people: People
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def requested(self, user_id: str, payout_id: str) -> None:
        """The broker's part begins: and with it the chain of checks."""
        self.checked(user_id, payout_id, -1)

    def checked(self, user_id: str, payout_id: str, attempt: int) -> None:
        """Move on as far as possible; schedule the next check while something is awaited. A
        broker that is down does not end the chain."""
        try:
            payout = self._advance(user_id, payout_id)
        except GatewayUnavailable:
            payout = self.payouts.get(user_id, payout_id)
        if payout is None or payout.gateway_next or payout.due is None:
            return
        if payout.status is PayoutStatus.RAISING:
            return  # somebody else's part comes first
        if self.clock.now() < self._chain_until(payout):
            subject = {"user_id": payout.user_id, "payout_id": payout.payout_id}
            self.checks.schedule(CHECK, subject, attempt + 1)

    def journal_changed(self, journal_id: str) -> None:
        """The broker says that a journal changed: read it there, believe nothing else."""
        journal = self.broker.read(journal_id)
        if journal is None:
            metric("JournalOfNoPayout")
            return
        self._advance(journal.user_id, journal.payout_id)

    def _chain_until(self, payout: Payout) -> datetime:
        if payout.status is PayoutStatus.COOLING and payout.not_before is not None:
            short = payout.not_before - payout.entered_at <= SOON
            return payout.not_before + SWEPT_AFTER if short else payout.entered_at
        return payout.chain_ends_at

    def _advance(self, user_id: str, payout_id: str) -> Payout | None:
        """The payout as it is then; None when there is none."""

        def once() -> Payout | None:
            payout, wallet = self.payouts.with_wallet(user_id, payout_id)
            if payout is None:
                metric("UnknownPayout")
                return None
            continue_trace(payout.trace)
            return payout if payout.review else self._step(payout, wallet)

        return on_fresh_state(once, self.pause)

    def _step(self, payout: Payout, wallet: Wallet) -> Payout:
        match payout.status:
            case PayoutStatus.COOLING if payout.not_before is not None:
                if self.clock.now() < payout.not_before:
                    return payout
                ready = payout.moved(PayoutStatus.READY, self.clock.now(), reason=None)
                return self._begin(self._save(payout, ready), wallet)
            case PayoutStatus.READY if payout.at_broker:
                return self._begin(payout, wallet)
            case PayoutStatus.RECALLING | PayoutStatus.RETURNING:
                if payout.journal_id is None:
                    return self._resume(payout, wallet)
                journal = self.broker.read(payout.journal_id)
                return payout if journal is None else self._follow(payout, wallet, journal)
        return payout

    def _begin(self, payout: Payout, wallet: Wallet) -> Payout:
        if stopped(payout, wallet):
            return self._wait(payout)
        standing = self.people.standing(payout.user_id)
        may_leave = standing.identity_approved or payout.purpose is not Purpose.WITHDRAWAL
        if not (may_leave or payout.paid_after_all):
            return self._wait(payout)  # staff stopped the person since
        later = self._settles(payout, wallet)
        if later is not None:
            waits = payout.look_at == later
            return payout if waits else self._save(payout, payout.noted(look_at=later))
        account_id = payout.broker_account_id or standing.broker_account_id
        if account_id is None:
            return self._refused(payout)  # the broker has closed or blocked the account
        intent = payout.moved(
            PayoutStatus.RECALLING, self.clock.now(), broker_account_id=account_id, reason=None
        )
        self._save(payout, intent)
        # After a refusal there is another key: an instruction under the older one, of which the
        # broker's answer was lost, must be found before money is asked for again.
        found = self.broker.find(intent) if intent.recalls else None
        return self._instruct(intent, wallet, found)

    def _settles(self, payout: Payout, wallet: Wallet) -> datetime | None:
        """When the broker can let go of what the firm claims: our books may take what sales have
        brought before it has settled. None when it can now."""
        today = settled_by(self.clock.now())
        if payout.purpose is not Purpose.CLAIM or wallet.settled(today) >= 0:
            return None
        return settles_at(min(day for day in wallet.settling if day > today))

    def _resume(self, payout: Payout, wallet: Wallet) -> Payout:
        if payout.broker_account_id is None:
            # What the firm gives back may come from money that never was at the broker.
            account_id = self.people.standing(payout.user_id).broker_account_id
            if account_id is None:
                return self._refused(payout)
            payout = self._save(payout, payout.noted(broker_account_id=account_id))
        return self._instruct(payout, wallet, self.broker.find(payout))

    def _wait(self, payout: Payout) -> Payout:
        if payout.reason is PayoutReason.UNDER_REVIEW:
            return payout
        metric("PayoutBlocked", rail=payout.rail.value)
        return self._save(payout, payout.noted(reason=PayoutReason.UNDER_REVIEW))

    def _instruct(self, payout: Payout, wallet: Wallet, found: RecallJournal | None) -> Payout:
        try:
            journal = found or self.broker.journal(payout)
        except JournalRefused:
            return self._refused(payout)
        noted = self._save(payout, payout.noted(journal_id=journal.journal_id))
        return self._follow(noted, wallet, journal)

    def _follow(self, payout: Payout, wallet: Wallet, journal: RecallJournal) -> Payout:
        match journal.state:
            case JournalState.WAITING:
                return payout
            case JournalState.REJECTED:
                return self._refused(payout)
            case JournalState.EXECUTED:
                return self._book(payout, wallet, journal)

    def _refused(self, payout: Payout) -> Payout:
        """Another instruction later, under another key; after many a person looks."""
        now, recalls = self.clock.now(), payout.recalls + 1
        changes = {"journal_id": None, "recalls": recalls, "review": recalls >= MAX_RECALLS}
        if payout.status is PayoutStatus.RECALLING:
            reason = PayoutReason.BROKER_REJECTED
            after = payout.moved(PayoutStatus.READY, now, **changes, reason=reason)
        else:
            after = payout.noted(**changes, look_at=now + SWEPT_AFTER)
        writes = [self.payouts.save(payout, after)]
        if after.review:
            case = telling.case(CaseKind.PAYOUT_FAILED, after, self.clock, refused=str(recalls))
            writes.append(self.cases.open(case))
        self.facts.commit(writes)
        telling.alert(_SERVICE, after, CaseKind.PAYOUT_FAILED)
        return after

    def _book(self, payout: Payout, wallet: Wallet, journal: RecallJournal) -> Payout:
        same = (
            journal.amount == payout.debited
            and journal.account_id == payout.broker_account_id
            and journal.leg == payout.leg
        )
        if not same:
            return self._hold(payout, journal)
        at = self.clock.now()
        if payout.status is PayoutStatus.RECALLING:
            after = payout.moved(PayoutStatus.RECALLED, at, recalled_at=at, reason=None)
            draft = bookings.recalled(payout, at)
            if payout.purpose is Purpose.CLAIM:
                after = after.moved(PayoutStatus.PAID, at, paid_at=at)
                claimed = [self.payouts.save(payout, after), *self.ledger.post(wallet, draft)]
                self.facts.commit(claimed)
                return after
            writes = [self.payouts.save(payout, after), *self.ledger.post(wallet, draft)]
            self.facts.commit(writes, telling.recalled(after))
            return after
        return self._book_return(payout, wallet)

    def _book_return(self, payout: Payout, wallet: Wallet) -> Payout:
        """The cash is the person's at the broker again, so the hold ends. Of a withdrawal that
        turned out to be paid meanwhile it does not: the cash is fetched once more. A refund ends
        first, because its deposit was told that nothing went back."""
        at, draft = self.clock.now(), bookings.given_back(payout, self.clock.now())
        if payout.paid_after_all and payout.purpose is Purpose.WITHDRAWAL:
            after = recalled_again(payout, at)
            self.facts.commit([self.payouts.save(payout, after), *self.ledger.post(wallet, draft)])
            return after
        after = payout.moved(payout.ending or PayoutStatus.FAILED, at)
        note = "It was not paid, and the money is back."
        writes = [
            self.payouts.save(payout, after),
            *self.ledger.post(wallet, draft, held=-payout.debited.minor, purses=given_back(payout)),
            *telling.known_again(self.cases, payout, at, by=_SERVICE, note=note),
        ]
        self.facts.commit(writes, *([telling.requested(after)] if after.contradicted else []))
        return after

    def _hold(self, payout: Payout, journal: RecallJournal) -> Payout:
        after = payout.held_for_review(PayoutReason.AMOUNT_MISMATCH)
        facts = {"journal": journal.journal_id, "moved": str(journal.amount)}
        case = telling.case(CaseKind.AMOUNT_MISMATCH, after, self.clock, **facts)
        self.facts.commit([self.payouts.save(payout, after), self.cases.open(case)])
        telling.alert(_SERVICE, after, CaseKind.AMOUNT_MISMATCH)
        return after

    def _save(self, before: Payout, after: Payout) -> Payout:
        self.facts.commit([self.payouts.save(before, after)])
        return after
