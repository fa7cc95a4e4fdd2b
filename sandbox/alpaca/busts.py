"""Trades that the exchange takes back."""

from decimal import Decimal
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.order import Execution, Order, Side
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import decimal_text, timestamp


class CannotBust(ValueError):
    """The trade is unknown, is a sale, or its shares have been sold on."""


class Busts:
    """`POST /_control/alpaca/trades/{execution_id}/bust`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def bust(self, request: Request) -> Response:
        try:
            order = self.take_back(request.path_params["execution_id"])
        except CannotBust as error:
            refusal = {"error": {"code": "cannot_bust", "message": str(error)}}
            return JSONResponse(refusal, status_code=409)
        return JSONResponse(order.wire())

    def take_back(self, execution_id: str) -> Order:
        """Reverses an executed buy: cash back, shares gone, the order's status as it was.

        Raises:
            CannotBust: nothing was changed.
        """
        order, trade = self._find(execution_id)
        account = self._state.accounts[order.account_id]
        free = account.holding(order.symbol) - self._state.held_shares(account.id, order.symbol)
        if order.is_open or order.side is Side.SELL or trade.qty > free:
            raise CannotBust("only a buy of an ended order whose shares are still held")
        value = trade.qty * trade.price
        account.unbought(order.symbol, trade.qty, trade.price)
        self._state.street -= value
        order.executions.remove(trade)
        self._state.forget_execution(trade.id)
        self._announce(order, trade, account.holding(order.symbol))
        return order

    def _find(self, execution_id: str) -> tuple[Order, Execution]:
        for order in self._state.orders.values():
            for trade in order.executions:
                if trade.id == execution_id:
                    return order, trade
        raise CannotBust("there is no such execution")

    def _announce(self, order: Order, trade: Execution, position: Decimal) -> None:
        order.updated_at = self._state.now()
        self._state.events.append(
            Topic.TRADE,
            {
                "account_id": order.account_id,
                "event": "trade_bust",
                "timestamp": timestamp(order.updated_at),
                "execution_id": str(uuid4()),
                "previous_execution_id": trade.id,
                "price": decimal_text(trade.price),
                "qty": decimal_text(-trade.qty),
                "position_qty": decimal_text(position),
                "order": order.wire(),
            },
        )
