"""Takes orders in, checks them, cancels them, closes positions."""

from decimal import ROUND_UP, Decimal
from typing import Any
from uuid import uuid4

from sandbox.alpaca import assets
from sandbox.alpaca.accounts import Account, AccountStatus
from sandbox.alpaca.exchange import Exchange
from sandbox.alpaca.order import Order, OrderStatus, Side
from sandbox.alpaca.order_bodies import CreateOrder, ReplaceOrder
from sandbox.alpaca.problems import Problem, duplicate_order, forbidden, invalid, not_found
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import CENT, SHARE_STEP, decimal_text, read
from sandbox.market.calendar import Session

VENDOR = "alpaca"
# A market buy by quantity sets aside more than its price, which may move until it fills.
COLLAR = Decimal("1.03")


class OrderDesk:
    """The gate before the exchange."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    def submit(self, account: Account, body: Any) -> Order:
        """Accepts an order.

        Raises:
            Problem: it is refused; nothing was changed.
        """
        wanted = read(body, CreateOrder)
        if account.status is not AccountStatus.ACTIVE:
            raise forbidden("account is not active")
        # Before every other check: whoever repeats an order must learn that it exists.
        if (account.id, wanted.client_order_id) in self._state.orders_by_client_id:
            raise duplicate_order()
        symbol = self._tradable(wanted)
        order = self._accepted(account, wanted, symbol)
        self._apply_faults(order)
        self._state.add_order(order)
        self._exchange.announce(order, "accepted")
        self._exchange.take(order)
        return order

    def find(self, account: Account, order_id: str) -> Order:
        """The account's order.

        Raises:
            Problem: it has no such order.
        """
        order = self._state.orders.get(order_id.lower())
        if order is None or order.account_id != account.id:
            raise not_found("order")
        return order

    def find_by_client_id(self, account: Account, client_order_id: str) -> Order:
        """The same by the client's own id.

        Raises:
            Problem: it has no such order.
        """
        order_id = self._state.orders_by_client_id.get((account.id, client_order_id))
        if order_id is None:
            raise not_found("order")
        return self._state.orders[order_id]

    def cancel(self, order: Order) -> None:
        """Cancels what has not traded.

        Raises:
            Problem: nothing is left to cancel.
        """
        if not order.is_open or order.status is OrderStatus.PENDING_CANCEL:
            raise invalid(f"order is not cancelable: it is {order.status.value}")
        faults = self._state.sandbox.faults
        if faults.take(VENDOR, "orders.cancel", "cancel_race") is None:
            self._exchange.end(order, OrderStatus.CANCELED)
            return
        order.status = OrderStatus.PENDING_CANCEL
        order.updated_at = self._state.now()
        order.stops_after = None
        self._exchange.announce(order, "pending_cancel")
        self._exchange.take(order)

    def replace(self, account: Account, order: Order, body: Any) -> Order:
        """Another order in the place of one that waits. It counts its own shares alone: what was
        traded before is not taken off its quantity.

        Raises:
            Problem: it cannot be replaced; nothing was changed.
        """
        wanted = read(body, ReplaceOrder)
        if order.status not in {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED}:
            raise invalid(f"unable to replace order: it is {order.status.value}")
        if order.qty is None:
            raise invalid("orders over a notional amount cannot be replaced")
        if (account.id, wanted.client_order_id) in self._state.orders_by_client_id:
            raise duplicate_order()
        qty = order.qty if wanted.qty is None else wanted.qty
        given = {"symbol": order.symbol, "side": order.side.value, "qty": decimal_text(qty)}
        given |= {"type": "market", "time_in_force": "day"}
        named = {"client_order_id": wanted.client_order_id}
        # What the old one has set aside is free for the new one, and kept if that is refused.
        before, order.reserved = order.reserved, Decimal(0)
        try:
            new = self._accepted(account, read(given | named, CreateOrder), order.symbol)
        except Problem:
            order.reserved = before
            raise
        new.replaces, order.replaced_by = order.id, new.id
        self._exchange.end(order, OrderStatus.REPLACED)
        self._state.add_order(new)
        self._exchange.take(new)
        return new

    def close_position(
        self, account: Account, symbol: str, *, qty: str | None, percentage: str | None
    ) -> Order:
        """Sells a position, or a part of it.

        Raises:
            Problem: there is none, or the part makes no sense.
        """
        held = account.holding(symbol)
        if not held:
            raise not_found("position")
        if qty is not None and percentage is not None:
            raise invalid("qty or percentage, and only one of them")
        wanted = held - self._state.held_shares(account.id, symbol)
        if percentage is not None:
            share = _positive(percentage, "percentage", Decimal(100))
            wanted = (held * share / 100).quantize(SHARE_STEP, rounding="ROUND_DOWN")
        elif qty is not None:
            wanted = _positive(qty, "qty", held)
        if wanted <= 0:
            raise forbidden("insufficient qty available for order: open orders hold all of it")
        body = {"symbol": symbol, "side": "sell", "type": "market", "time_in_force": "day"}
        return self.submit(account, body | {"qty": decimal_text(wanted)})

    def _tradable(self, wanted: CreateOrder) -> str:
        symbol = assets.find(self._state, wanted.symbol)
        if symbol is None:
            raise invalid(f'asset "{wanted.symbol}" not found')
        if symbol in self._state.market.halted:
            raise invalid(f'asset "{symbol}" is not tradable: trading is halted')
        if wanted.fractional and symbol in self._state.knobs.whole_shares_only:
            raise invalid(f'requested asset "{symbol}" is not fractionable')
        return symbol

    def _accepted(self, account: Account, wanted: CreateOrder, symbol: str) -> Order:
        now = self._state.now()
        return Order(
            id=str(uuid4()),
            client_order_id=wanted.client_order_id,
            account_id=account.id,
            asset_id=assets.asset_id(symbol),
            symbol=symbol,
            side=wanted.side,
            notional=wanted.notional,
            qty=wanted.qty,
            time_in_force=wanted.time_in_force,
            created_at=now,
            updated_at=now,
            session=self._session(),
            reserved=self._reserve(account, wanted, symbol),
            parts=self._state.knobs.executions,
        )

    def _session(self) -> Session:
        """The running session, or the next one."""
        running = self._state.clock.session()
        return running or self._state.market.calendar.next_after(self._state.now())

    def _reserve(self, account: Account, wanted: CreateOrder, symbol: str) -> Decimal:
        """What to set aside: cash for a buy, shares for a sale."""
        tick = self._state.market.traded(symbol)
        if wanted.side is Side.BUY:
            qty = wanted.qty or Decimal(0)
            cash = wanted.notional or (qty * tick.ask * COLLAR).quantize(CENT, ROUND_UP)
            if cash > self._state.buying_power(account):
                raise forbidden("insufficient buying power")
            return cash
        by_amount = (wanted.notional or Decimal(0)) / tick.bid
        qty = wanted.qty or by_amount.quantize(SHARE_STEP, ROUND_UP)
        free = account.holding(symbol) - self._state.held_shares(account.id, symbol)
        if qty > free:
            asked, left = decimal_text(qty), decimal_text(free)
            raise forbidden(
                f"insufficient qty available for order (requested: {asked}, available: {left})"
            )
        return qty

    def _apply_faults(self, order: Order) -> None:
        faults = self._state.sandbox.faults
        order.doomed = faults.take(VENDOR, "orders.create", "reject") is not None
        partial = faults.take(VENDOR, "orders.create", "partial_fill")
        if partial is not None:
            order.parts = _count(partial.get("executions"), least=2) or 2
            order.stops_after = _count(partial.get("stop_after"), least=0)


def _count(value: object, *, least: int) -> int | None:
    """A number out of the parameters of a fault, None if it is absent or unusable."""
    return value if isinstance(value, int) and value >= least else None


def _positive(text: str, name: str, largest: Decimal) -> Decimal:
    """A number above zero, at most `largest`, with nine places at most."""
    try:
        value = Decimal(text)
        in_range = value.is_finite() and 0 < value <= largest
    except ArithmeticError:
        in_range = False
    if not in_range or value != value.quantize(SHARE_STEP):
        raise invalid(f"{name} must be a number above 0 and at most {decimal_text(largest)}")
    return value
