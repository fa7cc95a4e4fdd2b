"""What two members of staff make of an alert: one proposes, another one agrees or not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.money_monitoring.errors import AlertNeedsAnother, AlertNotWaiting
from shared.money_monitoring.model import WAITING, Alert, AlertStatus, Disposition
from shared.money_monitoring.ports import Alerts, Windows
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4
_OURS = frozenset({"alert", "window", "case"})
"""Writes whose conditions fail when somebody else was faster."""

type Record = Callable[[Alert, Alert], Sequence[Write]]
"""The writes that belong to the same fact, from the alert before and after."""


@dataclass(frozen=True, slots=True)
class Disposing:
    """The ports of this use case. ``by`` is who acts, and has been found to be allowed to."""

    alerts: Alerts
    windows: Windows
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def find(self, name: str) -> Alert:
        """One alert; NotFound when there is none."""
        found = self.alerts.get(name)
        if found is None:
            raise NotFound(what="The alert")
        return found

    def propose(
        self, name: str, disposition: Disposition, by: str, words: str, record: Record
    ) -> Alert:
        """Say what to make of it. The same word again is success and changes nothing. Raises
        NotFound, and AlertNotWaiting once it was decided for good or somebody else has
        proposed."""

        def change(before: Alert) -> Alert:
            given = before.proposal
            if before.status is AlertStatus.PROPOSED and given is not None:
                if (given.by, given.disposition) == (by, disposition):
                    return before
                raise AlertNotWaiting()
            if before.status not in WAITING:
                raise AlertNotWaiting()
            return before.proposed(disposition, words, by, self.clock.now())

        return self._changed(name, change, record)

    def decide(
        self, name: str, disposition: Disposition, agreed: bool, by: str, record: Record
    ) -> Alert:
        """A second person's word about a proposal of this disposition. The same word again is
        success. Raises NotFound, AlertNeedsAnother for whoever proposed it, and AlertNotWaiting
        when nothing of the kind is proposed (any more): movements that join it meanwhile take
        what was proposed back."""

        def change(before: Alert) -> Alert:
            given = before.proposal
            if given is None or given.disposition is not disposition:
                raise AlertNotWaiting()
            if before.status is not AlertStatus.PROPOSED:
                if before.decided_by == by and agreed is (before.status.value == disposition.value):
                    return before
                raise AlertNotWaiting()
            if given.by == by:
                raise AlertNeedsAnother()
            now = self.clock.now()
            return before.confirmed(by, now) if agreed else before.declined(by, now)

        return self._changed(name, change, record)

    def _changed(self, name: str, change: Callable[[Alert], Alert], record: Record) -> Alert:
        def attempt() -> Alert:
            before = self.find(name)
            after = change(before)
            if after is before:
                return before
            try:
                self.facts.commit([*self._writes(before, after), *record(before, after)])
            except ConditionFailed as failed:
                if any(one.partition(":")[0] in _OURS for one in failed.found):
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(attempt, tries=_TRIES, pause=self.pause)

    def _writes(self, before: Alert, after: Alert) -> list[Write]:
        writes = [self.alerts.save(before, after)]
        if after.status in WAITING:
            return writes
        window = self.windows.get(after.user_id)
        if after.rule in window.slots:
            writes.append(self.windows.save(window, window.answered(after.rule)))
        note = f"alert: {after.status.value}"
        return [
            *writes,
            *self.cases.end(after.case_id, self.clock.now(), by=after.decided_by or "", note=note),
        ]
