"""What every endpoint of the gateway has around it: the door's token, refusals, faults."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.ibkr.problems import Problem, fault_response, malformed
from sandbox.market.calendar import OutsideCalendar
from sandbox.market.series import NoPrice
from sandbox.operations import operation

VENDOR = "ibkr"
LARGEST_BODY = 64 * 1024

type Handler = Callable[[Request], Awaitable[Response]]


class Endpoints:
    """Makes routes whose handlers may raise a `Problem`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def route(self, method: str, path: str, name: str, handler: Handler) -> Route:
        """`METHOD path`, with the faults of operation `name`."""
        faulty = operation(self._sandbox, VENDOR, name, self._guarded(handler), fault_response)
        return Route(path, faulty, methods=[method])

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                self._require_token(request)
                return await handler(request)
            except Problem as problem:
                return problem.response()
            except (OutsideCalendar, NoPrice) as error:
                return malformed(f"business time has left the replayed years: {error}").response()

        return guarded

    def _require_token(self, request: Request) -> None:
        """The gateway stands behind a door of its own: it asks nobody who they are."""
        given = request.headers.get("authorization", "")
        expected = f"Bearer {self._sandbox.config.ibkr_token}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Problem(403, "Access Denied")


async def json_body(request: Request) -> Any:
    """The body.

    Raises:
        Problem: it is too long or no JSON.
    """
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise malformed("the body is too long")
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise malformed("the body is no JSON") from error
