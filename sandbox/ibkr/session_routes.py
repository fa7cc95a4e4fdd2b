"""Endpoints that begin, keep and describe the session."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.ibkr.api import json_body
from sandbox.ibkr.problems import unauthorized
from sandbox.ibkr.state import State


class SessionRoutes:
    """`/tickle`, `/sso/validate`, `/iserver/auth/…` and the two lists of accounts."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def tickle(self, _: Request) -> Response:
        session = self._state.session
        session.tickle()
        return JSONResponse(
            {
                "session": session.name,
                "ssoExpires": 585_695,
                "collission": False,
                "userId": 99_996_016,
                "hmds": {"error": "no bridge"},
                "iserver": {"authStatus": session.status()},
            }
        )

    async def begin(self, request: Request) -> Response:
        body = await json_body(request)
        compete = isinstance(body, dict) and body.get("compete") is True
        self._state.session.begin(compete=compete)
        return JSONResponse(self._state.session.status())

    async def status(self, _: Request) -> Response:
        return JSONResponse(self._state.session.status())

    async def validate(self, _: Request) -> Response:
        if not self._state.session.logged_in:
            raise unauthorized()
        return JSONResponse({"USER_ID": 99_996_016, "USER_NAME": "sandbox", "RESULT": True})

    async def brokerage_accounts(self, _: Request) -> Response:
        self._state.session.require()
        self._state.session.asked.add("/iserver/accounts")
        ids = sorted(self._state.accounts)
        allowed = self._state.knobs.fractions
        properties: dict[str, Any] = {
            "hasChildAccounts": False,
            "supportsCashQty": allowed,
            "supportsFractions": allowed,
            "allowCustomerTime": False,
        }
        return JSONResponse(
            {
                "accounts": ids,
                "acctProps": dict.fromkeys(ids, properties),
                "aliases": {one: one for one in ids},
                "selectedAccount": self._state.selected or (ids[0] if ids else ""),
                "isPaper": True,
                "sessionId": self._state.session.name,
            }
        )

    async def select(self, request: Request) -> Response:
        self._state.session.require(after="/iserver/accounts")
        body = await json_body(request)
        wanted = str(body.get("acctId")) if isinstance(body, dict) else ""
        self._state.selected = self._state.account(wanted).id
        return JSONResponse({"set": True, "acctId": wanted})

    async def portfolio_accounts(self, _: Request) -> Response:
        self._state.session.require()
        self._state.session.asked.add("/portfolio/accounts")
        return JSONResponse(
            [
                {
                    "id": one,
                    "accountId": one,
                    "accountVan": one,
                    "accountTitle": "Sandbox",
                    "displayName": one,
                    "currency": "USD",
                    "type": "DEMO",
                    "tradingType": "STKNOPT" if self._state.knobs.margin else "STKCASH",
                    "clearingStatus": "O",
                    "brokerageAccess": True,
                }
                for one in sorted(self._state.accounts)
            ]
        )
