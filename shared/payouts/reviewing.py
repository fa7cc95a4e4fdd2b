"""Payouts that wait for a person's word: what is automatic goes on, or somebody says how it ended.

Whoever looks after the money carries it out: that begins with an event, and the sweep is its net.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.payouts import telling
from shared.payouts.errors import PayoutNotStuck
from shared.payouts.findings import Finding, Found
from shared.payouts.model import Payout, Purpose
from shared.payouts.ports import Payouts
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4

type Record = Callable[[Payout, Payout], Sequence[Write]]
"""The writes that belong to the same fact, from the payout before and after."""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Both raise NotFound, and ConditionFailed when a condition of ``record`` does not hold;
    nothing was changed then. ``approval_minor`` is in US cents."""

    payouts: Payouts
    facts: UnitOfWork
    approval_minor: int
    pause: Callable[[int], None] = full_jitter

    def release(self, user_id: str, payout_id: str, record: Record) -> Payout:
        """What is automatic goes on; where what was wrong still is, it is held again. One that
        nothing holds is as it is."""

        def change(before: Payout) -> Payout:
            return before.reviewed() if before.review else before

        return self._changed(user_id, payout_id, change, record, lambda _: True)

    def settle(
        self, user_id: str, payout_id: str, word: tuple[Found, str], by: str, record: Record
    ) -> Payout:
        """What ``by`` found out about a payout that the gateway leaves open, and where that is
        written. From the approval amount on it counts when a second person finds the same;
        until then a differing word takes its place. The same word again is success.

        Raises PayoutNotStuck for one that nobody has to look at, or that was settled otherwise.
        """

        def change(before: Payout) -> Payout:
            known = before.finding
            if known is not None and known.agreed and known.found is word[0]:
                return before
            if not before.unsettled or (known is not None and known.agreed):
                raise PayoutNotStuck(status=before.status.value)
            finding = self._finding(before, word, by)
            if finding == known:
                return before
            if not finding.agreed:
                return before.noted(finding=finding)
            return before.noted(finding=finding, review=False, look_at=None)

        return self._changed(user_id, payout_id, change, record, lambda one: one.found_out)

    def _finding(self, payout: Payout, word: tuple[Found, str], by: str) -> Finding:
        known = payout.finding
        if known is not None and known.says(*word):
            return known if known.by == by else known.confirmed(by)
        return Finding(*word, by=by, agreed=not self._needs_two(payout))

    def _needs_two(self, payout: Payout) -> bool:
        # What a surplus is worth in dollars nobody has said.
        return payout.purpose is Purpose.SURPLUS or payout.debited.minor >= self.approval_minor

    def _changed(
        self,
        user_id: str,
        payout_id: str,
        change: Callable[[Payout], Payout],
        record: Record,
        tells: Callable[[Payout], bool],
    ) -> Payout:
        def once() -> Payout:
            before = self.payouts.get(user_id, payout_id)
            if before is None:
                raise NotFound(what="The payout")
            after = change(before)
            if after is before:
                return before
            events: list[Event] = [telling.requested(after)] if tells(after) else []
            writes = [self.payouts.save(before, after), *record(before, after)]
            try:
                self.facts.commit(writes, *events)
            except ConditionFailed as failed:
                if "payout" in failed.found:
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(once, tries=_TRIES, pause=self.pause)
