"""`/_control/ibkr`: accounts, lasting settings and what befalls the session."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.ibkr.accounts import Account
from sandbox.ibkr.contracts import LISTED
from sandbox.ibkr.desk import MESSAGES
from sandbox.ibkr.exchange import Exchange
from sandbox.ibkr.state import State

Dollars = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000_000), decimal_places=2)]


class KnobOrder(BaseModel):
    """Body of `POST /_control/ibkr`: absent members stay as they are."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    fractions: bool = True
    questions: tuple[str, ...] = ()
    executions: Annotated[int, Field(ge=1, le=20)] = 1
    session_seconds: Annotated[float, Field(ge=0.01, le=86_400)] = 360.0
    delayed_prices: bool = False
    margin: bool = False
    halted: list[str] = []
    cash: dict[Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{5,9}$")], Dollars] = {}
    """Opens accounts, or sets the cash of those that are open."""
    session: Literal["lost", "taken", "logged_out", "logged_in"] | None = None
    """What befalls the session now."""


class KnobRoutes:
    """Sets and shows."""

    def __init__(self, state: State, exchange: Exchange) -> None:
        self._state = state
        self._exchange = exchange

    async def show(self, _: Request) -> Response:
        return JSONResponse(self._shown())

    async def change(self, request: Request) -> Response:
        try:
            order = KnobOrder.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "body"
            return _refusal(f"{where}: {first['msg']}")
        if unknown := {*order.halted} - LISTED.keys():
            return _refusal(f"there is no contract {min(unknown)}")
        if unknown := {*order.questions} - MESSAGES.keys():
            return _refusal(f"there is no message {min(unknown)}")
        settings = {"fractions", "questions", "executions", "session_seconds", "delayed_prices"}
        for name in order.model_fields_set & (settings | {"margin"}):
            setattr(self._state.knobs, name, getattr(order, name))
        for number, amount in order.cash.items():
            self._state.accounts.setdefault(number, Account(number)).cash = amount
        if "halted" in order.model_fields_set:
            self._halt(set(order.halted))
        self._befall(order.session)
        return JSONResponse(self._shown())

    def _halt(self, symbols: set[str]) -> None:
        market = self._state.market
        for symbol in set(market.halted) - symbols:
            market.resume(symbol)
        for symbol in symbols:
            market.halt(symbol)
        self._exchange.wake()

    def _befall(self, what: str | None) -> None:
        session = self._state.session
        match what:
            case "lost":
                session.lose()
            case "taken":
                session.taken()
            case "logged_out":
                session.log_out()
            case "logged_in":
                session.logged_in = True

    def _shown(self) -> dict[str, object]:
        state, knobs = self._state, self._state.knobs
        return {
            "fractions": knobs.fractions,
            "questions": list(knobs.questions),
            "executions": knobs.executions,
            "session_seconds": knobs.session_seconds,
            "delayed_prices": knobs.delayed_prices,
            "halted": sorted(state.market.halted),
            "cash": {one.id: f"{one.cash:f}" for one in state.accounts.values()},
            "session": state.session.status()
            | {"begun": state.session.begun}
            | {"tickled": state.session.tickled},
            "orders": [order.live() for order in state.orders.values()],
            "waiting_questions": len(state.questions),
        }


def routes(state: State, exchange: Exchange) -> list[BaseRoute]:
    """The knobs."""
    knobs = KnobRoutes(state, exchange)
    return [
        Route("/_control/ibkr", knobs.show, methods=["GET"]),
        Route("/_control/ibkr", knobs.change, methods=["POST"]),
    ]


def _refusal(message: str) -> Response:
    return JSONResponse({"error": {"code": "invalid_body", "message": message}}, status_code=422)
