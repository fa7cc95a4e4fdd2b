"""Endpoints about what an account holds, and about prices."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.ibkr.accounts import Account
from sandbox.ibkr.contracts import BY_CONID, LISTED, conid
from sandbox.ibkr.problems import malformed
from sandbox.ibkr.state import State
from sandbox.market.series import NoPrice

PAGE = 100
PORTFOLIO = "/portfolio/accounts"
RATES = {("USD", "KES"): 129.5, ("KES", "USD"): 0.00772201, ("USD", "USD"): 1.0}


class PortfolioRoutes:
    """`/portfolio/…`, snapshots and exchange rates."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def positions(self, request: Request) -> Response:
        account = self._account(request)
        page = request.path_params["page"]
        if not page.isascii() or not page.isdigit():
            raise malformed("page is a number")
        symbols = sorted(account.holdings)[int(page) * PAGE : (int(page) + 1) * PAGE]
        return JSONResponse([self._position(account, symbol) for symbol in symbols])

    async def ledger(self, request: Request) -> Response:
        account = self._account(request)
        settled = float(account.settled(self._state.now().date()))
        value = sum(float(self._worth(account, symbol)) for symbol in account.holdings)
        line: dict[str, Any] = {
            "acctcode": account.id,
            "cashbalance": float(account.cash),
            "settledcash": settled,
            "stockmarketvalue": value,
            "netliquidationvalue": float(account.cash) + value,
            "exchangerate": 1,
            "dividends": 0.0,
            "interest": 0.0,
            "key": "LedgerList",
            "timestamp": int(self._state.now().timestamp()),
        }
        return JSONResponse(
            {
                "BASE": line | {"currency": "BASE", "secondkey": "BASE"},
                "USD": line | {"currency": "USD", "secondkey": "USD", "endofbundle": 1},
            }
        )

    async def snapshot(self, request: Request) -> Response:
        """The first answer for a contract only begins its feed and has no fields."""
        self._state.session.require(after="/iserver/accounts")
        asked = request.query_params.get("conids", "").split(",")
        known = [BY_CONID.get(int(one)) for one in asked if one.isascii() and one.isdigit()]
        return JSONResponse([self._quote(symbol) for symbol in known if symbol is not None])

    async def exchange_rate(self, request: Request) -> Response:
        self._state.session.require()
        pair = (request.query_params.get("source", ""), request.query_params.get("target", ""))
        if pair not in RATES:
            raise malformed("this pair is not quoted")
        return JSONResponse({"rate": RATES[pair]})

    def _quote(self, symbol: str) -> dict[str, Any]:
        number = conid(symbol)
        if self._state.session.first(f"snapshot {symbol}"):
            return {"conid": number, "conidEx": str(number), "server_id": "q0", "6119": "q0"}
        try:
            tick = self._state.market.published(symbol)
        except NoPrice:
            return {"conid": number, "conidEx": str(number), "6509": "N"}
        last = f"{tick.price:f}"
        halted = symbol in self._state.market.halted
        return {
            "conid": number,
            "conidEx": str(number),
            "_updated": int(tick.at.timestamp() * 1000),
            "6119": "q0",
            "6509": "DPB" if self._state.knobs.delayed_prices else "RpB",
            "31": f"H{last}" if halted else last,
            "84": f"{tick.bid:f}",
            "86": f"{tick.ask:f}",
            "55": symbol,
        }

    def _account(self, request: Request) -> Account:
        self._state.session.require(after=PORTFOLIO)
        return self._state.account(request.path_params["account"])

    def _worth(self, account: Account, symbol: str) -> Any:
        return account.held(symbol) * self._state.market.traded(symbol).price

    def _position(self, account: Account, symbol: str) -> dict[str, Any]:
        held = account.holdings[symbol]
        return {
            "acctId": account.id,
            "conid": conid(symbol),
            "contractDesc": symbol,
            "ticker": symbol,
            "position": float(held.qty),
            "mktPrice": float(self._state.market.traded(symbol).price),
            "mktValue": float(self._worth(account, symbol)),
            "currency": "USD",
            "avgCost": float(held.cost / held.qty),
            "avgPrice": float(held.cost / held.qty),
            "assetClass": "STK",
            "listingExchange": LISTED[symbol][0],
            "isUS": True,
            "pageSize": PAGE,
        }
