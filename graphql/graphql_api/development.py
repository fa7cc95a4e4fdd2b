"""On a development stage only: queries by GET, and a page to write them on."""

from typing import Any
from urllib.parse import parse_qsl

from graphql_api.answers import Answer
from graphql_api.http_request import Asked, read_members, read_object
from graphql_api.limits import Limits
from shared.kernel.edge_errors import BadRequest, BodyTooLarge

_MEMBERS = ("query", "documentId", "operationName", "variables", "extensions")
_OBJECTS = ("variables", "extensions")


def read_query(query_string: bytes, limits: Limits) -> Asked:
    """The request in a URL.

    Raises:
        BadRequest: it is not well-formed.
        BodyTooLarge: it is longer than a body may be.
    """
    if len(query_string) > limits.body_bytes:
        raise BodyTooLarge(allowed=limits.body_bytes)
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=len(_MEMBERS) * 4,
        )
    except ValueError:
        raise BadRequest(reason="the query string is not URL-encoded UTF-8.") from None
    content: dict[str, Any] = {}
    for name, text in pairs:
        if name not in _MEMBERS:
            continue
        if name in content:
            raise BadRequest(reason=f"the parameter {name} occurs twice.")
        content[name] = read_object(text.encode()) if name in _OBJECTS and text else text
    return read_members({name: value for name, value in content.items() if value != ""})


def page() -> Answer:
    """GraphiQL, which loads its own parts from their public address."""
    # Read when a developer asks for it: production has no use for it.
    from strawberry.http.ides import get_graphql_ide_html

    return Answer(200, "text/html", get_graphql_ide_html("graphiql").encode())
