"""Moves cash between the firm and its customers, once for each idempotency key."""

from collections.abc import Coroutine
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from sandbox.alpaca.accounts import Account, AccountStatus
from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.journal import TRANSITIONS, Journal, JournalStatus
from sandbox.alpaca.journal_bodies import CreateJournal, Transmitter
from sandbox.alpaca.problems import forbidden, invalid, not_found
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import decimal_text, same_id

REJECTED_FIXTURE = "/fixtures/status=rejected/fixtures/"
PENDING_FIXTURE = "/fixtures/status=pending/fixtures/"


class JournalDesk:
    """queued, then pending if it is over a limit, then sent to clearing and executed."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.sandbox.clock.on_move(self.wake)

    def create(self, wanted: CreateJournal) -> Journal:
        """Queues a journal.

        Raises:
            Problem: an account is unknown or may not take part; nothing was changed.
        """
        source, target = self._party(wanted.from_account), self._party(wanted.to_account)
        if (source is self._state.firm) == (target is self._state.firm):
            raise invalid("cash journals go from the firm account to a customer or back")
        if wanted.amount > self._available(source) and source is not self._state.firm:
            raise forbidden("the amount requested to move is not available")
        transmitter = wanted.model_dump(include=set(Transmitter.model_fields), exclude_none=True)
        journal = Journal(
            id=str(uuid4()),
            from_account=source.id,
            to_account=target.id,
            amount=wanted.amount,
            description=wanted.description,
            created_at=self._state.now(),
            transmitter=transmitter,
        )
        over_limit = self._over_limit(wanted.amount)
        self._state.journals[journal.id] = journal
        self._announce(journal, "")
        if REJECTED_FIXTURE in journal.description:
            self._later(self._reject(journal))
        elif PENDING_FIXTURE in journal.description:
            self._later(self._hold(journal, None))
        elif over_limit:
            self._later(self._hold(journal, self._end_of_day()))
        else:
            self._later(self._clear(journal))
        return journal

    def find(self, journal_id: str) -> Journal:
        """The journal.

        Raises:
            Problem: there is none.
        """
        journal = self._state.journals.get(same_id(journal_id))
        if journal is None:
            raise not_found("journal")
        return journal

    def cancel(self, journal: Journal) -> None:
        """Takes a journal back that has not gone to clearing.

        Raises:
            Problem: it is too late.
        """
        if JournalStatus.CANCELED not in TRANSITIONS[journal.status]:
            raise invalid(f"journal is not cancelable: it is {journal.status.value}")
        self._move(journal, JournalStatus.CANCELED)

    def wake(self) -> None:
        """Lets pending journals through whose day is over."""
        now = self._state.now()
        for journal in tuple(self._state.journals.values()):
            due = journal.due is not None and journal.due <= now
            if journal.status is JournalStatus.PENDING and due:
                journal.due = None
                self._later(self._clear(journal))

    def _party(self, account_id: str) -> Account:
        account = self._state.accounts.get(same_id(account_id))
        if account is None:
            raise not_found("account")
        if account.status is not AccountStatus.ACTIVE:
            raise forbidden("account is not active")
        return account

    def _available(self, account: Account) -> Decimal:
        if account is self._state.firm:
            return account.cash
        return self._state.withdrawable(account)

    def _over_limit(self, amount: Decimal) -> bool:
        """Over the limit of one journal, or of all of the day."""
        today = self._state.today()
        moved = sum(
            journal.amount
            for journal in self._state.journals.values()
            if journal.created_at.date() == today
            and journal.status not in {JournalStatus.REJECTED, JournalStatus.CANCELED}
        )
        knobs = self._state.knobs
        return amount > knobs.journal_limit or moved + amount > knobs.journal_daily_limit

    def _end_of_day(self) -> datetime:
        session = self._state.clock.session()
        now = self._state.now()
        return session.close if session else self._state.market.calendar.next_after(now).close

    def _later(self, work: Coroutine[None, None, None]) -> None:
        delay_ms = self._state.sandbox.config.alpaca_journal_delay_ms
        self._state.sandbox.background.after(delay_ms, work)

    async def _reject(self, journal: Journal) -> None:
        if journal.status is JournalStatus.QUEUED:
            self._move(journal, JournalStatus.REJECTED)

    async def _hold(self, journal: Journal, due: datetime | None) -> None:
        if journal.status is not JournalStatus.QUEUED:
            return
        journal.due = due
        self._move(journal, JournalStatus.PENDING)
        if due is not None:
            wait_ms = int(self._state.time_until(due).total_seconds() * 1000) + 1
            self._state.sandbox.background.after(wait_ms, self._wake_later())

    async def _wake_later(self) -> None:
        self.wake()

    async def _clear(self, journal: Journal) -> None:
        if journal.status not in {JournalStatus.QUEUED, JournalStatus.PENDING}:
            return
        source = self._state.accounts[journal.from_account]
        target = self._state.accounts[journal.to_account]
        both_active = {source.status, target.status} == {AccountStatus.ACTIVE}
        if not both_active or journal.amount > self._available(source):
            self._move(journal, JournalStatus.REJECTED)
            return
        self._move(journal, JournalStatus.SENT_TO_CLEARING)
        source.cash -= journal.amount
        target.cash += journal.amount
        journal.settled_on = self._state.today()
        self._move(journal, JournalStatus.EXECUTED)
        self._note(journal, journal.from_account, -journal.amount)
        self._note(journal, journal.to_account, journal.amount)

    def _note(self, journal: Journal, account_id: str, amount: Decimal) -> None:
        self._state.record(
            account_id,
            "JNLC",
            {
                "date": self._state.today().isoformat(),
                "net_amount": decimal_text(amount),
                "description": journal.description,
                "status": "executed",
                "journal_id": journal.id,
            },
        )

    def _move(self, journal: Journal, status: JournalStatus) -> None:
        before = journal.status
        if status not in TRANSITIONS[before]:
            raise ValueError(f"{before} does not become {status}")
        journal.status = status
        self._announce(journal, before.value)

    def _announce(self, journal: Journal, before: str) -> None:
        self._state.events.append(
            Topic.JOURNAL,
            {
                "journal_id": journal.id,
                "entry_type": "JNLC",
                "status_from": before,
                "status_to": journal.status.value,
            },
        )
