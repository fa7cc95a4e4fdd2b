"""Endpoints about contracts, orders, questions and trades."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.ibkr.api import json_body
from sandbox.ibkr.contracts import stocks
from sandbox.ibkr.desk import OrderDesk
from sandbox.ibkr.problems import malformed
from sandbox.ibkr.state import State

ACCOUNTS = "/iserver/accounts"


class TradingRoutes:
    """`/iserver/account/…`, `/iserver/reply/…` and `/trsrv/stocks`."""

    def __init__(self, state: State, desk: OrderDesk) -> None:
        self._state = state
        self._desk = desk

    async def stocks(self, request: Request) -> Response:
        self._state.session.require()
        asked = request.query_params.get("symbols", "")
        symbols = [one.strip() for one in asked.split(",") if one.strip()]
        if not symbols:
            raise malformed("symbols is required")
        return JSONResponse(stocks(symbols))

    async def create(self, request: Request) -> Response:
        self._state.session.require(after=ACCOUNTS)
        account = self._state.account(request.path_params["account"])
        return JSONResponse(self._desk.submit(account, await json_body(request)))

    async def reply(self, request: Request) -> Response:
        self._state.session.require(after=ACCOUNTS)
        body = await json_body(request)
        confirmed = isinstance(body, dict) and body.get("confirmed") is True
        return JSONResponse(self._desk.reply(request.path_params["question"], confirmed))

    async def modify(self, request: Request) -> Response:
        self._state.session.require(after=ACCOUNTS)
        account = self._state.account(request.path_params["account"])
        order = request.path_params["order"]
        return JSONResponse(self._desk.modify(account, order, await json_body(request)))

    async def cancel(self, request: Request) -> Response:
        self._state.session.require(after=ACCOUNTS)
        account = self._state.account(request.path_params["account"])
        return JSONResponse(self._desk.cancel(account, request.path_params["order"]))

    async def status(self, request: Request) -> Response:
        self._state.session.require(after=ACCOUNTS)
        return JSONResponse(self._desk.find(request.path_params["order"]).detail())

    async def orders(self, request: Request) -> Response:
        """Today's orders, open and ended. The first answer of a session only begins the list."""
        self._state.session.require(after=ACCOUNTS)
        if self._state.session.first("orders") or self._preflight("orders.list"):
            return JSONResponse({"orders": [], "snapshot": False})
        wanted = request.query_params.get("accountId")
        today = self._state.now().date()
        lines = [
            order.live()
            for order in self._state.orders.values()
            if (order.open or order.created_at.date() == today)
            and wanted in (None, order.wanted.account)
        ]
        return JSONResponse({"orders": lines, "snapshot": True})

    async def trades(self, _: Request) -> Response:
        """Executions of the selected account in the last week."""
        self._state.session.require(after=ACCOUNTS)
        if self._preflight("trades.list"):
            return JSONResponse([])
        selected = self._state.selected or min(self._state.accounts, default="")
        week = self._state.now().timestamp() * 1000 - 7 * 86_400_000
        lines = [
            line
            for order in self._state.orders.values()
            if order.wanted.account == selected
            for line in order.trades()
            if line["trade_time_r"] >= week
        ]
        return JSONResponse(lines)

    def _preflight(self, operation: str) -> bool:
        return self._state.sandbox.faults.take("ibkr", operation, "empty_preflight") is not None
