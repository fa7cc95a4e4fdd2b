"""The two endpoints as one ASGI application."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from botocore.exceptions import BotoCoreError, ClientError
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult

from graphql_api.application import Application
from graphql_api.context import Caller, Context, caller_from
from graphql_api.cookies import Cookies
from graphql_api.errors import presentable
from graphql_api.guard import App, BadRequest, Guard, Receive, Scope, Send, refuse
from graphql_api.schema import graphql_schema, session_schema
from shared.platform.correlation import correlation_id, set_correlation_id
from shared.platform.observability import log_fields, logger, metric
from shared.platform.origin import HEADER, VIEWER

_DEVICE_MAX = 120

type WhoAsks = Callable[[Request, Application], Caller | None]


class Endpoint(GraphQL[Context, None]):
    """A schema over HTTP: POST only, no page for browsers, no subscriptions."""

    def __init__(self, schema: BaseSchema, app: Application, who_asks: WhoAsks) -> None:
        super().__init__(
            schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=()
        )
        self._app = app
        self._who_asks = who_asks

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """One per request."""
        if not isinstance(request, Request) or not isinstance(response, Response):
            raise TypeError("only HTTP is served")
        secure = self._app.settings.secure_cookies
        return Context(
            self._app,
            cookies=Cookies(request.cookies, response, secure=secure),
            caller=self._who_asks(request, self._app),
            language=_language(request),
            ip_address=_address(request, behind_edge=self._app.settings.origin_secret is not None),
            device=request.headers.get("user-agent", "")[:_DEVICE_MAX],
        )

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Data, and what a client may know of errors."""
        answer: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            errors = [presentable(error) for error in result.errors]
            answer["errors"] = [error.formatted for error in errors]
        return answer


class Service:
    """Sends each request to its endpoint, under a correlation id."""

    def __init__(self, app: Application) -> None:
        self._app = app
        shown = app.settings.introspection
        graphql = Endpoint(graphql_schema(introspection=shown), app, from_gateway)
        session = Endpoint(session_schema(introspection=shown), app, from_header)
        self._endpoints: Mapping[str, App] = {
            "/graphql": Guard(graphql),
            "/session": Guard(session, same_site_as=app.settings.app_url),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        event = scope.get("aws.event") or {}
        set_correlation_id(str(event.get("requestContext", {}).get("requestId", "")))
        started, status = time.monotonic_ns(), 0

        async def observed(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_answer_headers()]
            await send(message)

        try:
            await self._endpoint(scope)(scope, receive, observed)
        except BadRequest as bad:
            await refuse(observed, bad)
        milliseconds = (time.monotonic_ns() - started) // 1_000_000
        fields = {"path": scope["path"], "status": status, "ms": milliseconds}
        logger("graphql_api").info("request", extra=log_fields() | fields)

    def _endpoint(self, scope: Scope) -> App:
        """Nothing is told, and nothing done, for a request that went around the edge."""
        shown = {name.lower(): value for name, value in scope["headers"]}.get(HEADER.encode(), b"")
        try:
            admitted = self._app.origin.admits(shown.decode("latin-1"))
        except (BotoCoreError, ClientError) as error:
            metric("OriginNotChecked", error=type(error).__name__)
            raise BadRequest(503, "Try again in a moment.", "TEMPORARILY_UNAVAILABLE") from None
        if not admitted:
            raise BadRequest(403, "This address takes no requests.", "FORBIDDEN")
        endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            raise BadRequest(404, "There is nothing here.", "NOT_FOUND")
        return endpoint


def from_gateway(request: Request, app: Application) -> Caller | None:
    """The caller by the claims that the API's authorizer has verified."""
    context = request.scope.get("aws.event", {}).get("requestContext", {})
    claims = context.get("authorizer", {}).get("jwt", {}).get("claims", {})
    return caller_from(claims, app.settings.user_pool_client_id, _bearer(request))


def from_header(request: Request, app: Application) -> Caller | None:
    """What a token claims. Nobody has verified it: only operations that hand the token itself
    to the identity provider may use it."""
    token = _bearer(request)
    if not token:
        return None
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    return caller_from(claims, app.settings.user_pool_client_id, token)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _address(request: Request, *, behind_edge: bool) -> str:
    """Where the person is: behind an edge the gateway itself sees the edge only."""
    seen = "" if request.client is None else request.client.host
    return request.headers.get(VIEWER, seen) if behind_edge else seen


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "")
    return "sw" if wanted[:2].lower() == "sw" else "en"


def _answer_headers() -> list[tuple[bytes, bytes]]:
    return [
        (b"x-correlation-id", correlation_id().encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
