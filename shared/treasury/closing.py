"""Closing days: what each account held at the end of a day, and proof that its counters agree."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.observability import logger, metric
from shared.platform.queues import CheckMessage, Queue
from shared.platform.work import UnitOfWork
from shared.treasury.model import Closing
from shared.treasury.ports import Closings, Projection

AFTER = timedelta(minutes=15)
"""So long after its end a day is closed: entries reach the balances within seconds."""
REOPENED = timedelta(days=3)
"""Days that are summed again with the next one: an entry may have waited among dead letters."""
CHECK = "treasury_close"
_LOOKS = 3
_DAY = timedelta(days=1)
_SERVICE = "keep_treasury"


@dataclass(frozen=True, slots=True)
class Books:
    """The use case behind the schedule's tick and each account's message."""

    balances: Projection
    closings: Closings
    cases: Cases
    facts: UnitOfWork
    queue: Queue
    clock: Clock

    def tick(self) -> int:
        """Ask every account to close yesterday, once a day; how many were asked. A tick that
        dies in between asks all of them again with the next."""
        now = self.clock.now()
        day = (now - AFTER).astimezone(UTC).date() - _DAY
        if self.closings.begun(day):
            return 0
        accounts = self.balances.accounts()
        for one in accounts:
            subject = {"account": one.account, "asset": one.asset, "day": day.isoformat()}
            self.queue.send(CheckMessage(CHECK, subject))
        self.closings.begin(day)
        return len(accounts)

    def close(self, account: str, asset: str, day: date) -> Closing:
        """Sum the lines until the end of ``day`` from the newest closing that is no longer
        summed again, keep what comes of it, and compare with the counters.

        A difference is a case and an alarm. Raises TemporarilyUnavailable while the account
        moves too much to be compared.
        """
        last = self.closings.last(account, asset, day - REOPENED)
        if last is None:
            first = self.balances.since(account, asset)
            start = day if first is None else min(day, first - REOPENED)
            last = Closing(account, asset, start - _DAY, 0, 0, 0, 0)
        while last.day < day:
            last = self._close_one(last)
        self._compare(last)
        return last

    def _close_one(self, before: Closing) -> Closing:
        day = before.day + _DAY
        lines = self.balances.lines(before.account, before.asset, day)
        moved = sum(line.amount for line in lines)
        closing = Closing(
            account=before.account,
            asset=before.asset,
            day=day,
            minor=before.minor + moved,
            moved=moved,
            lines=len(lines),
            total_lines=before.total_lines + len(lines),
        )
        known = self.closings.keep(closing)
        if known is not None and known != closing:
            metric("HouseClosingChanged")
        return closing

    def _compare(self, closing: Closing) -> None:
        account, asset = closing.account, closing.asset
        for _ in range(_LOOKS):
            before = self.balances.counted(account, asset)
            minor, lines = closing.minor, closing.total_lines
            day = closing.day + _DAY
            # Clocks of others may be ahead of ours around midnight.
            while day <= (self.clock.now() + _DAY).astimezone(UTC).date():
                later = self.balances.lines(account, asset, day)
                minor, lines = minor + sum(line.amount for line in later), lines + len(later)
                day += _DAY
            if self.balances.counted(account, asset) == before:
                if before != (minor, lines):
                    self._differs(closing, before, (minor, lines))
                return
        raise TemporarilyUnavailable()

    def _differs(self, closing: Closing, counted: tuple[int, int], summed: tuple[int, int]) -> None:
        case = new_case(
            CaseKind.RECONCILIATION_BREAK,
            f"{closing.account}:{closing.asset}@{closing.day.isoformat()}",
            self.clock.now(),
            account=closing.account,
            asset=closing.asset,
            counted=str(counted[0]),
            counted_lines=str(counted[1]),
            summed=str(summed[0]),
            summed_lines=str(summed[1]),
        )
        self.facts.commit([self.cases.open(case)])
        logger(_SERVICE).error("a house balance differs", extra={"house_account": closing.account})
        metric("HouseBalanceDiffers")
