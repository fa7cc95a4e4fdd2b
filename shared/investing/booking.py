"""Booking what the broker reports: order, wallet, journal, position and events as one fact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from shared.cases.model import CaseKind, MoneyCase, new_case
from shared.cases.ports import Cases
from shared.investing.errors import FillNotCovered, OrderMismatch, OrderUnknown
from shared.investing.events import (
    OrderFilledV1,
    OrderRejectedV1,
    OrdersCompletedV1,
    TradeCorrectedV1,
)
from shared.investing.lapses import lapsed
from shared.investing.model import Ending, Order, order_names
from shared.investing.movements import Cash, Moves, cash_of, drafts_of, purse_moves
from shared.investing.ports import Booking, Plans, TradeEvent
from shared.investing.taxing import taxed
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.ledger.purses import purses_text
from shared.platform.correlation import continue_trace
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
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
        cases: Cases,
        facts: UnitOfWork,
        clock: Clock,
        pause: Callable[[int], None],
    ) -> None:
        self._plans = plans
        self._ledger = ledger
        self._positions = positions
        self._cases = cases
        self._facts = facts
        self._clock = clock
        self._pause = pause

    def apply(self, event: TradeEvent) -> Order:
        """The order afterwards; a duplicate changes nothing.

        Raises OrderUnknown for an order that is not there, OrderMismatch when the event
        contradicts it, FillNotCovered when a late fill exceeds the money, and
        TemporarilyUnavailable when other writers kept interfering.
        """
        names = order_names(event.client_order_id) or self._in_whose_place(event)
        if names is None:
            raise OrderUnknown()
        user_id, order_id = names
        return retry_lost_race(
            lambda: self._attempt(user_id, order_id, event), tries=TRIES, pause=self._pause
        )

    def _in_whose_place(self, event: TradeEvent) -> tuple[str, str] | None:
        """Whose order the broker has replaced by one that bears no name of ours."""
        ours = self._plans.named(event.broker_order_id) if event.broker_order_id else None
        return None if ours is None else order_names(ours)

    def _attempt(self, user_id: str, order_id: str, event: TradeEvent) -> Order:
        booking = self._plans.booking(user_id, order_id, event.symbol)
        if booking is None:
            raise OrderUnknown()
        before = booking.order
        continue_trace(before.trace)
        _agree(before, event)
        moves = self._moves(booking, event)
        after = moves.order
        # A duplicate must compare equal, whatever the time.
        if replace(after, updated_at=before.updated_at) == before:
            return before
        cash = cash_of(moves, booking.wallet, before)
        writes = [*self._writes(booking, moves, cash, event), self._plans.save(after)]
        writes += lapsed(before, after, self._clock.now())
        if after.successors is not before.successors:
            writes.append(self._plans.succeeded(after, event.replaced_by))
        if moves.corrects and (cash.owed or moves.patched or moves.position.owed_nanos):
            writes.append(self._cases.open(self._case(moves, cash)))
        try:
            self._facts.commit(writes, *_events(booking, moves))
        except ConditionFailed as failed:
            if _uncovered(failed, booking.wallet):
                raise FillNotCovered() from failed
            raise LostRace from failed
        return after

    def _moves(self, booking: Booking, event: TradeEvent) -> Moves:
        now = self._clock.now()
        beside = booking.wallet.fraction - booking.order.fraction
        moves = Moves(booking.order, booking.position, beside=beside)
        if event.broker_order_id and event.broker_order_id not in moves.order.successors.names:
            moves = replace(moves, order=moves.order.submitted(event.broker_order_id, now))
        if event.taken_back is not None:
            moves = moves.busted(event.taken_back, event.at, now)
        if event.execution is not None:
            moves = moves.executed(event.execution, now)
        if event.ending is not None:
            moves = replace(moves, order=_ended_or_replaced(moves.order, event, event.ending, now))
        return moves

    def _writes(self, booking: Booking, moves: Moves, cash: Cash, event: TradeEvent) -> list[Write]:
        """Money and shares that move; nothing when only the status changed."""
        wallet, closed = booking.wallet, int(moves.order.final and not booking.order.final)
        drafts = drafts_of(moves, cash.owed, event.broker_order_id)
        if not drafts:
            if not cash.freed and not closed:
                return []
            purses = purse_moves(moves, cash)
            return [self._ledger.release(wallet, cash.freed, orders=closed, purses=purses)]
        posted = self._ledger.post(
            wallet,
            *drafts,
            posted=cash.posted,
            held=-cash.freed,
            orders=-closed,
            owed=cash.owed,
            settling=moves.settling,
            purses=purse_moves(moves, cash),
            fraction=moves.beside + moves.order.fraction,
        )
        lines = taxed(booking, moves, event)
        return [*posted, self._positions.save(moves.position), *lines]

    def _case(self, moves: Moves, cash: Cash) -> MoneyCase:
        """Somebody has to look: what was taken back had been sold or spent."""
        order = moves.order
        return new_case(
            CaseKind.TRADE_TAKEN_BACK,
            order.order_id,
            self._clock.now(),
            user_id=order.user_id,
            symbol=order.symbol,
            side=order.side.value,
            executions=",".join(sorted(order.taken_back)),
            owed_minor=str(cash.owed),
            sold_since_nanos=str(moves.patched),
            owed_nanos=str(moves.position.owed_nanos),
        )


def _agree(order: Order, event: TradeEvent) -> None:
    """An event that contradicts what we asked for must not move anything."""
    if event.symbol != order.symbol:
        raise OrderMismatch(field="symbol")
    if event.side is not order.side:
        raise OrderMismatch(field="side")
    if event.account_id != order.account_id:
        raise OrderMismatch(field="account")
    known = (order.broker_order_id, *order.successors.names)
    if known[0] is not None and event.broker_order_id and event.broker_order_id not in known:
        raise OrderMismatch(field="broker order")


def _ended_or_replaced(order: Order, event: TradeEvent, ending: Ending, now: datetime) -> Order:
    """Only the end of the last order that stands in its place is its end."""
    if event.replaced_by:
        return order.replaced(event.replaced_by, ending.filled_nanos, now)
    successors = order.successors.names
    if successors and event.broker_order_id != successors[-1]:
        return order
    return order.ended(ending, now)


def _events(booking: Booking, moves: Moves) -> list[Event]:
    """What others hear: once when the order ends, and whenever a booked trade is corrected."""
    before, after = booking.order, moves.order
    told: list[Event] = []
    if moves.corrects:
        told.append(
            TradeCorrectedV1(
                user_id=after.user_id,
                order_id=after.order_id,
                symbol=after.symbol,
                side=after.side.value,
                quantity_nanos=after.filled_nanos,
                amount_minor=after.charged_minor,
                quantity_before_nanos=before.filled_nanos,
                amount_before_minor=before.charged_minor,
            )
        )
    if before.final or not after.final:
        return told
    told.append(_ended(after))
    if booking.wallet.open_orders <= 1:
        told.append(OrdersCompletedV1(user_id=after.user_id, plan_id=after.plan_id))
    return told


def _ended(after: Order) -> Event:
    if after.filled_nanos:
        return OrderFilledV1(
            user_id=after.user_id,
            order_id=after.order_id,
            symbol=after.symbol,
            side=after.side.value,
            quantity_nanos=after.filled_nanos,
            amount_minor=after.charged_minor,
        )
    reason = after.ending.reason if after.ending and after.ending.reason else after.status.value
    return OrderRejectedV1(
        user_id=after.user_id, order_id=after.order_id, symbol=after.symbol, reason=reason
    )


def _uncovered(failed: ConditionFailed, wallet: Wallet) -> bool:
    """Whether nothing moved in between and the money simply is not there."""
    stored = failed.found.get("wallet")
    if stored is None or set(failed.found) != {"wallet"}:
        return False
    if (stored.get("purses") or "") != purses_text(wallet.purses):
        return False
    return (stored["seq"], stored["open_orders"], stored["held"], stored["posted"]) == (
        wallet.seq,
        wallet.open_orders,
        wallet.held,
        wallet.posted,
    )
