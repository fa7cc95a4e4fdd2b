"""The `/v2` endpoints."""

from datetime import date
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.fx.series import CURRENCIES, NoRate, RateSeries
from sandbox.operations import Handler, operation

VENDOR = "fx"
PREFIX = "/fx"
DEFAULT_BASE = "USD"


class FxError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class FxApi:
    """Frankfurter's side of the wire; the newest rate is that of the business day."""

    def __init__(self, sandbox: Sandbox, series: RateSeries) -> None:
        self._sandbox = sandbox
        self._series = series

    def routes(self) -> list[BaseRoute]:
        """Routes with full paths; the last one answers for every URL that is not known."""
        return [
            self._route("/v2/rate/{base}/{quote}", "rate", self._rate),
            self._route("/v2/rates", "rates", self._rates),
            Route(PREFIX + "/{rest:path}", _unknown, methods=["GET", "POST"]),
        ]

    def _route(self, path: str, name: str, action: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await action(request)
            except FxError as error:
                return _message(error.status, error.message)

        handler = operation(self._sandbox, VENDOR, name, endpoint, _fault_response)
        return Route(PREFIX + path, handler, methods=["GET"])

    async def _rate(self, request: Request) -> Response:
        base, quote = (_currency(request.path_params[name]) for name in ("base", "quote"))
        return _json(self._quoted(base, quote, self._day(request)))

    async def _rates(self, request: Request) -> Response:
        base = _currency(request.query_params.get("base", DEFAULT_BASE))
        wanted = request.query_params.get("quotes")
        names = sorted(CURRENCIES) if wanted is None else wanted.split(",")
        quotes = [_currency(name) for name in names]
        day = self._day(request)
        return _json(f"[{','.join(self._quoted(base, quote, day) for quote in quotes)}]")

    def _quoted(self, base: str, quote: str, day: date) -> str:
        try:
            published, rate = self._series.rate(base, quote, day)
        except NoRate as error:
            raise FxError(404, "not found") from error
        # Written by hand: a JSON library would round the number to a binary fraction.
        return f'{{"date":"{published}","base":"{base}","quote":"{quote}","rate":{_number(rate)}}}'

    def _day(self, request: Request) -> date:
        today = self._sandbox.clock.now().date()
        text = request.query_params.get("date")
        if text is None:
            return today
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise FxError(422, "invalid date") from error
        if day.isoformat() != text:
            raise FxError(422, "invalid date")
        if day > today:
            raise FxError(404, "not found")
        return day


def _number(rate: Decimal) -> str:
    return f"{rate:f}"


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise FxError(422, "invalid currency")
    code = text.upper()
    if code not in CURRENCIES:
        raise FxError(404, "not found")
    return code


def _json(body: str) -> Response:
    return Response(body, media_type="application/json")


def _message(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status_code=status)


def _fault_response(status: int) -> Response:
    return _message(status, "too many requests" if status == 429 else "service unavailable")


async def _unknown(_: Request) -> Response:
    return _message(404, "not found")
