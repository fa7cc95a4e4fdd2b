"""Fills accepted orders while the market is open, and never one twice."""

import asyncio
from decimal import ROUND_DOWN, Decimal
from uuid import uuid4

from sandbox.ibkr.order import Execution, Order, Status
from sandbox.ibkr.state import State
from sandbox.market.calendar import OutsideCalendar

# Parts of a share have four places here.
STEP = Decimal("0.0001")


class Exchange:
    """Orders wait here for the open, for the end of a halt, or for their fill delay."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.sandbox.clock.on_move(self.wake)

    def wake(self) -> None:
        """Looks at every open order."""
        for order in self._state.open_orders():
            self.take(order)

    def take(self, order: Order) -> None:
        """Works on an order, at once or when the market opens."""
        if order.in_work:
            return
        now = self._state.now()
        if now >= order.session.close:
            self._state.end(order, Status.CANCELLED)
            return
        if now < order.session.open:
            wait_ms = int((order.session.open - now).total_seconds() * 1000) + 1
            self._state.sandbox.background.after(wait_ms, self._again(order))
            return
        order.in_work = True
        delay = self._state.sandbox.config.market_fill_delay_ms
        self._state.sandbox.background.after(delay, self._work(order))

    async def _again(self, order: Order) -> None:
        if order.open:
            self.take(order)

    async def _work(self, order: Order) -> None:
        try:
            await self._execute(order)
        except OutsideCalendar:
            self._state.end(order, Status.CANCELLED)
        finally:
            order.in_work = False

    async def _execute(self, order: Order) -> None:
        if order.doomed:
            self._state.end(order, Status.INACTIVE)
            return
        if order.open and order.status is Status.PRE_SUBMITTED:
            order.status = Status.SUBMITTED
        while order.open and self._tradable(order):
            self._trade(order)
            if order.open:
                await asyncio.sleep(self._state.sandbox.config.market_fill_delay_ms / 1000)

    def _tradable(self, order: Order) -> bool:
        stopped = order.stops_after is not None and len(order.executions) >= order.stops_after
        return order.wanted.symbol not in self._state.market.halted and not stopped

    def _trade(self, order: Order) -> None:
        wanted, market = order.wanted, self._state.market
        tick = market.traded(wanted.symbol)
        price = tick.ask if wanted.side == "BUY" else tick.bid
        qty = self._next_qty(order, price)
        if qty <= 0:
            self._state.end(order, Status.FILLED if order.filled else Status.CANCELLED)
            return
        account = self._state.accounts[wanted.account]
        if wanted.side == "BUY":
            account.bought(wanted.symbol, qty, price)
        else:
            day = market.calendar.settlement(order.session.day)
            account.sold(wanted.symbol, qty, price, day)
        name = f"{uuid4().hex[:8]}.{uuid4().hex[:8]}.01.01"
        order.executions.append(Execution(name, self._state.now(), qty, price))
        if len(order.executions) >= order.parts or order.filled == wanted.quantity:
            self._state.end(order, Status.FILLED)

    @staticmethod
    def _next_qty(order: Order, price: Decimal) -> Decimal:
        """The size of the next execution; never more than was ordered."""
        parts_left = order.parts - len(order.executions)
        if order.wanted.quantity is not None:
            rest = order.wanted.quantity - order.filled
            step = Decimal(1) if order.wanted.quantity % 1 == 0 else STEP
            return (rest / parts_left).quantize(step, ROUND_DOWN) or rest
        rest = (order.wanted.cash or Decimal(0)) - order.value
        return (rest / parts_left / price).quantize(STEP, ROUND_DOWN)
