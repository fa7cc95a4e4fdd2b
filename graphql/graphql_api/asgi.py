"""The two endpoints as one ASGI application."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import strawberry
from botocore.exceptions import BotoCoreError, ClientError
from starlette.requests import cookie_parser
from starlette.responses import Response

from graphql_api import development, rates
from graphql_api.answers import Answer, Told, executed, refused
from graphql_api.application import Application
from graphql_api.callers import WhoAsks, address_of, from_gateway, language_of, nobody
from graphql_api.context import Context
from graphql_api.cookies import Cookies
from graphql_api.documents import Documents, Operation, Prepared
from graphql_api.errors import log_unexpected
from graphql_api.execution import execute
from graphql_api.guard import (
    Fields,
    Receive,
    Scope,
    Send,
    check_body_fields,
    check_method,
    check_place,
    origin_of,
    read,
    text_of,
)
from graphql_api.http_request import Asked, read_body
from graphql_api.limits import Limits
from graphql_api.media_types import Answers, negotiate, prefers_page
from graphql_api.persisted import PersistedOperations, SchemaName, shipped
from graphql_api.request_errors import RequestErrors
from graphql_api.rules import authorize
from graphql_api.schema import graphql_schema, session_schema
from graphql_api.user_agents import device_of
from shared.kernel.edge_errors import (
    Forbidden,
    InternalError,
    MethodNotAllowed,
    PersistedQueryRequired,
)
from shared.kernel.errors import BaobabError, NotFound, TemporarilyUnavailable
from shared.platform.correlation import correlation_id, set_correlation_id
from shared.platform.observability import logger, metric
from shared.platform.origin import HEADER


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request, and how to get its body."""

    scope: Scope
    fields: Fields
    receive: Receive
    noted: dict[str, str] = field(default_factory=dict)
    """Who asked for what, for the log: an id and names of ours, no word of the client's."""

    @property
    def accept(self) -> str | None:
        """The media types that the client wishes for."""
        return text_of(self.fields, b"accept") or None


class Endpoint:
    """A schema over HTTP."""

    def __init__(
        self, schema: strawberry.Schema, name: SchemaName, app: Application, who_asks: WhoAsks
    ) -> None:
        settings = app.settings
        self._schema = schema
        self._app = app
        self._who_asks = who_asks
        self._is_session = name is SchemaName.SESSION
        self._origin = origin_of(settings.app_url) if self._is_session else None
        self._develops = settings.introspection
        self._persisted_only = settings.persisted_only
        self._limits = Limits.of(settings.graphql_limits)
        self.documents = Documents(schema._schema, self._limits, introspection=self._develops)
        self.persisted = PersistedOperations(shipped(), name, self.documents)

    async def answer(self, request: Request) -> Answer:
        """Never fails for what a client sent; see docs/api.md for the order of the checks."""
        told = Told(language_of(request.fields), hints=self._develops)
        media, readable = Answers.GRAPHQL, False
        try:
            if self._is_page(request):
                return development.page()
            media = negotiate(request.accept)
            asked = await self._asked(request)
            readable = True
            return self._executed(request, asked, media)
        except (BaobabError, RequestErrors) as error:
            return refused(error, media, told, readable=readable)

    def _is_page(self, request: Request) -> bool:
        asks = request.scope["method"] == "GET" and not request.scope.get("query_string")
        return self._develops and asks and prefers_page(request.accept)

    async def _asked(self, request: Request) -> Asked:
        method, fields = request.scope["method"], request.fields
        check_method(method, ("GET", "POST") if self._develops else ("POST",))
        if self._origin is not None:
            check_place(fields, self._origin)
        if method == "GET":
            return development.read_query(request.scope.get("query_string", b""), self._limits)
        check_body_fields(fields, self._limits.body_bytes)
        return read_body(await read(request.receive, self._limits.body_bytes))

    def _executed(self, request: Request, asked: Asked, media: Answers) -> Answer:
        operation = self._prepared(asked).select(asked.operation_name)
        request.noted["operation"] = " ".join(sorted(operation.fields))
        if operation.is_mutation and request.scope["method"] == "GET":
            raise MethodNotAllowed(allowed="POST")
        variables = self.documents.variables(operation, asked.variables)
        cost = self.documents.cost(operation, variables)
        jar = Response()
        context = self._context(request, jar)
        if context.caller is not None:
            request.noted["user_id"] = context.caller.user_id
        self._admit(context, operation, cost)
        result = execute(self._schema, operation, asked.variables, context)
        cookies = tuple(each for each in jar.raw_headers if each[0] == b"set-cookie")
        return executed(result, media, cookies)

    def _prepared(self, asked: Asked) -> Prepared:
        if asked.document_id is not None:
            return self.persisted.get(asked.document_id)
        if asked.document is None:
            raise PersistedQueryRequired()
        if self._persisted_only and not self.persisted.has(asked.document):
            raise PersistedQueryRequired()
        return self.documents.get(asked.document)

    def _admit(self, context: Context, operation: Operation, cost: int) -> None:
        """How often, then who: an operation that may not be executed has cost two reads at most."""
        kind = rates.class_of(
            session=self._is_session, mutation=operation.is_mutation, fields=operation.fields
        )
        try:
            rates.charge(context, kind, cost, session=self._is_session)
            authorize(context, operation.rules)
        except (BotoCoreError, ClientError) as error:
            metric("RequestNotAdmitted", error=type(error).__name__)
            raise TemporarilyUnavailable() from None

    def _context(self, request: Request, jar: Response) -> Context:
        app, scope, fields = self._app, request.scope, request.fields
        sent = cookie_parser(text_of(fields, b"cookie"))
        return Context(
            app,
            cookies=Cookies(sent, jar, secure=app.settings.secure_cookies),
            caller=self._who_asks(scope, fields, app),
            language=language_of(fields),
            ip_address=address_of(
                scope, fields, behind_edge=app.settings.origin_secret is not None
            ),
            device=device_of(text_of(fields, b"user-agent")),
        )


class Service:
    """Sends each request to its endpoint, under a correlation id."""

    def __init__(self, app: Application) -> None:
        self._app = app
        shown = app.settings.introspection
        graphql, session = graphql_schema(introspection=shown), session_schema(introspection=shown)
        self.endpoints: Mapping[str, Endpoint] = {
            "/graphql": Endpoint(graphql, SchemaName.GRAPHQL, app, from_gateway),
            "/session": Endpoint(session, SchemaName.SESSION, app, nobody),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        event = scope.get("aws.event") or {}
        set_correlation_id(str(event.get("requestContext", {}).get("requestId", "")))
        started = time.monotonic_ns()
        fields = {name.lower(): value for name, value in scope["headers"]}
        request = Request(scope, fields, receive)
        try:
            answer = await self._answer(request)
        except Exception as error:  # noqa: BLE001 - the last resort: nobody is told more
            log_unexpected(error)
            told = Told(language_of(fields))
            answer = refused(InternalError(), Answers.GRAPHQL, told, readable=False)
        headers = [*answer.all_headers, *_answer_headers()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        milliseconds = (time.monotonic_ns() - started) // 1_000_000
        path = scope["path"] if scope["path"] in self.endpoints else "elsewhere"
        line = {"path": path, "status": answer.status, "ms": milliseconds}
        codes = {"codes": " ".join(answer.codes)} if answer.codes else {}
        logger("graphql_api").info("request", extra=line | request.noted | codes)

    async def _answer(self, request: Request) -> Answer:
        try:
            endpoint = self._endpoint(request)
        except BaobabError as error:
            told = Told(language_of(request.fields))
            return refused(error, Answers.GRAPHQL, told, readable=False)
        return await endpoint.answer(request)

    def _endpoint(self, request: Request) -> Endpoint:
        """Nothing is told, and nothing done, for a request that went around the edge."""
        try:
            admitted = self._app.origin.admits(text_of(request.fields, HEADER.encode()))
        except (BotoCoreError, ClientError) as error:
            metric("OriginNotChecked", error=type(error).__name__)
            raise TemporarilyUnavailable() from None
        if not admitted:
            raise Forbidden()
        endpoint = self.endpoints.get(request.scope["path"])
        if endpoint is None:
            raise NotFound(what="This path")
        return endpoint


def _answer_headers() -> list[tuple[bytes, bytes]]:
    return [
        (b"x-correlation-id", correlation_id().encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
