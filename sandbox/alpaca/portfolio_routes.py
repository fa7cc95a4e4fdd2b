"""Endpoints about what an account holds and what happened to it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca import assets, valuation
from sandbox.alpaca.accounts import Account
from sandbox.alpaca.problems import invalid, not_found
from sandbox.alpaca.state import Activity, State
from sandbox.alpaca.wire import (
    CENT,
    date_parameter,
    decimal_text,
    list_parameter,
    number_parameter,
    time_parameter,
    timestamp,
)

LARGEST_PAGE = 100
RATIO_STEP = Decimal("0.000001")


class PortfolioRoutes:
    """Trading account, positions and activities."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def trading_account(self, request: Request) -> Response:
        account = self._account(request)
        return JSONResponse(valuation.trading_account(self._state, account))

    async def positions(self, request: Request) -> Response:
        account = self._account(request)
        return JSONResponse([self._position(account, one) for one in sorted(account.holdings)])

    async def position(self, request: Request) -> Response:
        account = self._account(request)
        symbol = assets.find(self._state, request.path_params["asset"])
        if symbol is None or symbol not in account.holdings:
            raise not_found("position")
        return JSONResponse(self._position(account, symbol))

    async def all_positions(self, _: Request) -> Response:
        """The positions of every account. The broker gives those of the last close; here they
        are those of this moment."""
        return JSONResponse(
            {
                "as_of": timestamp(self._state.now()),
                "positions": {
                    account.id: [self._position(account, one) for one in sorted(account.holdings)]
                    for account in self._state.customers()
                    if account.holdings
                },
            }
        )

    async def activities(self, request: Request) -> Response:
        """Newest first unless told otherwise; the id of the last one is the next page's token."""
        query = request.query_params
        direction = query.get("direction", "desc")
        if direction not in {"asc", "desc"}:
            raise invalid("direction must be asc or desc")
        size = number_parameter(request, "page_size", LARGEST_PAGE, LARGEST_PAGE)
        found = self._wanted_activities(request)
        if direction == "desc":
            found.reverse()
        token = query.get("page_token")
        if token:
            ids = [activity.id for activity in found]
            if token not in ids:
                raise invalid("page_token does not belong to this request")
            found = found[ids.index(token) + 1 :]
        return JSONResponse([_activity(activity) for activity in found[:size]])

    def _wanted_activities(self, request: Request) -> list[Activity]:
        """In the order in which they happened."""
        query = request.query_params
        account_id = query.get("account_id")
        account = self._state.account(account_id) if account_id else None
        kinds = set(list_parameter(request, "activity_types"))
        kind = request.path_params.get("kind")
        if kind is not None:
            kinds.add(kind)
        day = date_parameter(request, "date")
        after, until = time_parameter(request, "after"), time_parameter(request, "until")
        if day is not None and (after is not None or until is not None):
            raise invalid("date can't be used with after or until")
        found = [
            activity
            for activity in self._state.activities
            if (account is None or activity.account_id == account.id)
            and (not kinds or activity.kind in kinds)
            and (day is None or activity.day == day)
            and _between(activity.at, after, until)
        ]
        return sorted(found, key=lambda activity: activity.at)

    def _account(self, request: Request) -> Account:
        return self._state.account(request.path_params["account_id"])

    def _position(self, account: Account, symbol: str) -> dict[str, Any]:
        held = account.holdings[symbol]
        price = self._state.market.traded(symbol).price
        last = self._state.market.previous_close(symbol)
        value, gain = held.qty * price, held.qty * price - held.cost
        amounts = {
            "avg_entry_price": decimal_text(held.average),
            "market_value": decimal_text(value.quantize(CENT)),
            "cost_basis": decimal_text(held.cost),
            "unrealized_pl": decimal_text(gain.quantize(CENT)),
            "unrealized_plpc": _ratio(gain, held.cost),
            "unrealized_intraday_pl": decimal_text((held.qty * (price - last)).quantize(CENT)),
            "unrealized_intraday_plpc": _ratio(price - last, last),
            "current_price": decimal_text(price),
            "lastday_price": decimal_text(last),
            "change_today": _ratio(price - last, last),
        }
        free = held.qty - self._state.held_shares(account.id, symbol)
        return {
            "asset_id": assets.asset_id(symbol),
            "symbol": symbol,
            "exchange": assets.LISTED[symbol][0],
            "asset_class": "us_equity",
            "asset_marginable": False,
            "qty": decimal_text(held.qty),
            "qty_available": decimal_text(free),
            "side": "long",
            **amounts,
            "usd": amounts,
        }


def _between(at: datetime, after: datetime | None, until: datetime | None) -> bool:
    return (after is None or at > after) and (until is None or at <= until)


def _ratio(part: Decimal, whole: Decimal) -> str:
    return decimal_text((part / whole).quantize(RATIO_STEP)) if whole else "0"


def _activity(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.id,
        "account_id": activity.account_id,
        "activity_type": activity.kind,
        **activity.data,
    }
