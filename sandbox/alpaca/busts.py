"""Trades that the exchange takes back, or corrects."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.exchange import Exchange
from sandbox.alpaca.order import Execution, Order, Side
from sandbox.alpaca.state import State
from sandbox.alpaca.trade_bodies import CorrectionOrder
from sandbox.alpaca.wire import decimal_text, timestamp


class CannotBust(ValueError):
    """The trade is unknown, its order is open, or what it brought has moved on."""


class Busts:
    """`POST /_control/alpaca/trades/{execution_id}/bust` and `…/correct`."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    async def bust(self, request: Request) -> Response:
        try:
            order = self.take_back(request.path_params["execution_id"])
        except CannotBust as error:
            return _refusal("cannot_bust", str(error), 409)
        return JSONResponse(order.wire())

    async def correct(self, request: Request) -> Response:
        try:
            wanted = CorrectionOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal("invalid_body", error.errors(include_url=False)[0]["msg"], 422)
        try:
            order = self.put_right(request.path_params["execution_id"], wanted.price, wanted.qty)
        except CannotBust as error:
            return _refusal("cannot_bust", str(error), 409)
        return JSONResponse(order.wire())

    def take_back(self, execution_id: str) -> Order:
        """Reverses an execution: cash and shares go back, the order's status stays as it was.

        Raises:
            CannotBust: nothing was changed.
        """
        order, trade = self._find(execution_id)
        self._reverse(order, trade)
        self._announce(order, "trade_bust", trade, replace(trade, qty=-trade.qty), str(uuid4()))
        return order

    def put_right(self, execution_id: str, price: Decimal, qty: Decimal | None) -> Order:
        """Puts another execution in the place of one.

        Raises:
            CannotBust: nothing was changed.
        """
        order, trade = self._find(execution_id)
        right = Execution(str(uuid4()), trade.at, qty or trade.qty, price)
        more = right.qty - trade.qty
        if order.side is Side.SELL and more > self._free(order):
            raise CannotBust("the shares that the correction sells are not there")
        self._reverse(order, trade, right.qty)
        self._exchange.book_again(order, right)
        self._announce(order, "trade_correct", trade, right, right.id)
        return order

    def _free(self, order: Order) -> Decimal:
        account = self._state.accounts[order.account_id]
        return account.holding(order.symbol) - self._state.held_shares(account.id, order.symbol)

    def _reverse(self, order: Order, trade: Execution, stays: Decimal = Decimal(0)) -> None:
        account = self._state.accounts[order.account_id]
        value = trade.qty * trade.price
        if order.is_open:
            raise CannotBust("the order is still open")
        if order.side is Side.BUY:
            if trade.qty - stays > self._free(order):
                raise CannotBust("the shares have been sold")
            account.unbought(order.symbol, trade.qty, trade.price)
            self._state.street -= value
        else:
            if value > account.cash and not stays:
                raise CannotBust("the money is gone")
            settles = self._state.market.calendar.settlement(order.session.day)
            account.unsold(order.symbol, trade.qty, trade.price, settles)
            self._state.street += value
        order.executions.remove(trade)
        self._state.forget_execution(trade.id)

    def _find(self, execution_id: str) -> tuple[Order, Execution]:
        for order in self._state.orders.values():
            for trade in order.executions:
                if trade.id == execution_id:
                    return order, trade
        raise CannotBust("there is no such execution")

    def _announce(
        self, order: Order, kind: str, before: Execution, after: Execution, execution_id: str
    ) -> None:
        order.updated_at = self._state.now()
        account = self._state.accounts[order.account_id]
        data: dict[str, Any] = {
            "account_id": order.account_id,
            "event": kind,
            "timestamp": timestamp(order.updated_at),
            "execution_id": execution_id,
            "previous_execution_id": before.id,
            "price": decimal_text(after.price),
            "qty": decimal_text(after.qty),
            "position_qty": decimal_text(account.holding(order.symbol)),
            "order": order.wire(),
        }
        self._state.events.append(Topic.TRADE, data)


def _refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
