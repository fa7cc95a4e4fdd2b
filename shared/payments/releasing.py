"""A member of staff lets a deposit go to the broker that a limit holds back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.errors import NotFound
from shared.payments import forwarding
from shared.payments.errors import DepositNotHeldBack
from shared.payments.model import Deposit, DepositStatus
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed, UnitOfWork, Write

_DEPOSIT = "deposit"

type Record = Callable[[Deposit, Deposit], Sequence[Write]]
"""The writes that belong to the same fact, from the deposit before and after."""


@dataclass(frozen=True, slots=True)
class Releasing:
    """The ports of this use case."""

    deposits: Deposits
    facts: UnitOfWork
    checks: Checks
    pause: Callable[[int], None] = full_jitter

    def release(self, user_id: str, deposit_id: str, record: Record) -> Deposit:
        """Let it go; whoever was let go before stays so, and that is success.

        Raises NotFound, DepositNotHeldBack for one that no limit holds back, and
        TemporarilyUnavailable.
        """

        def once() -> Deposit:
            before = self.deposits.get(user_id, deposit_id)
            if before is None:
                raise NotFound(what="The deposit")
            if before.released:
                return before
            if before.status is not DepositStatus.SETTLED or before.review:
                raise DepositNotHeldBack()
            after = forwarding.released(before)
            try:
                self.facts.commit([self.deposits.save(before, after), *record(before, after)])
            except ConditionFailed as failure:
                if _DEPOSIT not in failure.found:
                    raise _Refused(failure) from None
                raise
            return after

        try:
            released = on_fresh_state(once, self.pause)
        except _Refused as refused:
            raise refused.failure from None
        try:
            self.checks.schedule("funding", {"user_id": user_id, "deposit_id": deposit_id})
        except Exception:  # noqa: BLE001 - the word is recorded; the sweep is the net
            metric("CheckNotScheduled", check="funding")
        return released


class _Refused(Exception):
    """A condition of those who record it did not hold: reading again mends nothing."""

    def __init__(self, failure: ConditionFailed) -> None:
        super().__init__()
        self.failure = failure
