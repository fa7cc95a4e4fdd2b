"""The knobs: faults, deliveries, settings, business time and reset, over HTTP."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import ClockOutOfRange
from sandbox.config import InvalidConfig, vars_of
from sandbox.context import Sandbox
from sandbox.faults import Fault

# An hour of delay and a century of clock are more than any test wants, and keep sums in range.
Seconds = Annotated[float, Field(ge=0, le=3600)]
MAX_ADVANCE_SECONDS = 100 * 366 * 24 * 3600


class FaultParams(BaseModel):
    """The parameters that are read by the core; a vendor may know more."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)
    __pydantic_extra__: dict[str, bool | int | FiniteFloat | str] = Field(init=False)

    ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    seconds: Seconds | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    http_status: Annotated[int, Field(ge=200, le=599)] | None = None
    amount: Annotated[int, Field(ge=0, le=10**12)] | None = None
    by: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    copies: Annotated[int, Field(ge=1, le=100)] | None = None
    close: bool | None = None
    only: bool | None = None


class FaultOrder(BaseModel):
    """Body of `POST /_control/faults`."""

    model_config = ConfigDict(extra="forbid")

    vendor: Annotated[str, Field(min_length=1)]
    operation: Annotated[str, Field(min_length=1)]
    kind: Annotated[str, Field(min_length=1)]
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    params: FaultParams = FaultParams()


class ClockOrder(BaseModel):
    """Body of `POST /_control/clock`: exactly one of the two."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    now: datetime | None = None
    advance_seconds: Annotated[float, Field(ge=0, le=MAX_ADVANCE_SECONDS)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.now is None) == (self.advance_seconds is None):
            raise ValueError("give either now or advance_seconds")
        if self.now is not None and self.now.tzinfo is None:
            raise ValueError("now needs a UTC offset")
        return self


class ConfigOrder(BaseModel):
    """Body of `POST /_control/config`: webhook targets and delays; absent means unchanged."""

    model_config = ConfigDict(extra="forbid")

    stripe_webhook_url: str | None = None
    adyen_webhook_url: str | None = None
    onfido_webhook_url: str | None = None
    broker_webhook_url: str | None = None
    adyen_refund_delay_ms: int = 0
    stripe_debit_delay_ms: int = 0
    stripe_refund_delay_ms: int = 0
    stripe_payout_delay_ms: int = 0
    daraja_callback_delay_ms: int = 0
    daraja_token_seconds: int = 0
    onfido_check_delay_ms: int = 0
    onfido_min_file_bytes: int = 0
    alpaca_account_delay_ms: int = 0
    alpaca_journal_delay_ms: int = 0
    market_fill_delay_ms: int = 0
    webhook_backoff_ms: tuple[int, ...] = ()
    webhook_timeout_ms: int = 0


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """The error body of every control endpoint."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


async def parsed[Order: BaseModel](request: Request, order: type[Order]) -> Order | JSONResponse:
    """The body as `order`, or the refusal to answer with."""
    try:
        return order.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return refusal(422, "invalid_body", f"{where}: {first['msg']}")


class Control:
    """The endpoints under `/_control`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def add_fault(self, request: Request) -> Response:
        order = await parsed(request, FaultOrder)
        if isinstance(order, Response):
            return order
        self._sandbox.faults.add(
            Fault(
                order.vendor,
                order.operation,
                order.kind,
                order.times,
                order.params.model_dump(exclude_none=True),
            )
        )
        return self._faults(201)

    async def list_faults(self, _: Request) -> Response:
        return self._faults(200)

    async def clear_faults(self, _: Request) -> Response:
        self._sandbox.faults.clear()
        return self._faults(200)

    def _faults(self, status: int) -> Response:
        return JSONResponse({"faults": self._sandbox.faults.listed()}, status_code=status)

    async def deliveries(self, _: Request) -> Response:
        return JSONResponse({"deliveries": self._sandbox.outbound.attempts()})

    async def reset(self, _: Request) -> Response:
        self._sandbox.reset()
        return JSONResponse({"reset": True})

    async def show_clock(self, _: Request) -> Response:
        return JSONResponse({"now": self._sandbox.clock.now().isoformat()})

    async def move_clock(self, request: Request) -> Response:
        order = await parsed(request, ClockOrder)
        if isinstance(order, Response):
            return order
        try:
            if order.now is not None:
                self._sandbox.clock.set(order.now)
            elif order.advance_seconds is not None:
                self._sandbox.clock.advance(timedelta(seconds=order.advance_seconds))
        except ClockOutOfRange as error:
            return refusal(422, "clock_out_of_range", str(error))
        return await self.show_clock(request)

    async def show_config(self, _: Request) -> Response:
        return JSONResponse(self._settings())

    async def configure(self, request: Request) -> Response:
        order = await parsed(request, ConfigOrder)
        if isinstance(order, Response):
            return order
        try:
            self._sandbox.configure(order.model_dump(exclude_unset=True))
        except InvalidConfig as error:
            return refusal(422, "invalid_config", str(error))
        return JSONResponse(self._settings())

    def _settings(self) -> dict[str, Any]:
        return vars_of(self._sandbox.config)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The control endpoints."""
    control = Control(sandbox)
    return [
        Route("/_control/faults", control.add_fault, methods=["POST"]),
        Route("/_control/faults", control.list_faults, methods=["GET"]),
        Route("/_control/faults", control.clear_faults, methods=["DELETE"]),
        Route("/_control/deliveries", control.deliveries, methods=["GET"]),
        Route("/_control/reset", control.reset, methods=["POST"]),
        Route("/_control/clock", control.show_clock, methods=["GET"]),
        Route("/_control/clock", control.move_clock, methods=["POST"]),
        Route("/_control/config", control.show_config, methods=["GET"]),
        Route("/_control/config", control.configure, methods=["POST"]),
    ]
