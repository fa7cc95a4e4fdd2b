"""What every endpoint of the broker API has around it: keys, refusals, headers, faults."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.alpaca.problems import Problem, fault_response, invalid, unauthorized
from sandbox.context import Sandbox
from sandbox.market.calendar import OutsideCalendar
from sandbox.market.feed import FeedProblem
from sandbox.market.series import NoPrice
from sandbox.operations import operation

VENDOR = "alpaca"
# Requests a minute; the sandbox states it and counts nothing, so that tests run at full speed.
RATE_LIMIT = "1000"

type Handler = Callable[[Request], Awaitable[Response]]


class Endpoints:
    """Makes routes whose handlers may raise a `Problem`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def route(self, method: str, path: str, name: str, handler: Handler) -> Route:
        """`METHOD path`, with the faults of operation `name`."""
        faulty = operation(self._sandbox, VENDOR, name, self._guarded(handler), fault_response)

        async def endpoint(request: Request) -> Response:
            response = await faulty(request)
            response.headers["X-Request-ID"] = uuid4().hex
            response.headers.setdefault("X-RateLimit-Limit", RATE_LIMIT)
            response.headers.setdefault("X-RateLimit-Remaining", RATE_LIMIT)
            return response

        return Route(path, endpoint, methods=[method])

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                self._require_keys(request)
                return await handler(request)
            except Problem as problem:
                return problem.response()
            except FeedProblem as problem:
                return problem.response()
            except (OutsideCalendar, NoPrice) as error:
                return invalid(f"business time has left the replayed years: {error}").response()

        return guarded

    def _require_keys(self, request: Request) -> None:
        config = self._sandbox.config
        given = _basic(request.headers.get("authorization", ""))
        if not given:
            header = request.headers
            given = f"{header.get('apca-api-key-id')}:{header.get('apca-api-secret-key')}"
        expected = f"{config.alpaca_key}:{config.alpaca_secret}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise unauthorized()


def _basic(header: str) -> str:
    """`key:secret` out of a Basic header, empty if it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
