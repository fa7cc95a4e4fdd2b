"""Takes orders in: checks, questions, answers, cancels."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from sandbox.ibkr.accounts import Account
from sandbox.ibkr.contracts import BY_CONID
from sandbox.ibkr.exchange import STEP, Exchange
from sandbox.ibkr.order import Order, Status, Wanted
from sandbox.ibkr.problems import malformed, said
from sandbox.ibkr.state import Question, State
from sandbox.market.calendar import Session

VENDOR = "ibkr"
MESSAGES = {
    "o163": "The following order exceeds the price percentage limit",
    "o354": "You are submitting an order without market data.",
    "o382": "The following order value exceeds the tick size limit",
    "o383": "The following order size exceeds the Size Limit",
    "o451": "The following order value estimate exceeds the Total Value Limit",
    "o10151": "You are about to submit a market order. Market orders carry risk.",
    "o10164": "Traders are responsible for understanding cash quantity details",
    "o10223": "Orders that express size using a monetary value (cash quantity) are simulated",
    "p12": "The order is potentially disruptive and may be rejected by the exchange",
}
REGISTERED = "Order couldn't be submitted: Local order ID={} is already registered."


class OrderDesk:
    """The gate before the exchange. One order at a time waits for its answer."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    def submit(self, account: Account, body: Any) -> list[dict[str, Any]]:
        """The order's number, or a question about it.

        Raises:
            Problem: it is refused; nothing was changed.
        """
        wanted = self._read(account, body)
        if wanted.client_id in self._state.client_ids:
            raise said(REGISTERED.format(wanted.client_id))
        self._check(account, wanted)
        # Whoever begins another order has given the one that waits up.
        self._state.questions.clear()
        asked = list(self._state.knobs.questions)
        faults = self._state.sandbox.faults
        extra = faults.take(VENDOR, "orders.create", "question")
        if extra is not None:
            asked.append(str(extra.get("id", "o163")))
        endless = faults.take(VENDOR, "orders.create", "question_loop") is not None
        if asked or endless:
            return self._ask(Question(wanted, asked or ["o163"], endless))
        return self._accept(wanted)

    def reply(self, question_id: str, confirmed: bool) -> list[dict[str, Any]]:
        """The order's number, or the next question.

        Raises:
            Problem: nothing waits under this name, or the money has gone in the meantime.
        """
        question = self._state.questions.pop(question_id, None)
        if question is None:
            raise malformed("the reply belongs to no question")
        if not confirmed:
            return []
        if question.endless or len(question.left) > 1:
            left = question.left if question.endless else question.left[1:]
            return self._ask(Question(question.wanted, left, question.endless))
        self._check(self._state.accounts[question.wanted.account], question.wanted)
        return self._accept(question.wanted)

    def modify(self, account: Account, order_id: str, body: Any) -> list[dict[str, Any]]:
        """Another quantity for an order that waits: number and reference stay as they are, and
        what was traded counts.

        Raises:
            Problem: there is no such order, it has ended, or the money is not there.
        """
        order = self._own(account, order_id)
        if not order.open or order.wanted.quantity is None:
            raise said(f"Order {order_id} can't be modified: it is {order.status.value}")
        try:
            quantity = _decimal(body["quantity"])
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise malformed("quantity") from error
        if quantity is None or quantity <= order.filled:
            raise said("Order quantity is invalid")
        if quantity > order.wanted.quantity:
            self._check(account, replace(order.wanted, quantity=quantity - order.wanted.quantity))
        order.wanted = replace(order.wanted, quantity=quantity)
        order.parts, order.stops_after = order.parts + 1, None
        self._exchange.take(order)
        return [{"order_id": str(order.id), "order_status": order.status.value}]

    def _own(self, account: Account, order_id: str) -> Order:
        order = self._order(order_id)
        if order.wanted.account != account.id:
            raise said(f"OrderID {order_id} doesn't exist")
        return order

    def cancel(self, account: Account, order_id: str) -> dict[str, Any]:
        """Cancels what has not traded.

        Raises:
            Problem: there is no such order, or nothing is left to cancel.
        """
        order = self._own(account, order_id)
        if not order.open:
            raise said(f"Order {order_id} can't be cancelled: it is {order.status.value}")
        if self._state.sandbox.faults.take(VENDOR, "orders.cancel", "cancel_race") is not None:
            order.status, order.stops_after = Status.PENDING_CANCEL, None
            self._exchange.take(order)
        else:
            self._state.end(order, Status.CANCELLED)
        return {
            "msg": "Request was submitted",
            "order_id": order.id,
            "account": account.id,
            "conid": -1,
        }

    def find(self, order_id: str) -> Order:
        """An order by its number.

        Raises:
            Problem: there is none.
        """
        return self._order(order_id)

    def _order(self, order_id: str) -> Order:
        try:
            return self._state.orders[int(order_id)]
        except (KeyError, ValueError) as error:
            raise said(f"OrderID {order_id} doesn't exist") from error

    def _ask(self, question: Question) -> list[dict[str, Any]]:
        name, message = str(uuid4()), question.left[0]
        self._state.questions[name] = question
        words = MESSAGES.get(message, "Please confirm this order")
        return [{"id": name, "message": [words], "isSuppressed": False, "messageIds": [message]}]

    def _accept(self, wanted: Wanted) -> list[dict[str, Any]]:
        faults, state = self._state.sandbox.faults, self._state
        order = Order(state.next_id(), wanted, state.now(), self._session())
        order.parts = state.knobs.executions
        order.doomed = faults.take(VENDOR, "orders.create", "reject") is not None
        partial = faults.take(VENDOR, "orders.create", "partial_fill")
        if partial is not None:
            order.parts = int(partial.get("executions", 2))
            stop = partial.get("stop_after")
            order.stops_after = None if stop is None else int(stop)
        state.add(order)
        self._exchange.take(order)
        return [
            {
                "order_id": str(order.id),
                "order_status": order.status.value,
                "encrypt_message": "1",
            }
        ]

    def _session(self) -> Session:
        running = self._state.clock.session()
        return running or self._state.market.calendar.next_after(self._state.now())

    def _read(self, account: Account, body: Any) -> Wanted:
        try:
            (given,) = body["orders"]
            wanted = Wanted(
                account=account.id,
                symbol=BY_CONID[given["conid"]],
                side=given["side"],
                kind=given["orderType"],
                quantity=_decimal(given.get("quantity")),
                cash=_decimal(given.get("cashQty")),
                price=_decimal(given.get("price")),
                client_id=given.get("cOID"),
            )
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise malformed("an order is missing or has no known contract") from error
        sound = wanted.side in ("BUY", "SELL") and wanted.kind in ("MKT", "LMT")
        if not sound or (wanted.quantity is None) == (wanted.cash is None):
            raise malformed("side, orderType, and either quantity or cashQty")
        if (wanted.price is None) != (wanted.kind == "MKT") or given.get("tif") != "DAY":
            raise malformed("price belongs to limit orders, and tif is DAY")
        return wanted

    def _check(self, account: Account, wanted: Wanted) -> None:
        size = wanted.quantity if wanted.quantity is not None else wanted.cash
        if size is None or size <= 0 or size % STEP:
            raise said("Order quantity is invalid")
        if wanted.symbol in self._state.market.halted:
            raise said("Trading in this contract is halted")
        if not self._state.knobs.fractions and (wanted.cash is not None or size % 1):
            raise said("This account is not permitted to trade fractional shares")
        if wanted.side == "SELL":
            if wanted.cash is not None or size > self._state.free_shares(account, wanted.symbol):
                raise said("This account may not hold short stock positions")
            return
        tick = self._state.market.traded(wanted.symbol)
        cost = wanted.cash if wanted.cash is not None else size * (wanted.price or tick.ask)
        free = self._state.free_cash(account)
        if cost > free:
            raise said(
                "We are unable to accept your order. Your Available Funds are insufficient "
                f"to cover the cost of this order. AVAILABLE FUNDS: {free} USD"
            )


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("a number")
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("a number")
    return number
