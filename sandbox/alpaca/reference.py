"""Endpoints about the market itself: assets, clock, calendar, corporate actions."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca import assets
from sandbox.alpaca.corporate_actions import CorporateActions
from sandbox.alpaca.problems import invalid, not_found
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import date_parameter, list_parameter

LONGEST_ANNOUNCEMENTS = timedelta(days=90)


class Reference:
    """The same for every account."""

    def __init__(self, state: State, actions: CorporateActions) -> None:
        self._state = state
        self._actions = actions

    async def list_assets(self, request: Request) -> Response:
        query = request.query_params
        none_fits = query.get("status") == "inactive" or query.get("asset_class") == "crypto"
        listed = [] if none_fits else [assets.wire(self._state, one) for one in assets.LISTED]
        return JSONResponse(listed)

    async def get_asset(self, request: Request) -> Response:
        symbol = assets.find(self._state, request.path_params["asset"])
        if symbol is None:
            raise not_found(f"asset {request.path_params['asset']}")
        return JSONResponse(assets.wire(self._state, symbol))

    async def clock(self, _: Request) -> Response:
        return JSONResponse(self._state.clock.wire())

    async def calendar(self, request: Request) -> Response:
        calendar = self._state.market.calendar
        start = date_parameter(request, "start") or calendar.first
        end = date_parameter(request, "end") or calendar.last
        return JSONResponse(
            [
                {
                    "date": session.day.isoformat(),
                    "open": f"{session.open:%H:%M}",
                    "close": f"{session.close:%H:%M}",
                    "session_open": "0400",
                    "session_close": "2000" if session.close.hour > 13 else "1700",
                    "settlement_date": calendar.settlement(session.day).isoformat()
                    if session.day < calendar.last
                    else None,
                }
                for session in calendar.between(start, end)
            ]
        )

    async def announcements(self, request: Request) -> Response:
        """Those that were announced by the knobs."""
        since, until = date_parameter(request, "since"), date_parameter(request, "until")
        kinds = set(list_parameter(request, "ca_types"))
        if since is None or until is None or not kinds:
            raise invalid("ca_types, since and until are required")
        if not timedelta(0) <= until - since <= LONGEST_ANNOUNCEMENTS:
            raise invalid("since and until must span at most 90 days")
        found = [one.broker_wire() for one in self._actions.between(since, until)]
        symbol = request.query_params.get("symbol")
        return JSONResponse(
            [
                one
                for one in found
                if one["ca_type"] in kinds and symbol in (None, one["initiating_symbol"])
            ]
        )
