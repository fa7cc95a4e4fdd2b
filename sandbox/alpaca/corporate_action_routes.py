"""Where corporate actions are announced, read, and carried out."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.alpaca import assets
from sandbox.alpaca.corporate_actions import Announcement, CorporateActions
from sandbox.alpaca.exact_json import ExactResponse
from sandbox.alpaca.problems import invalid
from sandbox.alpaca.wire import date_parameter, list_parameter

CONTROL = "/_control/alpaca/corporate-actions"


class Payment(BaseModel):
    """Body of `POST …/pay`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    withheld_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(30)


class CorporateActionRoutes:
    """The market data API's list, and the knobs."""

    def __init__(self, actions: CorporateActions) -> None:
        self._actions = actions

    async def listed(self, request: Request) -> Response:
        """All of them on one page, in groups by kind."""
        first, last = date_parameter(request, "start"), date_parameter(request, "end")
        if first is None or last is None or first > last:
            raise invalid("start and end are required")
        symbols = set(list_parameter(request, "symbols"))
        kinds = set(list_parameter(request, "types"))
        groups: dict[str, list[object]] = {}
        for one in self._actions.between(first, last):
            if (not symbols or one.symbol in symbols) and (not kinds or one.kind.value in kinds):
                groups.setdefault(f"{one.kind.value}s", []).append(one.data_wire())
        return ExactResponse({"corporate_actions": groups, "next_page_token": None})

    async def announce(self, request: Request) -> Response:
        try:
            one = Announcement.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal(error)
        if one.symbol not in assets.LISTED:
            return _refused(f"there is no asset {one.symbol}")
        self._actions.announce(one)
        return ExactResponse(one.data_wire())

    async def go_ex(self, request: Request) -> Response:
        one = self._actions.announced.get(request.path_params["id"])
        if one is None:
            return _refused("there is no such announcement")
        self._actions.go_ex(one)
        return ExactResponse(one.data_wire())

    async def pay(self, request: Request) -> Response:
        one = self._actions.announced.get(request.path_params["id"])
        if one is None:
            return _refused("there is no such announcement")
        try:
            payment = Payment.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            return _refusal(error)
        self._actions.pay(one, payment.withheld_percent)
        return ExactResponse(one.data_wire())

    async def withdraw(self, request: Request) -> Response:
        self._actions.announced.pop(request.path_params["id"], None)
        return Response(status_code=204)


def routes(on: CorporateActionRoutes) -> list[BaseRoute]:
    """The knobs."""
    one = f"{CONTROL}/{{id}}"
    return [
        Route(CONTROL, on.announce, methods=["POST"]),
        Route(one, on.withdraw, methods=["DELETE"]),
        Route(f"{one}/ex", on.go_ex, methods=["POST"]),
        Route(f"{one}/pay", on.pay, methods=["POST"]),
    ]


def _refusal(error: ValidationError) -> Response:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return _refused(f"{where}: {first['msg']}")


def _refused(message: str) -> Response:
    return JSONResponse({"error": {"code": "invalid_body", "message": message}}, status_code=422)
