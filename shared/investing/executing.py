"""Sending a plan's orders to the broker so that a crash anywhere neither loses nor doubles one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.investing.admission import Go, Lapse, Verdict, Wait, at_rest, to_send
from shared.investing.booking import Booker
from shared.investing.canceling import Canceler
from shared.investing.errors import BrokerUnavailable, OrderNotCancelable
from shared.investing.inputs import Cause
from shared.investing.model import Ending, Order, OrderStatus
from shared.investing.ports import (
    Accepted,
    Broker,
    NoAnswer,
    NotSent,
    Plans,
    Polls,
    RefusalReason,
    Refused,
    Road,
    Roads,
    Ticket,
    TradeEvent,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import BaobabError, NotFound
from shared.kernel.money import Money, Quantity
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.portfolio.model import BASE

LOOKED_AT_EVERY = timedelta(seconds=10)
"""An order that the broker has is asked for again after so long; events are usually faster."""
NEVER_SENT_AFTER = timedelta(minutes=3)
"""An order that is to be canceled and that the broker does not have will never be there so long
after the wish: a run that had read it before has ended by then."""
_UNSENT = frozenset({OrderStatus.PLANNED, OrderStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a plan's orders stand after a run."""

    unsent: int
    """Orders of which it is not known that the broker has them."""
    open: int
    """Orders that have not ended, those included."""
    held_back: int = 0
    """Of the unsent ones, those that may not go now: they wait, and it is no failure."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run knows beside the orders, and what it meets."""

    cause: Cause
    road: Road
    failures: list[BaobabError] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)


class Executor:
    """Drives the orders of a plan; each run continues where the last one stopped."""

    def __init__(
        self,
        plans: Plans,
        broker: Broker,
        booker: Booker,
        polls: Polls,
        facts: UnitOfWork,
        clock: Clock,
        roads: Roads,
    ) -> None:
        self._roads = roads
        self._canceler = Canceler(plans, facts, clock)
        self._plans = plans
        self._broker = broker
        self._booker = booker
        self._polls = polls
        self._facts = facts
        self._clock = clock

    def run(self, user_id: str, plan_id: str) -> Progress:
        """Send what was not sent, find out what is unknown, ask for cancellations, look for lost
        events.

        Raises NotFound for a plan that does not exist, and at the end what an order of it met
        that needs a person: the other orders do not wait for that.
        """
        plan = self._plans.plan(user_id, plan_id)
        if plan is None:
            raise NotFound(what="Plan")
        orders = self._plans.orders(user_id, plan.order_ids)
        continue_trace(next((order.trace for order in orders), None))
        before = [order for order in orders if not order.final]
        if not before:
            return Progress(unsent=0, open=0)
        lost = self._lost(before)
        account_id, symbols = before[0].account_id, [order.symbol for order in before]
        run = _Run(plan.cause, self._roads.look(user_id, account_id, symbols))
        after = [self._driven(order, run) for order in before]
        waiting = [order for order in after if not order.final]
        unsent = [order for order in waiting if order.status in _UNSENT]
        if any(
            was.status is OrderStatus.PENDING_CANCEL
            or (was.status in _UNSENT and now not in unsent)
            for was, now in zip(before, after, strict=True)
        ):
            self._polls.soon()
        if lost:
            self._polls.again_since(min(lost))
        if run.failures:
            raise run.failures[0]
        held_back = len(run.held_back)
        return Progress(unsent=len(unsent), open=len(waiting), held_back=held_back)

    def _driven(self, order: Order, run: _Run) -> Order:
        try:
            if order.status is OrderStatus.UNKNOWN:
                return self._found_out(order, run)
            if order.status is OrderStatus.PENDING_CANCEL:
                return self._canceled(order)
            now = self._clock.now()
            if order.status is OrderStatus.PLANNED:
                return self._admitted(order, to_send(order, run.cause, run.road, now), run)
            return self._admitted(order, at_rest(order, run.cause, run.road), run)
        except BrokerUnavailable:
            return order
        except BaobabError as error:
            run.failures.append(error)
        return order

    def _admitted(self, order: Order, verdict: Verdict, run: _Run) -> Order:
        """Carry out what was found of an order: its cancellation is a fact of its own, which
        brings another run to the broker."""
        match verdict:
            case Go():
                return self._sent(order) if order.status in _UNSENT else order
            case Wait(obstacle):
                run.held_back.append(order.order_id)
                metric("OrderHeldBack", obstacle=obstacle.partition(".")[0])
                return order
            case Lapse(why):
                try:
                    return self._canceler.request(order.user_id, order.order_id, why)
                except OrderNotCancelable:
                    # Its end was heard of meanwhile.
                    return order

    def _lost(self, orders: Sequence[Order]) -> list[datetime]:
        """When those orders were made that have ended at the broker and not here: an event of
        theirs has been lost on its way. When they were sent may be known too late: an unknown
        outcome is noted as sent when it is found."""
        now, lost = self._clock.now(), []
        for order in orders:
            if order.status in _UNSENT or order.submitted_at is None:
                continue
            if order.updated_at is not None and now - order.updated_at < LOOKED_AT_EVERY:
                continue
            try:
                found = self._broker.find(order.account_id, order.client_order_id)
            except BrokerUnavailable:
                continue
            if found is not None and found.ended:
                lost.append(order.created_at or order.submitted_at)
            # So that neither this check's twins nor the next sweep ask again at once.
            self._kept(order.looked_at(now))
        return lost

    def _canceled(self, order: Order) -> Order:
        """Ask for it, however often: the broker's events tell how it ended. One that the broker
        does not have may still be on its way to it; only later it is certain that it is not."""
        found = self._broker.find(order.account_id, order.client_order_id)
        now = self._clock.now()
        if found is None:
            asked_at = order.cancel_at or now
            if order.broker_order_id is not None or now - asked_at < NEVER_SENT_AFTER:
                return order
            reason = RefusalReason.CANCELED.value
            return self._booker.apply(self._report(order, Ending(OrderStatus.CANCELED, 0, reason)))
        if not found.ended:
            self._broker.cancel(order.account_id, found.successor or found.broker_order_id)
        if order.broker_order_id is None:
            return self._kept(order.submitted(found.broker_order_id, now))
        return order

    def _sent(self, order: Order) -> Order:
        match self._broker.submit(_ticket(order)):
            case Accepted(broker_order_id):
                return self._kept(order.submitted(broker_order_id, self._clock.now()))
            case Refused(reason):
                # It may be refused for what its own first sending took: the money is there once.
                found = self._broker.find(order.account_id, order.client_order_id)
                if found is not None:
                    return self._kept(order.submitted(found.broker_order_id, self._clock.now()))
                ending = Ending(OrderStatus.REJECTED, 0, reason.value)
                return self._booker.apply(self._report(order, ending))
            case NotSent():
                return order
            case NoAnswer():
                if order.status is OrderStatus.UNKNOWN:
                    return order
                return self._kept(order.unanswered(self._clock.now()))

    def _found_out(self, order: Order, run: _Run) -> Order:
        """Looked up before anything is sent again."""
        found = self._broker.find(order.account_id, order.client_order_id)
        if found is None:
            verdict = to_send(order, run.cause, run.road, self._clock.now())
            return self._admitted(order, verdict, run)
        return self._kept(order.submitted(found.broker_order_id, self._clock.now()))

    def _kept(self, order: Order) -> Order:
        try:
            self._facts.commit([self._plans.save(order)])
        except ConditionFailed:
            # An event of the broker was faster and knows more; the next run reads it.
            return order
        return order

    def _report(self, order: Order, ending: Ending) -> TradeEvent:
        return TradeEvent(
            client_order_id=order.client_order_id,
            account_id=order.account_id,
            symbol=order.symbol,
            broker_order_id="",
            at=self._clock.now(),
            side=order.side,
            ending=ending,
        )


def _ticket(order: Order) -> Ticket:
    return Ticket(
        account_id=order.account_id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        amount=None if order.nanos else Money(order.notional_minor, BASE),
        side=order.side,
        quantity=Quantity(order.nanos) if order.nanos else None,
        exit=order.exit,
    )
