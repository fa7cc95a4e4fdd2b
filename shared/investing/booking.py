"""Booking what the broker reports: order, wallet, journal, position and events as one fact."""

from collections.abc import Callable
from dataclasses import replace

from shared.investing.errors import FillNotCovered, OrderMismatch, OrderUnknown
from shared.investing.events import OrderFilledV1, OrderRejectedV1, OrdersCompletedV1
from shared.investing.model import Order, order_names
from shared.investing.ports import Booking, Plans, TradeEvent
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet
from shared.ledger.ports import Ledger
from shared.platform.correlation import continue_trace
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.portfolio.model import BASE
from shared.portfolio.ports import Positions

TRIES = 40
"""Many fills of one person arrive at once and all meet at the wallet; each try lets one win."""


class Booker:
    """Applies trade events in any order, each once: one read and one write."""

    def __init__(
        self,
        plans: Plans,
        ledger: Ledger,
        positions: Positions,
        facts: UnitOfWork,
        clock: Clock,
        pause: Callable[[int], None],
    ) -> None:
        self._plans = plans
        self._ledger = ledger
        self._positions = positions
        self._facts = facts
        self._clock = clock
        self._pause = pause

    def apply(self, event: TradeEvent) -> Order:
        """The order afterwards; a duplicate changes nothing.

        Raises OrderUnknown for an order that is not there, OrderMismatch when the event
        contradicts it, FillNotCovered when a late fill exceeds the money, and
        TemporarilyUnavailable when other writers kept interfering.
        """
        names = order_names(event.client_order_id)
        if names is None:
            raise OrderUnknown()
        user_id, order_id = names
        return retry_lost_race(
            lambda: self._attempt(user_id, order_id, event), tries=TRIES, pause=self._pause
        )

    def _attempt(self, user_id: str, order_id: str, event: TradeEvent) -> Order:
        booking = self._plans.booking(user_id, order_id, event.symbol)
        if booking is None:
            raise OrderUnknown()
        before = booking.order
        continue_trace(before.trace)
        _agree(before, event)
        after = self._advanced(before, event)
        if after == before:
            return before
        writes = [*self._movements(booking, after, event), self._plans.save(after)]
        try:
            self._facts.commit(writes, *_events(booking, after))
        except ConditionFailed as failed:
            if _uncovered(failed, booking.wallet):
                raise FillNotCovered() from failed
            raise LostRace from failed
        return after

    def _advanced(self, order: Order, event: TradeEvent) -> Order:
        now = self._clock.now()
        after = order
        if event.broker_order_id:
            after = after.submitted(event.broker_order_id, now)
        if event.execution is not None:
            after = after.executed(event.execution, now)
        if event.ending is not None:
            after = after.ended(event.ending, now)
        # A duplicate must compare equal, whatever the time.
        return after if replace(after, updated_at=order.updated_at) != order else order

    def _movements(self, booking: Booking, after: Order, event: TradeEvent) -> list[Write]:
        """Money and shares that move; nothing when only the status changed."""
        before, wallet = booking.order, booking.wallet
        charge = after.charged_minor - before.charged_minor
        nanos = after.filled_nanos - before.filled_nanos
        freed = before.reserved_minor - after.reserved_minor
        closed = int(after.final and not before.final)
        if nanos == 0 or event.execution is None:
            return [self._ledger.release(wallet, freed, orders=closed)] if freed or closed else []
        # Trading hours in New York lie within one UTC day, so this is the trade date.
        day = event.execution.at.date()
        position = booking.position.buy(after.order_id, day, nanos, charge)
        return [
            *self._ledger.post(
                wallet,
                _entry(after, event, nanos, charge),
                posted=-charge,
                held=-freed,
                orders=-closed,
            ),
            self._positions.save(position),
        ]


def _agree(order: Order, event: TradeEvent) -> None:
    """An event that contradicts what we asked for must not move anything."""
    if event.symbol != order.symbol:
        raise OrderMismatch(field="symbol")
    if event.account_id != order.account_id:
        raise OrderMismatch(field="account")
    known = order.broker_order_id
    if known is not None and event.broker_order_id and event.broker_order_id != known:
        raise OrderMismatch(field="broker order")


def _entry(order: Order, event: TradeEvent, nanos: int, charge: int) -> Draft:
    """Cash out of the customer's account at the broker, shares into it."""
    user, shares = order.user_id, f"{order.symbol}/9"
    legs = [
        Posting(accounts.shares_at_broker(), shares, nanos),
        Posting(accounts.customer_shares(user), shares, -nanos),
    ]
    if charge:
        legs += [
            Posting(accounts.customer_cash(user), BASE.asset, charge),
            Posting(accounts.customers_cash_at_broker(), BASE.asset, -charge),
        ]
    execution = event.execution
    memo = {"symbol": order.symbol, "broker_order": event.broker_order_id}
    if execution is not None:
        memo |= {"execution": execution.key, "price": format(execution.price, "f")}
    at = event.at if execution is None else execution.at
    return Draft(EntryKind.BUY, order.order_id, at, tuple(legs), memo)


def _events(booking: Booking, after: Order) -> list[Event]:
    """What others hear: once, when the order ends."""
    if booking.order.final or not after.final:
        return []
    ended: Event
    if after.filled_nanos:
        ended = OrderFilledV1(
            user_id=after.user_id,
            order_id=after.order_id,
            symbol=after.symbol,
            side=after.side.value,
            quantity_nanos=after.filled_nanos,
            amount_minor=after.charged_minor,
        )
    else:
        reason = after.ending.reason if after.ending and after.ending.reason else after.status.value
        ended = OrderRejectedV1(
            user_id=after.user_id, order_id=after.order_id, symbol=after.symbol, reason=reason
        )
    if booking.wallet.open_orders > 1:
        return [ended]
    return [ended, OrdersCompletedV1(user_id=after.user_id, plan_id=after.plan_id)]


def _uncovered(failed: ConditionFailed, wallet: Wallet) -> bool:
    """Whether nothing moved in between and the money simply is not there."""
    stored = failed.found.get("wallet")
    if stored is None or set(failed.found) != {"wallet"}:
        return False
    return (stored["seq"], stored["open_orders"], stored["held"], stored["posted"]) == (
        wallet.seq,
        wallet.open_orders,
        wallet.held,
        wallet.posted,
    )
