"""Looking at one account: agree, wait, or stop its automatic trading until somebody has looked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from shared.broker_reconciliation.explaining import Unheard, unheard
from shared.broker_reconciliation.model import (
    Difference,
    Held,
    Looked,
    Outcome,
    Record,
    compare,
    entered,
    roundings,
    settled_off,
)
from shared.broker_reconciliation.ports import Accounts, Ours
from shared.cases.model import CaseKind, CaseStatus, MoneyCase, case_id_of, new_case
from shared.cases.ports import Cases
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import Custody
from shared.kernel.clock import Clock, to_text
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

CONFIRMED_AFTER = timedelta(seconds=5)
"""A difference that nothing explains has to be found again so much later: both sides were not
read at the same instant."""
PATIENCE = timedelta(minutes=30)
"""So long may news of the broker, or an order, be under way before that is a difference too."""
LOOKED_BACK = timedelta(days=1)
"""The broker's history is asked for from so long before both sides last agreed."""
FIRST_LOOK_BACK = timedelta(days=30)
UNREAD_FOR = timedelta(hours=20)
"""An account of which the broker has not told for so long, a day's reconciliation after another,
is a case."""
RESOLVED_BY = "broker-reconciliation"
TRIES = 3


@dataclass(frozen=True, slots=True)
class Looking:
    """The use case. A look may be repeated at any time: what is so already is success."""

    accounts: Accounts
    custody: Custody
    cases: Cases
    facts: UnitOfWork
    clock: Clock

    def look(self, user_id: str, account_id: str, market_now: datetime) -> Looked:
        """Hold an account against the books, now. ``market_now`` is the market's time."""
        return retry_lost_race(
            lambda: self._look(user_id, account_id, market_now), tries=TRIES, pause=lambda _: None
        )

    def unread(self, user_id: str, account_id: str, why: str) -> Looked:
        """An account that could not be looked at for another reason than its broker: since when
        that is so counts as if the broker was silent, until a look succeeds."""
        return retry_lost_race(
            lambda: self._unread(self.accounts.record(user_id), account_id, why),
            tries=TRIES,
            pause=lambda _: None,
        )

    def _look(self, user_id: str, account_id: str, market_now: datetime) -> Looked:
        record = self.accounts.record(user_id)
        try:
            # The broker first: what it tells of meanwhile is in our books sooner than read there.
            cash = self.custody.cash(account_id)
            held = Held(cash.total, cash.settled, self.custody.positions(account_id))
        except (BrokerUnavailable, AccountUnreadable) as error:
            why = "ACCOUNT" if isinstance(error, AccountUnreadable) else "BROKER"
            return self._unread(record, account_id, why)
        ours = self.accounts.read(record, market_now.date())
        if cash.borrows is not None and cash.borrows is not ours.borrows:
            # Rules of planning look at it, and ask nobody.
            self._commit([self.accounts.flag(user_id, cash.borrows)])
        new = [entry for entry in ours.entries if entry.seq > record.books.seq]
        books = entered(record.books, new)
        beside = partial(
            compare, books, held, rounding=record.rounding, rounded=roundings(new), rows=ours.rows
        )
        difference, rounding = beside()
        seen = Looked(user_id, account_id, Outcome.AGREES, books, held, difference)
        agreed = Record(
            user_id,
            books,
            rounding,
            agreed_at=market_now,
            agreed_here_at=self.clock.now(),
            version=record.version,
        )
        if not difference:
            off = settled_off(books, held, ours.unsettled_minor, ours.open_orders)
            if off:
                metric("BrokerSettledDiffers")
            # Trades that left fractions of a cent are forgotten only with a record of what they
            # left.
            self._agree(record, agreed, "Both sides agree")
            return replace(seen, settled_off_minor=off)
        rest, rounding = beside(left=record.left)
        if not rest:
            # But for what a person has left: the next look begins here all the same.
            after = replace(agreed, rounding=rounding, left=record.left)
            self._agree(record, after, "Nothing differs but what was left")
            return replace(seen, outcome=Outcome.ACCEPTED, difference=record.left)
        seen = replace(seen, difference=record.left + rest)
        _, rounding = beside(left=seen.difference)
        after = replace(agreed, rounding=rounding, left=seen.difference)
        return self._differs(record, ours, seen, rest, after)

    def _agree(self, before: Record, after: Record, why: str) -> None:
        self._readable(before)
        writes = [self.accounts.save(after)]
        if before.differs:
            writes += self._ended(before.user_id, why)
        self._commit(writes)

    def _ended(self, user_id: str, why: str) -> list[Write]:
        """Of what was open about the account: it agrees now."""
        case, stopped, _ = self.accounts.standing(user_id)
        now = self.clock.now()
        writes: list[Write] = [self.accounts.release(user_id)] if stopped else []
        if case is not None:
            note = f"{why} since {to_text(now)}."
            writes += self.cases.end(case.case_id, now, by=RESOLVED_BY, note=note)
        return writes

    def _readable(self, before: Record) -> None:
        """The broker tells of the account again: nobody has to look at that any more."""
        if before.unread_since is None:
            return
        about = case_id_of(CaseKind.BROKER_DIFFERS, unread_subject(before.user_id))
        note = "The broker tells of it again."
        ended = self.cases.end(about, self.clock.now(), by=RESOLVED_BY, note=note)
        if ended:
            self._commit(ended)

    def _differs(
        self, record: Record, ours: Ours, seen: Looked, rest: Difference, left: Record
    ) -> Looked:
        """``rest`` is what has come to what a person had left; ``left`` the record when they have
        left this too."""
        self._readable(record)
        now, text = self.clock.now(), seen.difference.text
        same = record.differs == text
        since = record.differs_since if same and record.differs_since is not None else now
        seen = replace(seen, since=since)
        after = replace(record, differs=text, differs_since=since, unread_since=None)
        case, stopped, other = self.accounts.standing(record.user_id)
        if case is not None and _left_by_people(case, text, record.agreed_here_at):
            released = [self.accounts.release(record.user_id)] if stopped else []
            self._commit([self.accounts.save(left), *released])
            return replace(seen, outcome=Outcome.ACCEPTED)
        news = self._unheard(record, ours, rest, seen.account_id, left.agreed_at or now)
        if now - since < _patience(news, ours):
            if not same:
                self._commit([self.accounts.save(after)])
            open_still = case is not None and case.status is CaseStatus.OPEN
            return replace(seen, outcome=Outcome.DIFFERS if open_still else Outcome.UNDER_WAY)
        about = self._case(seen, news, since)
        writes = [self.accounts.save(after), self.cases.open(about)]
        if not other:
            writes.append(self.accounts.stop(record.user_id, about.case_id, now))
        self._commit(writes)
        metric("BrokerAccountDiffers")
        return replace(seen, outcome=Outcome.DIFFERS)

    def _unheard(
        self,
        record: Record,
        ours: Ours,
        difference: Difference,
        account_id: str,
        market_now: datetime,
    ) -> Unheard | None:
        """What only one side has heard of; None where the broker lists nothing now."""
        since = market_now - FIRST_LOOK_BACK
        if record.agreed_at is not None:
            since = record.agreed_at - LOOKED_BACK
        try:
            lines = self.custody.history(account_id, since)
        except (BrokerUnavailable, AccountUnreadable):
            return None
        if lines is None:
            return None
        return unheard(difference, ours.entries, record.books, lines)

    def _case(self, seen: Looked, news: Unheard | None, since: datetime) -> MoneyCase:
        named: dict[str, str] = {}
        if news is not None and news.missing_here:
            named["missing_here"] = " ".join(sorted(news.missing_here)[:5])
        if news is not None and news.missing_there:
            named["missing_there"] = " ".join(sorted(news.missing_there)[:5])
        return new_case(
            CaseKind.BROKER_DIFFERS,
            seen.user_id,
            self.clock.now(),
            user_id=seen.user_id,
            account=seen.account_id,
            difference=seen.difference.text,
            since=to_text(since),
            **named,
        )

    def _unread(self, record: Record, account_id: str, why: str) -> Looked:
        """Nothing is known; how long that is so is, and after a day somebody has to look."""
        now = self.clock.now()
        since = record.unread_since or now
        after = replace(record, unread_since=since)
        writes: list[Write] = []
        if record.unread_since is None:
            writes.append(self.accounts.save(after))
        if now - since >= UNREAD_FOR:
            metric("BrokerAccountUnread")
            case = new_case(
                CaseKind.BROKER_DIFFERS,
                unread_subject(record.user_id),
                now,
                user_id=record.user_id,
                account=account_id,
                unread=why,
                since=to_text(since),
            )
            writes.append(self.cases.open(case))
        if writes:
            self._commit(writes)
        return Looked(record.user_id, account_id, Outcome.UNREAD, record.books, since=since)

    def _commit(self, writes: Sequence[Write]) -> None:
        try:
            self.facts.commit(writes)
        except ConditionFailed as failed:
            # Another look, a member of staff, or whoever else stops accounts came first.
            raise LostRace from failed


def unread_subject(user_id: str) -> str:
    """What the case of an account is about of which the broker does not tell."""
    return f"{user_id}#unread"


def _patience(news: Unheard | None, ours: Ours) -> timedelta:
    """How long a difference may last before it is one: what explains it may be under way."""
    if ours.open_orders or news is None or news.whole:
        return PATIENCE
    return CONFIRMED_AFTER


def _left_by_people(case: MoneyCase, difference: str, agreed: datetime | None) -> bool:
    """Whether a person has resolved the case of this very difference since both sides agreed the
    last time: one that was repaired, and comes again, nobody has looked at."""
    if case.status is not CaseStatus.RESOLVED or case.resolved_by == RESOLVED_BY:
        return False
    if agreed is not None and (case.resolved_at is None or case.resolved_at <= agreed):
        return False
    return dict(case.facts).get("difference") == difference
