"""Fills accepted orders while the market is open, and never one twice."""

import asyncio
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from uuid import uuid4

from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.order import Execution, Order, OrderStatus, Side
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import CENT, decimal_text, shares, timestamp
from sandbox.market.calendar import OutsideCalendar


class Exchange:
    """Orders wait here for the open, for the end of a halt, or for their fill delay."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._bell: datetime | None = None
        state.sandbox.clock.on_move(self.wake)

    def reset(self) -> None:
        """Forgets the timer that was dropped with all background work."""
        self._bell = None

    def announce(self, order: Order, event: str, trade: Execution | None = None) -> None:
        """Publishes what happened to an order."""
        data = {
            "account_id": order.account_id,
            "event": event,
            "timestamp": timestamp(trade.at if trade else order.updated_at),
            "execution_id": trade.id if trade else str(uuid4()),
            "order": order.wire(),
        }
        if trade is not None:
            account = self._state.accounts[order.account_id]
            data |= {
                "price": decimal_text(trade.price),
                "qty": decimal_text(trade.qty),
                "position_qty": decimal_text(account.holding(order.symbol)),
            }
        self._state.events.append(Topic.TRADE, data)

    def wake(self) -> None:
        """Looks at every open order; called when the market opens or closes, when time jumps
        and when a halt ends."""
        now = self._state.now()
        for order in self._state.all_open_orders():
            if not order.in_work:
                self._look_at(order, now)
        self._wait_for_bell()

    def take(self, order: Order) -> None:
        """Starts with an order that was just accepted."""
        self._look_at(order, self._state.now())
        self._wait_for_bell()

    def end(self, order: Order, status: OrderStatus) -> None:
        """Closes an order and says so."""
        self._state.end_order(order, status, self._state.now())
        self.announce(order, status.value)

    def book_again(self, order: Order, trade: Execution) -> None:
        """Books an execution that comes in the place of another, of an order that has ended."""
        self._book(order, trade)
        self._note(order, trade, "fill")

    def schedule(self, order: Order) -> None:
        """Works on the order after the fill delay."""
        if order.in_work:
            return
        order.in_work = True
        self._state.sandbox.background.after(
            self._state.sandbox.config.market_fill_delay_ms, self._work(order)
        )

    def _look_at(self, order: Order, now: datetime) -> None:
        if order.status is OrderStatus.ACCEPTED:
            if now >= order.session.open:
                self.schedule(order)
        elif now >= order.session.close:
            # It reached the market and did not trade out: a halt, or an ordered stop.
            self.end(order, OrderStatus.EXPIRED)
        elif self._tradable(order):
            self.schedule(order)

    def _tradable(self, order: Order) -> bool:
        stopped = order.stops_after is not None and len(order.executions) >= order.stops_after
        return order.symbol not in self._state.market.halted and not stopped

    def _wait_for_bell(self) -> None:
        """Has `wake` called at the next bell if an order may need it."""
        if not any(self._state.open.values()):
            return
        try:
            bell = self._state.clock.next_bell()
        except OutsideCalendar:
            # The replayed years are over: no bell will ever ring.
            return
        if bell == self._bell:
            return
        self._bell = bell
        wait_ms = int(self._state.time_until(bell).total_seconds() * 1000) + 1
        self._state.sandbox.background.after(wait_ms, self._ring(bell))

    async def _ring(self, bell: datetime) -> None:
        if self._bell == bell:
            self._bell = None
        self.wake()

    async def _work(self, order: Order) -> None:
        try:
            await self._execute(order)
        finally:
            order.in_work = False
            self._wait_for_bell()

    async def _execute(self, order: Order) -> None:
        if not order.is_open:
            return
        if order.doomed:
            self.end(order, OrderStatus.REJECTED)
            return
        if order.status is OrderStatus.ACCEPTED:
            order.status = OrderStatus.NEW
            order.updated_at = self._state.now()
            self.announce(order, "new")
        while order.is_open and self._tradable(order):
            self._trade(order)
            if order.is_open:
                await asyncio.sleep(self._state.sandbox.config.market_fill_delay_ms / 1000)

    def _trade(self, order: Order) -> None:
        at = self._trading_time(order)
        tick = self._state.market.traded(order.symbol, at)
        price = tick.ask if order.side is Side.BUY else tick.bid
        qty = self._affordable(order, self._next_qty(order, price), price)
        if qty <= 0:
            # The price ran away from what was set aside, or the shares are gone.
            self.end(order, OrderStatus.CANCELED if order.executions else OrderStatus.REJECTED)
            return
        trade = Execution(str(uuid4()), at, qty, price)
        self._book(order, trade)
        done = len(order.executions) >= order.parts or order.filled_qty == order.qty
        if done:
            self._state.end_order(order, OrderStatus.FILLED, at)
        elif order.status is not OrderStatus.PENDING_CANCEL:
            order.status = OrderStatus.PARTIALLY_FILLED
        order.updated_at = at
        self._note(order, trade, "fill" if done else "partial_fill")
        self.announce(order, "fill" if done else "partial_fill", trade)

    def _trading_time(self, order: Order) -> datetime:
        """Now; but an order over whose session time jumped traded as soon as it could."""
        now = self._state.now()
        return now if order.session.holds(now) else max(order.created_at, order.session.open)

    @staticmethod
    def _next_qty(order: Order, price: Decimal) -> Decimal:
        """The size of the next execution; it never goes over what was ordered."""
        parts_left = order.parts - len(order.executions)
        if order.qty is not None:
            rest = order.qty - order.filled_qty
            return shares(rest / parts_left) or rest
        rest = (order.notional or Decimal(0)) - order.filled_value
        part = (rest / parts_left).quantize(CENT, ROUND_DOWN) if parts_left > 1 else rest
        return shares((part or rest) / price)

    def _affordable(self, order: Order, qty: Decimal, price: Decimal) -> Decimal:
        """The quantity, cut for a sale by amount to what is held; zero if it cannot trade."""
        state = self._state
        account = state.accounts[order.account_id]
        if order.side is Side.BUY:
            free = state.buying_power(account) + order.held_cash
            return qty if qty * price <= free else Decimal(0)
        held_by_others = state.held_shares(account.id, order.symbol) - order.held_shares
        free = account.holding(order.symbol) - held_by_others
        if order.qty is None:
            return min(qty, free)
        return qty if qty <= free else Decimal(0)

    def _book(self, order: Order, trade: Execution) -> None:
        account = self._state.accounts[order.account_id]
        value = trade.qty * trade.price
        if order.side is Side.BUY:
            account.bought(order.symbol, trade.qty, trade.price)
            self._state.street += value
        else:
            settles = self._state.market.calendar.settlement(order.session.day)
            account.sold(order.symbol, trade.qty, trade.price, settles)
            self._state.street -= value
        order.executions.append(trade)

    def _note(self, order: Order, trade: Execution, kind: str) -> None:
        leaves = Decimal(0) if order.qty is None else order.qty - order.filled_qty
        self._state.record_at(
            order.account_id,
            "FILL",
            trade.at,
            {
                "transaction_time": timestamp(trade.at),
                "type": kind,
                "price": decimal_text(trade.price),
                "qty": decimal_text(trade.qty),
                "side": order.side.value,
                "symbol": order.symbol,
                "leaves_qty": decimal_text(leaves),
                "order_id": order.id,
                "cum_qty": decimal_text(order.filled_qty),
                "order_status": order.status.value,
                "execution_id": trade.id,
            },
        )
