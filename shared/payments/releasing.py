"""A deposit that is held for a look, or held back by a limit: by a person's word it goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.errors import NotFound
from shared.payments import forwarding
from shared.payments.model import Deposit, DepositStatus
from shared.payments.ports import Deposits
from shared.payments.reasons import Reason
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4
_LIMITS = frozenset({Reason.OVER_FUNDING_LIMIT, Reason.SEASONING})

type Record = Callable[[Deposit, Deposit], Sequence[Write]]
"""The writes that belong to the same fact, from the deposit before and after."""


@dataclass(frozen=True, slots=True)
class Releasing:
    """What was automatic goes on: the sweep finds the deposit within minutes. Where what was
    wrong still is, it is held again; a limit on forwarding holds it no more."""

    deposits: Deposits
    facts: UnitOfWork
    pause: Callable[[int], None] = full_jitter

    def release(self, user_id: str, deposit_id: str, record: Record) -> Deposit:
        """One that nothing holds is as it is, and so is one that was let go before. Raises
        NotFound, and ConditionFailed when a condition of ``record`` does not hold."""

        def once() -> Deposit:
            before = self.deposits.get(user_id, deposit_id)
            if before is None:
                raise NotFound(what="The deposit")
            after = _going_on(before)
            if after is None:
                return before
            writes = [self.deposits.save(before, after), *record(before, after)]
            try:
                self.facts.commit(writes)
            except ConditionFailed as failed:
                if "deposit" in failed.found:
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(once, tries=_TRIES, pause=self.pause)


def _going_on(deposit: Deposit) -> Deposit | None:
    if deposit.review:
        return deposit.reviewed()
    waits = deposit.status is DepositStatus.SETTLED and deposit.reason in _LIMITS
    return forwarding.released(deposit) if waits and not deposit.released else None
