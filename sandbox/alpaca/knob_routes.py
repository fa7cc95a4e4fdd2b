"""`/_control/alpaca`: lasting settings of broker and market, and the sums of all books."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.alpaca import assets
from sandbox.alpaca.breaks import Breaks
from sandbox.alpaca.busts import Busts
from sandbox.alpaca.exchange import Exchange
from sandbox.alpaca.settlers import Settlers
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import decimal_text, timestamp

Dollars = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000_000), decimal_places=2)]


class KnobOrder(BaseModel):
    """Body of `POST /_control/alpaca`: absent members stay as they are."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    push: bool = True
    journal_limit: Dollars = Decimal(0)
    journal_daily_limit: Dollars = Decimal(0)
    executions: Annotated[int, Field(ge=1, le=20)] = 1
    margin: bool = False
    heartbeat_seconds: Annotated[float, Field(ge=0.01, le=300)] = 15.0
    whole_shares_only: list[str] = []
    halted: list[str] = []
    feed_delay_seconds: Annotated[float, Field(ge=0, le=86_400 * 30)] = 0.0
    firm_cash: Dollars = Decimal(0)


class ShockOrder(BaseModel):
    """Body of `POST /_control/alpaca/shocks`: all prices from now on move by so many percent."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    symbol: str
    percent: Annotated[Decimal, Field(ge=-90, le=900, decimal_places=4)]


class KnobRoutes:
    """Sets and shows."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    async def show(self, _: Request) -> Response:
        return JSONResponse(self._shown())

    async def change(self, request: Request) -> Response:
        order = await _parsed(request, KnobOrder)
        if isinstance(order, Response):
            return order
        given = order.model_fields_set
        unknown = {*order.halted, *order.whole_shares_only} - set(assets.LISTED)
        if unknown:
            return _refusal(f"there is no asset {min(unknown)}")
        lasting = {"push", "journal_limit", "journal_daily_limit", "executions", "margin"}
        for name in given & lasting:
            setattr(self._state.knobs, name, getattr(order, name))
        if "heartbeat_seconds" in given:
            self._state.knobs.heartbeat_seconds = order.heartbeat_seconds
        if "whole_shares_only" in given:
            self._state.knobs.whole_shares_only = frozenset(order.whole_shares_only)
        if "feed_delay_seconds" in given:
            self._state.market.feed_delay = timedelta(seconds=order.feed_delay_seconds)
        if "firm_cash" in given:
            self._state.prefund(order.firm_cash)
        if "halted" in given:
            self._halt(set(order.halted))
        return JSONResponse(self._shown())

    async def shock(self, request: Request) -> Response:
        order = await _parsed(request, ShockOrder)
        if isinstance(order, Response):
            return order
        if order.symbol not in assets.LISTED:
            return _refusal(f"there is no asset {order.symbol}")
        self._state.market.shock(order.symbol, 1 + order.percent / 100)
        return JSONResponse(self._shown())

    def _halt(self, symbols: set[str]) -> None:
        market = self._state.market
        for symbol in set(market.halted) - symbols:
            market.resume(symbol)
        for symbol in symbols:
            market.halt(symbol)
        self._exchange.wake()

    def _shown(self) -> dict[str, Any]:
        state, knobs = self._state, self._state.knobs
        customers = sum((one.cash for one in state.customers()), Decimal(0))
        return {
            "push": knobs.push,
            "journal_limit": decimal_text(knobs.journal_limit),
            "journal_daily_limit": decimal_text(knobs.journal_daily_limit),
            "executions": knobs.executions,
            "margin": knobs.margin,
            "heartbeat_seconds": knobs.heartbeat_seconds,
            "whole_shares_only": sorted(knobs.whole_shares_only),
            "halted": sorted(state.market.halted),
            "shocks": [
                {"symbol": symbol, "at": timestamp(shock.at), "factor": decimal_text(shock.factor)}
                for symbol, shocks in state.market.shocks.items()
                for shock in shocks
            ],
            "feed_delay_seconds": state.market.feed_delay.total_seconds(),
            "firm_cash": decimal_text(state.firm.cash),
            "books": {
                "prefunded": decimal_text(state.prefunded),
                "firm_cash": decimal_text(state.firm.cash),
                "customer_cash": decimal_text(customers),
                "street_cash": decimal_text(state.street),
            },
        }


def routes(state: State, exchange: Exchange) -> list[BaseRoute]:
    """The knobs."""
    knobs, busts = KnobRoutes(state, exchange), Busts(state, exchange)
    trade = "/_control/alpaca/trades/{execution_id}"
    return [
        Route("/_control/alpaca", knobs.show, methods=["GET"]),
        Route("/_control/alpaca", knobs.change, methods=["POST"]),
        Route("/_control/alpaca/shocks", knobs.shock, methods=["POST"]),
        Route(f"{trade}/bust", busts.bust, methods=["POST"]),
        Route(f"{trade}/correct", busts.correct, methods=["POST"]),
        Route("/_control/alpaca/breaks", Breaks(state).plant, methods=["POST"]),
        Route("/_control/alpaca/settlers", Settlers(state).settle, methods=["POST"]),
    ]


async def _parsed[Body: BaseModel](request: Request, model: type[Body]) -> Body | Response:
    """The body as `model`, or the refusal to answer with."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return _refusal(f"{where}: {first['msg']}")


def _refusal(message: str) -> Response:
    return JSONResponse({"error": {"code": "invalid_body", "message": message}}, status_code=422)
