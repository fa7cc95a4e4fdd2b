"""Endpoints about orders."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca import assets
from sandbox.alpaca.accounts import Account
from sandbox.alpaca.order import Order
from sandbox.alpaca.order_desk import OrderDesk
from sandbox.alpaca.problems import Problem, invalid, not_found
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import json_body, list_parameter, number_parameter, time_parameter

LARGEST_LIST = 500
DEFAULT_LIST = 50


class TradingRoutes:
    """`/v1/trading/accounts/{id}/orders` and the closing of positions."""

    def __init__(self, state: State, desk: OrderDesk) -> None:
        self._state = state
        self._desk = desk

    async def create(self, request: Request) -> Response:
        account = self._account(request)
        return JSONResponse(self._desk.submit(account, await json_body(request)).wire())

    async def show(self, request: Request) -> Response:
        order = self._desk.find(self._account(request), request.path_params["order_id"])
        return JSONResponse(order.wire())

    async def show_by_client_id(self, request: Request) -> Response:
        wanted = request.query_params.get("client_order_id")
        if not wanted:
            raise invalid("client_order_id is required")
        return JSONResponse(self._desk.find_by_client_id(self._account(request), wanted).wire())

    async def search(self, request: Request) -> Response:
        query = request.query_params
        status = query.get("status", "open")
        direction = query.get("direction", "desc")
        if status not in {"open", "closed", "all"} or direction not in {"asc", "desc"}:
            raise invalid("status must be open, closed or all, direction asc or desc")
        limit = number_parameter(request, "limit", DEFAULT_LIST, LARGEST_LIST)
        after, until = time_parameter(request, "after"), time_parameter(request, "until")
        symbols = set(list_parameter(request, "symbols"))
        account = self._account(request)
        found = [
            order
            for order in self._state.orders.values()
            if order.account_id == account.id
            and (status == "all" or order.is_open == (status == "open"))
            and (not symbols or order.symbol in symbols)
            and query.get("side", order.side.value) == order.side.value
            and (after is None or order.created_at > after)
            and (until is None or order.created_at <= until)
        ]
        if direction == "desc":
            found.reverse()
        return JSONResponse([order.wire() for order in found[:limit]])

    async def replace(self, request: Request) -> Response:
        account = self._account(request)
        order = self._desk.find(account, request.path_params["order_id"])
        return JSONResponse(self._desk.replace(account, order, await json_body(request)).wire())

    async def cancel(self, request: Request) -> Response:
        self._desk.cancel(self._desk.find(self._account(request), request.path_params["order_id"]))
        return Response(status_code=204)

    async def cancel_all(self, request: Request) -> Response:
        account = self._account(request)
        return JSONResponse(
            [self._cancelled(order) for order in self._state.open_orders(account.id)]
        )

    async def close_position(self, request: Request) -> Response:
        account = self._account(request)
        symbol = assets.find(self._state, request.path_params["asset"])
        if symbol is None:
            raise not_found("position")
        order = self._desk.close_position(
            account,
            symbol,
            qty=request.query_params.get("qty"),
            percentage=request.query_params.get("percentage"),
        )
        return JSONResponse(order.wire())

    async def close_all_positions(self, request: Request) -> Response:
        account = self._account(request)
        if request.query_params.get("cancel_orders", "").lower() == "true":
            for order in self._state.open_orders(account.id):
                self._cancelled(order)
        return JSONResponse([self._closed(account, symbol) for symbol in sorted(account.holdings)])

    def _closed(self, account: Account, symbol: str) -> dict[str, Any]:
        try:
            order = self._desk.close_position(account, symbol, qty=None, percentage=None)
        except Problem as problem:
            refusal = {"code": problem.code, "message": str(problem), "symbol": symbol}
            return {"symbol": symbol, "status": problem.status, "body": refusal}
        return {"order_id": order.id, "status": 200, "symbol": symbol, "body": order.wire()}

    def _cancelled(self, order: Order) -> dict[str, Any]:
        try:
            self._desk.cancel(order)
        except Problem as problem:
            refusal = {"code": problem.code, "message": str(problem)}
            return {"id": order.id, "status": problem.status, "body": refusal}
        return {"id": order.id, "status": 200, "body": order.wire()}

    def _account(self, request: Request) -> Account:
        return self._state.account(request.path_params["account_id"])
