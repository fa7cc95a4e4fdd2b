"""The firm's own cash at the broker, which deposits are paid out of, against the books."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_EVEN

from shared.broker_reconciliation.model import Difference, Record
from shared.broker_reconciliation.ports import Accounts
from shared.broker_reconciliation.service import RESOLVED_BY, UNREAD_FOR, unread_subject
from shared.cases.model import CaseKind, CaseStatus, MoneyCase, case_id_of, new_case
from shared.cases.ports import Cases
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import Custody
from shared.kernel.clock import Clock, to_text
from shared.ledger import accounts
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.portfolio.model import BASE
from shared.treasury.ports import Balances

PATIENCE = timedelta(hours=3)
"""Deposits and withdrawals move this account all day, and each is on its way for moments: the
balances need not agree at every look, but at one of them. For so long none may."""
SUBJECT = "FIRM"
_CENTS = f"{BASE.value}:"
"""What a difference of cash alone begins with as text."""


@dataclass(frozen=True, slots=True)
class Firm:
    """The use case. ``owner`` is the firm's id in the cell; its record lies beside people's."""

    owner: str
    account: Callable[[], str]
    """The firm's account at the broker."""
    balances: Balances
    records: Accounts
    custody: Custody
    cases: Cases
    facts: UnitOfWork
    clock: Clock

    def look(self) -> Difference | None:
        """What differs now, in cents: theirs less ours; None when the broker does not tell."""
        try:
            told = self.custody.cash(self.account()).total
        except (BrokerUnavailable, AccountUnreadable):
            self._unread()
            return None
        self._readable()
        ours = self.balances.balance(accounts.firm_cash_at_broker(), BASE.asset)
        theirs = int((told * 10**BASE.exponent).to_integral_value(ROUND_HALF_EVEN))
        difference = Difference(theirs - ours)
        record = self.records.record(self.owner)
        if not difference:
            self._agrees(replace(record, left=Difference()), record, "Both sides agree")
        elif _within(difference, record.left):
            self._agrees(record, record, "No more differs than was left")
        else:
            self._differs(record, difference)
        return difference

    def _unread(self) -> None:
        """Nothing is known; after a day of that somebody has to look."""
        metric("BrokerFirmUnread")
        record, now = self.records.record(self.owner), self.clock.now()
        since = record.unread_since or now
        after = replace(record, unread_since=since)
        if now - since >= UNREAD_FOR:
            metric("BrokerAccountUnread")
            about, told = unread_subject(SUBJECT), {"unread": "BROKER", "since": to_text(since)}
            self._commit(
                after, self.cases.open(new_case(CaseKind.BROKER_DIFFERS, about, now, **told))
            )
        elif record.unread_since is None:
            self._commit(after)

    def _readable(self) -> None:
        record = self.records.record(self.owner)
        if record.unread_since is None:
            return
        about = case_id_of(CaseKind.BROKER_DIFFERS, unread_subject(SUBJECT))
        note = "The broker tells of it again."
        ended = self.cases.end(about, self.clock.now(), by=RESOLVED_BY, note=note)
        self._commit(replace(record, unread_since=None), *ended)

    def _agrees(self, record: Record, before: Record, why: str) -> None:
        if not before.differs and record == before:
            return
        now = self.clock.now()
        about = case_id_of(CaseKind.BROKER_DIFFERS, SUBJECT)
        note = f"{why} since {to_text(now)}."
        ended = self.cases.end(about, now, by=RESOLVED_BY, note=note) if before.differs else []
        self._commit(replace(record, differs="", differs_since=None), *ended)

    def _differs(self, record: Record, difference: Difference) -> None:
        now = self.clock.now()
        since = record.differs_since or now
        after = replace(record, differs=difference.text, differs_since=since)
        if now - since < PATIENCE:
            if record.differs_since is None:
                self._commit(after)
            return
        metric("BrokerFirmDiffers")
        case = new_case(
            CaseKind.BROKER_DIFFERS,
            SUBJECT,
            now,
            difference=difference.text,
            since=to_text(since),
        )
        known = self.cases.get(case.case_id)
        if known is None or dict(known.facts).get("since") != to_text(since):
            self._commit(after, self.cases.open(case))
        elif known.status is CaseStatus.RESOLVED:
            self._left(record, difference, known)
        # Else it is known, and moves with every deposit: somebody has it.

    def _left(self, record: Record, difference: Difference, known: MoneyCase) -> None:
        """A person has looked at it, and left as much as they were told of. What is more has its
        own time, in which it is a deposit on its way, or is not."""
        left = Difference(int(dict(known.facts)["difference"].removeprefix(_CENTS)))
        if _within(difference, left):
            self._commit(replace(record, left=left, differs="", differs_since=None))
            return
        now = self.clock.now()
        self._commit(replace(record, left=left, differs=difference.text, differs_since=now))

    def _commit(self, record: Record, *writes: Write) -> None:
        try:
            self.facts.commit([self.records.save(record), *writes])
        except ConditionFailed:
            # Another tick, or a member of staff, came first: the next tick looks again.
            return


def _within(difference: Difference, left: Difference) -> bool:
    """Whether that is no more, in the same direction, than a person has left."""
    told, most = difference.cash_minor, left.cash_minor
    return told * most > 0 and abs(told) <= abs(most)
