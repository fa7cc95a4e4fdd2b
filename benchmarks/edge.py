"""What the edge adds: the deployed endpoint beside Strawberry's own with its caches, in CPU time.

Both sides answer the same gateway event through Mangum, with the same types and resolvers over
the same memory, for the same person. The other side is `strawberry.asgi.GraphQL` with
ParserCache and ValidationCache and nothing else: no look at the body or the document, no limits,
no rules, no log line, no headers of its own. It believes the claims and executes.

Only the time in user mode counts. Answers of 90 KB make the interpreter give memory back and take
it again, and which side pays for that depends on what lay in memory before it.
"""

import asyncio
import contextlib
import json
import os
import resource
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import strawberry
from mangum import Mangum
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from benchmarks.over_memory import event, five_years_over_memory
from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from graphql_api.context import Context, caller_from
from graphql_api.cookies import Cookies
from graphql_api.persisted import PersistedOperation, shipped
from graphql_api.scalars import SCALARS
from graphql_api.schema import Mutation, Query

ROUNDS = 31
SECONDS_PER_ROUND = 0.06
SCREENS = ("PortfolioScreen", "Screen")
"""Persisted operations: what one looks at most, and everything at once."""
PLAIN = "Strawberry with both caches"

type Answering = Callable[[], dict[str, Any]]


class Plain(GraphQL[Context, None]):
    """Strawberry's endpoint with the context that our resolvers need."""

    def __init__(self, app: Application) -> None:
        schema = strawberry.Schema(
            query=Query,
            mutation=Mutation,
            config=StrawberryConfig(scalar_map=SCALARS),
            extensions=[ParserCache, ValidationCache],
        )
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False)
        self._app = app

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """The person of the claims, judged by nobody."""
        if not isinstance(response, Response):
            raise TypeError("only HTTP is measured")
        claims = request.scope["aws.event"]["requestContext"]["authorizer"]["jwt"]["claims"]
        settings = self._app.settings
        return Context(
            self._app,
            cookies=Cookies(request.cookies, response, secure=settings.secure_cookies),
            caller=caller_from(claims, settings.user_pool_client_id, "token"),
        )


def persisted(name: str) -> PersistedOperation:
    """The operation of this name; LookupError when there is none."""
    for operation in shipped():
        if operation.name == name:
            return operation
    raise LookupError(name)


def plain(app: Application, asked: Mapping[str, Any]) -> Answering:
    """The other side."""
    loop = asyncio.new_event_loop()
    mangum: Any = Mangum(
        Plain(app),
        lifespan="off",
        text_mime_types=["application/graphql-response+json", "application/json"],
    )

    def answer() -> dict[str, Any]:
        asyncio.set_event_loop(loop)
        answered: dict[str, Any] = mangum(dict(asked), None)
        return answered

    return answer


def deployed(app: Application, asked: Mapping[str, Any]) -> Answering:
    """Our side: what the Lambda function calls."""
    adapter = LambdaAdapter(Service(app))
    return lambda: adapter(asked, None)


def _user_time() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _seconds(answer: Answering) -> float:
    started = _user_time()
    for _ in range(5):
        answer()
    return (_user_time() - started) / 5


def ratios(sides: Mapping[str, Answering], to: str) -> dict[str, tuple[float, float]]:
    """By side: milliseconds of CPU per request and how many times the side ``to`` it takes.

    The sides take turns within one process; both are medians over the rounds, and a ratio is
    always between neighbours in time.
    """
    spent: dict[str, list[float]] = {name: [] for name in sides}
    repeated = max(1, round(SECONDS_PER_ROUND / min(map(_seconds, sides.values()))))
    for _ in range(ROUNDS):
        for name, answer in sides.items():
            started = _user_time()
            for _ in range(repeated):
                answer()
            spent[name].append((_user_time() - started) * 1e3 / repeated)
    return {
        name: (
            median(each),
            median(mine / other for mine, other in zip(each, spent[to], strict=True)),
        )
        for name, each in spent.items()
    }


def measured(app: Application, user_id: str, name: str) -> dict[str, tuple[float, float]]:
    """One screen, three ways.

    Raises:
        AssertionError: they do not all answer the same data.
    """
    operation = persisted(name)
    ad_hoc = event(user_id, {"query": operation.document})
    sides = {
        PLAIN: plain(app, ad_hoc),
        "the endpoint, document sent": deployed(app, ad_hoc),
        "the endpoint, persisted": deployed(app, event(user_id, {"documentId": operation.id})),
    }
    answers = [json.loads(answer()["body"]) for answer in sides.values()]
    if any(answer != answers[0] or "errors" in answer for answer in answers):
        raise AssertionError("the sides answer differently")
    return ratios(sides, PLAIN)


def main() -> None:
    """Print the table, for a person with five years of history."""
    rows = []
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        app, user_id = five_years_over_memory()
        for name in SCREENS:
            rows += [(name, *row) for row in measured(app, user_id, name).items()]
    print("| operation | side | CPU ms | times |\n|---|---|---|---|")
    for name, side, (milliseconds, ratio) in rows:
        print(f"| {name} | {side} | {milliseconds:.2f} | {ratio:.3f} |")


if __name__ == "__main__":
    main()
