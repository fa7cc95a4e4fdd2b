"""A deposit that is held for a look: a person has looked, and it goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.errors import NotFound
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4

type Record = Callable[[Deposit, Deposit], Sequence[Write]]
"""The writes that belong to the same fact, from the deposit before and after."""


@dataclass(frozen=True, slots=True)
class Releasing:
    """What was automatic goes on: the sweep finds the deposit within minutes. Where what was
    wrong still is, it is held again."""

    deposits: Deposits
    facts: UnitOfWork
    pause: Callable[[int], None] = full_jitter

    def release(self, user_id: str, deposit_id: str, record: Record) -> Deposit:
        """One that is not held is as it is. Raises NotFound, and ConditionFailed when a condition
        of ``record`` does not hold."""

        def once() -> Deposit:
            before = self.deposits.get(user_id, deposit_id)
            if before is None:
                raise NotFound(what="The deposit")
            if not before.review:
                return before
            after = before.reviewed()
            writes = [self.deposits.save(before, after), *record(before, after)]
            try:
                self.facts.commit(writes)
            except ConditionFailed as failed:
                if "deposit" in failed.found:
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(once, tries=_TRIES, pause=self.pause)
