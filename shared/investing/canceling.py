"""Canceling an order: the wish is a fact, the broker is asked, and its events tell the outcome.

An order is never replaced at the broker: it is canceled, and what it was for is planned anew.
"""

from collections.abc import Callable, Sequence

from shared.investing.errors import OrderNotCancelable
from shared.investing.events import OrderCancelRequestedV1
from shared.investing.model import CancelReason, Order, OrderStatus
from shared.investing.ports import Plans
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

TRIES = 8
type Record = Callable[[Order, Order], Sequence[Write]]
"""The writes that tell of the wish, out of the order before and after it."""


def unrecorded(before: Order, after: Order) -> Sequence[Write]:
    """Nothing but the order itself: its reason says why."""
    return ()


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

    def request(
        self,
        user_id: str,
        order_id: str,
        why: CancelReason = CancelReason.CANCELED,
        record: Record = unrecorded,
    ) -> Order:
        """The order, waiting for its cancellation; one that was canceled before is success.

        Staff's wish takes the place of any other reason, so that what they cancel is not bought
        again. Raises NotFound, OrderNotCancelable for one that has ended otherwise, which for
        staff is also for another reason, TemporarilyUnavailable when other writers kept
        interfering, and ConditionFailed when a condition of the record's own does not hold.
        """
        return retry_lost_race(
            lambda: self._attempt(user_id, order_id, why, record), tries=TRIES, pause=self._pause
        )

    def _attempt(self, user_id: str, order_id: str, why: CancelReason, record: Record) -> Order:
        found = self._plans.orders(user_id, [order_id])
        if not found:
            raise NotFound(what="The order")
        (before,) = found
        if before.final and not _as_wanted(before, why):
            raise OrderNotCancelable(status=before.status.value)
        after = before.canceling(self._clock.now(), why)
        if after is before:
            return before
        continue_trace(before.trace)
        asked = OrderCancelRequestedV1(
            user_id=user_id, plan_id=before.plan_id, order_id=before.order_id
        )
        saved = self._plans.save(after)
        try:
            self._facts.commit([saved, *record(before, after)], asked)
        except ConditionFailed as failed:
            if saved.name not in failed.found:
                raise
            # An event of the broker came in between: it may have ended.
            raise LostRace from failed
        return after


def _as_wanted(order: Order, why: CancelReason) -> bool:
    """Whether an order that has ended is canceled as somebody wants it. What was canceled for
    another reason may be bought again: staff must not believe that it is not."""
    if order.status is not OrderStatus.CANCELED or order.ending is None:
        return False
    return why is not CancelReason.CANCELED or order.ending.reason == why.value
