"""Keeping the balances of the house, and tripping breakers when a limit is passed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock, to_text
from shared.kernel.errors import NotFound, TemporarilyUnavailable
from shared.ledger.events import EntryPostedV1
from shared.market_data.model import Breaker, BreakerState
from shared.platform.contention import full_jitter
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.treasury.errors import LimitStillExceeded
from shared.treasury.limits import FX, PREFUNDING, Limit, LimitSettings, judged
from shared.treasury.ports import Balances, Recorder, Switches

BREAKERS = (PREFUNDING, FX)
BY_STAFF = "RESET"
"""The reason of a breaker that a person closed."""
_TRIES = 8
_SERVICE = "keep_treasury"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the treasury, watched.

    Balances move while a breaker is decided. Whoever changes one therefore looks again until
    nothing is left to change: of several at once the last to look sees every balance that the
    others saw, and newer ones.
    """

    balances: Balances
    switches: Switches
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    settings: LimitSettings
    pause: Callable[[int], None] = full_jitter

    def now(self) -> tuple[Limit, ...]:
        """All limits with what is used of them."""
        return self.settings.limits(
            {
                (account, asset): self.balances.balance(account, asset)
                for account, asset in self.settings.accounts
            }
        )

    def watch(self) -> None:
        """Open or close the breakers as the balances want it."""
        for name in BREAKERS:
            self._settle(name)

    def reset(self, name: str, record: Callable[[Breaker, Breaker], Sequence[Write]]) -> None:
        """Close a breaker by a person's word; one that is closed stays so. ``record`` gives the
        writes that belong to the same fact.

        It holds until the next entry finds a limit exceeded. Raises LimitStillExceeded when that
        would be at once, NotFound for a breaker that is none of the treasury's, and
        TemporarilyUnavailable.
        """
        if name not in BREAKERS:
            raise NotFound(what="The breaker")
        for attempt in range(_TRIES):
            before = self.switches.read([name]).get(name)
            if before is None or not before.blocks:
                return
            if any(one.exceeded for one in self.now() if one.breaker == name):
                raise LimitStillExceeded()
            after = Breaker(name, BreakerState.CLOSED, BY_STAFF, self.clock.now())
            writes = [self.switches.change(before, after), *record(before, after)]
            try:
                self.facts.commit(writes)
            except ConditionFailed as failure:
                if failure.found.keys() != {f"breaker:{name}"}:
                    raise
                self.pause(attempt)
                continue
            self._settle(name)
            return
        raise TemporarilyUnavailable()

    def _settle(self, name: str) -> None:
        for attempt in range(_TRIES):
            before = self.switches.read([name]).get(name)
            after = judged(name, before, self.now(), self.clock.now())
            if after is None:
                return
            if not self._changed(before, after):
                self.pause(attempt)
        raise TemporarilyUnavailable()

    def _changed(self, before: Breaker | None, after: Breaker) -> bool:
        writes: list[Write] = [self.switches.change(before, after)]
        if after.blocks:
            subject = f"{after.name}@{to_text(after.since)}"
            case = new_case(
                CaseKind.LIMIT_REACHED,
                subject,
                after.since,
                breaker=after.name,
                reason=after.reason,
            )
            writes.append(self.cases.open(case))
        try:
            self.facts.commit(writes)
        except ConditionFailed:
            return False
        fields = {"breaker": after.name, "state": after.state.value}
        if after.blocks:
            logger(_SERVICE).error("limit of the treasury reached", extra=fields)
            metric("TreasuryLimitReached", breaker=after.name)
        else:
            logger(_SERVICE).info("limit of the treasury relaxed", extra=fields)
        return True


@dataclass(frozen=True, slots=True)
class Keeping:
    """The use case behind every entry of every journal."""

    recorder: Recorder
    limits: Limits

    def posted(self, entry: EntryPostedV1) -> None:
        """Add an entry to the balances, once, and look at the limits that it concerns."""
        self.recorder.record(entry)
        concerned = self.limits.settings.accounts
        if any((leg.account, leg.asset) in concerned for leg in entry.legs):
            # Of a duplicate too: whoever counted it first may have died before this.
            self.limits.watch()
