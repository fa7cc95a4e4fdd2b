"""Where no authorizer stands in front, a token tells nothing, however genuine it is."""

from typing import Any

import pytest
from starlette.responses import Response

from graphql_api.application import Application
from graphql_api.asgi import Request, Service
from graphql_api.callers import language_of
from graphql_api.context import Context
from graphql_api.rules import SIGNED_IN, authorize
from shared.users.errors import NotSignedIn
from tests.users.twins import CLIENT, claims_of


def _context(app: Application, path: str, amina: Any) -> Context:
    claims = {
        "username": amina.user_id,
        "origin_jti": claims_of(amina.token)["origin_jti"],
        "token_use": "access",
        "client_id": CLIENT,
    }
    verified = {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}
    event = verified if path == "/graphql" else {}
    fields = {b"authorization": f"Bearer {amina.token}".encode()}
    scope: dict[str, Any] = {"method": "POST", "path": path, "headers": [], "aws.event": event}

    async def receive() -> dict[str, Any]:
        return {}

    endpoint = Service(app).endpoints[path]
    return endpoint._context(Request(scope, fields, receive), Response())


def test_a_token_that_an_authorizer_verified_tells_who_asks(amina: Any, app: Application) -> None:
    context = _context(app, "/graphql", amina)
    authorize(context, frozenset({SIGNED_IN}))
    assert context.user_id == amina.user_id


def test_no_token_tells_the_session_endpoint_who_asks(amina: Any, app: Application) -> None:
    context = _context(app, "/session", amina)
    assert context.caller is None
    with pytest.raises(NotSignedIn):
        authorize(context, frozenset({SIGNED_IN}))
    assert context.authorized == frozenset()


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("sw", "sw"),
        ("sw-KE,sw;q=0.9,en;q=0.8", "sw"),
        ("en;q=0.5, sw", "sw"),
        ("en-GB,en;q=0.9,sw;q=0.8", "en"),
        ("de, fr;q=0.9, SW-TZ;q=0.1", "sw"),
        ("sw;q=0", "en"),
        ("swx, en;q=0.1", "en"),
        ("sw;q=2", "en"),
        ("*", "en"),
        ("x" * 60_000 + ",sw", "sw"),
        ("sw" + " " * 60_000 + "x", "en"),
    ],
)
def test_the_language_is_the_one_wished_most_of_those_we_write(accept: str, language: str) -> None:
    assert language_of({b"accept-language": accept.encode()}) == language
