"""Who sends a request: by the token that was verified or claimed, the address, the language."""

import re
from collections.abc import Callable
from typing import Any

from graphql_api.application import Application
from graphql_api.context import Caller, caller_from
from graphql_api.guard import Fields, Scope, text_of
from shared.platform.origin import VIEWER

_WISH = re.compile(
    r"(?:^|,)[ \t]*(?P<language>en|sw)(?:-[a-z0-9-]+)?[ \t]*"
    r"(?:;[ \t]*q=(?P<quality>0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?)[ \t]*)?(?=,|$)",
    re.ASCII,
)

type WhoAsks = Callable[[Scope, Fields, Application], Caller | None]


def from_gateway(scope: Scope, fields: Fields, app: Application) -> Caller | None:
    """The caller by the claims that the API's authorizer has verified."""
    context: Any = (scope.get("aws.event") or {}).get("requestContext") or {}
    claims = ((context.get("authorizer") or {}).get("jwt") or {}).get("claims") or {}
    return caller_from(claims, app.settings.user_pool_client_id, _bearer(fields))


def nobody(scope: Scope, fields: Fields, app: Application) -> Caller | None:
    """Where no authorizer has verified a token, none is read: whoever asks is known by the cookie
    alone, and a field that asks for a token is refused to everybody."""
    return None


def address_of(scope: Scope, fields: Fields, *, behind_edge: bool) -> str:
    """Where the person is: behind an edge the gateway itself sees the edge only."""
    client = scope.get("client")
    seen = str(client[0] or "") if client else ""
    return text_of(fields, VIEWER.encode(), seen) if behind_edge else seen


def language_of(fields: Fields) -> str:
    """The one of ours that the browser wishes most (RFC 9110, section 12.5.4), else English."""
    wished, best = "en", 0.0
    for found in _WISH.finditer(text_of(fields, b"accept-language").lower()):
        quality = float(found["quality"] or 1)
        if quality > best:
            wished, best = found["language"], quality
    return wished


def _bearer(fields: Fields) -> str:
    scheme, _, token = text_of(fields, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
