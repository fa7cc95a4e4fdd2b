"""Closing days: what each account held at the end of a day, and proof that its counters agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.observability import logger, metric
from shared.platform.queues import CheckMessage, Queue
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.treasury.model import Closing, Proof
from shared.treasury.ports import Closings, Projection

AFTER = timedelta(minutes=15)
"""So long after its end a day is closed: entries reach the balances within seconds."""
SUMMED_AGAIN = timedelta(days=3)
"""What was touched within so long before a closing is summed again by the next one, too."""
SEARCHED_BACK, SEARCHED_AHEAD = timedelta(days=400), timedelta(days=31)
"""Where lines are looked for that nobody told of: so long before the account's first day, and so
long after today."""
CHECK = "treasury_close"
_LOOKS, _GLANCES = 3, 5
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
        """Sum anew every day that lines were put for since the closing before, compare with the
        counters, and close all days until ``day`` that are not closed yet.

        A difference is a case and an alarm. Raises TemporarilyUnavailable while the account
        moves too much to be compared, and ValueError for a day that is not over.
        """
        started = self.clock.now().astimezone(UTC).date()
        if day >= started:
            raise ValueError("a day is closed when it is over")
        try:
            proof, counted = self._compared(account, asset, day)
            if proof.sums != counted:
                # Lines from before days were told of, and whatever else no rule foresees.
                self._search(account, asset, max(started, day))
                proof, counted = self._compared(account, asset, day)
            closing = self._close_until(proof, day)
            if proof.sums == counted:
                self.closings.since(proof, started - SUMMED_AGAIN)
        except ConditionFailed:
            # Somebody else closes the same account.
            raise TemporarilyUnavailable() from None
        if proof.sums != counted:
            self._differs(closing, counted, proof.sums)
        return closing

    def _compared(self, account: str, asset: str, day: date) -> tuple[Proof, tuple[int, int]]:
        """What the lines are in sum, and what the counters say; not the same only if the counters
        stood still while every line was summed, and nobody else summed meanwhile."""
        for _ in range(_LOOKS):
            before = self.balances.counted(account, asset)
            proof = self.closings.proof(account, asset)
            days = self.balances.touched(account, asset, proof.since)
            proof = self._proved(proof, [one for one in days if one <= day])
            for _ in range(_GLANCES):
                # Days that are not over: few lines, so that some glance finds them standing still.
                days = self.balances.touched(account, asset, proof.since)
                proof = self._proved(proof, [one for one in days if one > day])
                counted = self.balances.counted(account, asset)
                if counted == proof.sums:
                    return proof, counted
            if counted == before and self.closings.proof(account, asset) == proof:
                return proof, counted
        raise TemporarilyUnavailable()

    def _proved(self, proof: Proof, days: Iterable[date]) -> Proof:
        for day in days:
            summed = self.balances.summed(proof.account, proof.asset, day)
            proof = self.closings.prove(proof, day, summed)
        return proof

    def _search(self, account: str, asset: str, today: date) -> None:
        """Sum day after day, the newest first, until nothing is missing any more."""
        first = self.balances.since(account, asset) or today
        counted = self.balances.counted(account, asset)
        proof = self.closings.proof(account, asset)
        day = today + SEARCHED_AHEAD
        while day >= first - SEARCHED_BACK and proof.sums != counted:
            proof = self._proved(proof, [day])
            day -= _DAY

    def _close_until(self, proof: Proof, day: date) -> Closing:
        """Close ``day``, and those before it that were left out."""
        account, asset = proof.account, proof.asset
        last = self.closings.last(account, asset, day)
        if last is not None and last.day == day:
            return last
        last = last or Closing(account, asset, day - _DAY, 0, 0, 0, 0)
        sums = self.closings.days(account, asset, last.day)
        if self.closings.proof(account, asset) != proof:
            raise TemporarilyUnavailable()
        # Until the end of the day before the first that is closed now, with what came late.
        minor = proof.minor - sum(moved for moved, _ in sums.values())
        total = proof.lines - sum(lines for _, lines in sums.values())
        while last.day < day:
            this, late = last.day + _DAY, minor - last.minor
            moved, lines = sums.get(this, (0, 0))
            minor, total = minor + moved, total + lines
            if late:
                metric("HouseLinesLate")
            last = self.closings.keep(
                Closing(account, asset, this, minor, moved, lines, total, late)
            )
        return last

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
