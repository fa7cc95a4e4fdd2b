"""The grammar has no selection without a field (GraphQL, 2.4); the parser alone would take one."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    "document",
    [
        "{ }",
        "query Nothing { }",
        "mutation { }",
        "{ __typename { } }",
        "{ passwordPolicy { } }",
        "{ ... { } }",
        "{ ... on Query { } }",
        "{ ...F } fragment F on Query { }",
        "query A { __typename } query B { }",
    ],
)
def test_braces_without_a_field_are_no_document(
    document: str, browser: Callable[[], Any], database: Any
) -> None:
    database.requests.clear()
    answer = browser().post("/session", document, {"operationName": None})
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_PARSE_FAILED"])
    assert "data" not in answer.body
    assert database.requests == []


def test_braces_with_a_field_are_one(browser: Callable[[], Any]) -> None:
    answer = browser().post("/session", "{ ... { passwordPolicy { minimumLength } } }")
    assert answer.data == {"passwordPolicy": {"minimumLength": 12}}
