"""Giving up a payment before it was made."""

from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.payments.errors import DepositNotCancellable
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payments.routing import Routing
from shared.payments.states import OPEN, TRANSITIONS, DepositStatus
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed, UnitOfWork


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The gateways are asked first: only what certainly cannot be paid any more is cancelled.
    A crash in between leaves a closed page and an open deposit, which the next try or the next
    check ends."""

    deposits: Deposits
    facts: UnitOfWork
    routing: Routing
    checks: Checks
    clock: Clock

    def cancel(self, user_id: str, deposit_id: str) -> Deposit:
        """The cancelled deposit; one that was cancelled before is success.

        Raises NotFound, DepositNotCancellable, and GatewayUnavailable when a gateway does not
        say whether it was paid; the deposit goes on then.
        """
        deposit = self._deposit(user_id, deposit_id)
        if deposit.status is DepositStatus.CANCELLED:
            return deposit
        moves = TRANSITIONS[deposit.method][deposit.status]
        if deposit.status not in OPEN or DepositStatus.CANCELLED not in moves or deposit.review:
            raise DepositNotCancellable()
        if not self._closed_everywhere(deposit):
            # It was paid, or is about to be: look now rather than at the next check.
            self.checks.schedule("payment", {"user_id": user_id, "deposit_id": deposit_id})
            raise DepositNotCancellable()
        after = deposit.cancelled(self.clock.now())
        try:
            self.facts.commit([self.deposits.save(deposit, after)])
        except ConditionFailed:
            found = self._deposit(user_id, deposit_id)
            if found.status is not DepositStatus.CANCELLED:
                raise DepositNotCancellable() from None
            return found
        return after

    def _closed_everywhere(self, deposit: Deposit) -> bool:
        begun = [(deposit.gateway, deposit.reference)]
        begun += [(one.gateway, one.reference) for one in deposit.open_attempts]
        return all(
            self.routing.gateways[gateway].cancel(deposit, reference)
            for gateway, reference in begun
            if reference is not None
        )

    def _deposit(self, user_id: str, deposit_id: str) -> Deposit:
        found = self.deposits.get(user_id, deposit_id)
        if found is None:
            raise NotFound(what="The deposit")
        return found
