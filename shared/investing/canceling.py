"""Canceling an order: the wish is a fact, the broker is asked, and its events tell the outcome."""

from collections.abc import Callable

from shared.investing.errors import OrderNotCancelable
from shared.investing.events import OrderCancelRequestedV1
from shared.investing.model import Order, OrderStatus
from shared.investing.ports import Plans
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race

TRIES = 8


class Canceler:
    """Notes that an order is to be canceled; whoever sends orders carries it to the broker."""

    def __init__(
        self,
        plans: Plans,
        facts: UnitOfWork,
        clock: Clock,
        pause: Callable[[int], None] = full_jitter,
    ) -> None:
        self._plans = plans
        self._facts = facts
        self._clock = clock
        self._pause = pause

    def request(self, user_id: str, order_id: str) -> Order:
        """The order, waiting for its cancellation; one that was canceled before is success.

        Raises NotFound, OrderNotCancelable for one that has ended otherwise, and
        TemporarilyUnavailable when other writers kept interfering.
        """
        return retry_lost_race(
            lambda: self._attempt(user_id, order_id), tries=TRIES, pause=self._pause
        )

    def _attempt(self, user_id: str, order_id: str) -> Order:
        found = self._plans.orders(user_id, [order_id])
        if not found:
            raise NotFound(what="The order")
        (before,) = found
        if before.status in (OrderStatus.PENDING_CANCEL, OrderStatus.CANCELED):
            return before
        if before.final:
            raise OrderNotCancelable(status=before.status.value)
        continue_trace(before.trace)
        after = before.canceling(self._clock.now())
        asked = OrderCancelRequestedV1(
            user_id=user_id, plan_id=before.plan_id, order_id=before.order_id
        )
        try:
            self._facts.commit([self._plans.save(after)], asked)
        except ConditionFailed as failed:
            # An event of the broker came in between: it may have ended.
            raise LostRace from failed
        return after
