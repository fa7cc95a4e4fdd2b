"""Whatever a client sends as a request: it is answered, refused by name, and never a failure."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api.http_request import read_body
from shared.kernel.edge_errors import BadRequest
from tests.graphql_api.hostile_bodies import BODIES

OK = '"query": "{ __typename }"'


def _raw(client: Any, body: bytes, **headers: str) -> Any:
    encoded = base64.b64encode(body).decode()
    return client.send("/session", encoded, base64=True, headers=headers)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_request_is_refused(browser: Callable[[], Any], body: bytes) -> None:
    answer = _raw(browser(), body)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert "data" not in answer.body


@pytest.mark.parametrize(
    "more",
    [
        "",
        ', "variables": null, "operationName": null, "extensions": null',
        ', "variables": {}, "extensions": {}',
        ', "id": 1, "onError": "NULL"',
        ', "variables": {"unused": "\\ud83d\\ude00", "n": 1.5e3, "b": -0.0}',
        ', "extensions": {"tracing": true}',
    ],
)
def test_a_request_is_answered_with_all_that_it_may_have(
    browser: Callable[[], Any], more: str
) -> None:
    answer = _raw(browser(), f"{{{OK}{more}}}".encode())
    assert (answer.status, answer.data) == (200, {"__typename": "Query"})


def test_a_body_has_a_size(browser: Callable[[], Any]) -> None:
    room = 64 * 1024 - len(f'{{{OK}, "x": ""}}')
    fits, too_long = (f'{{{OK}, "x": "{"x" * size}"}}' for size in (room, room + 1))
    assert browser().send("/session", fits).data == {"__typename": "Query"}
    answer = browser().send("/session", too_long)
    assert (answer.status, answer.codes) == (413, ["BODY_TOO_LARGE"])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-length": "65537"}, 413, "BODY_TOO_LARGE"),
        ({"content-length": "9" * 10_000}, 413, "BODY_TOO_LARGE"),
        ({"content-length": "1e3"}, 400, "BAD_REQUEST"),
        ({"content-length": "-1"}, 400, "BAD_REQUEST"),
        ({"content-length": "\u0663"}, 400, "BAD_REQUEST"),
        ({"content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-encoding": "identity, br"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-type": "application/json; charset=utf-16"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_head_that_announces_something_else_is_refused(
    browser: Callable[[], Any], headers: dict[str, str], status: int, code: str
) -> None:
    answer = browser().send("/session", f"{{{OK}}}", headers=headers)
    assert (answer.status, answer.codes) == (status, [code])
    assert answer.headers.get("accept-encoding") == ("identity" if status == 415 else None)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-length": "3"},
        {"content-encoding": "Identity"},
        {"host": "a:b:c", "x-forwarded-port": "x"},
        {"host": "[::1]:x"},
        {"cookie": "\x00=;;=\u00e9; " + "a=b; " * 500},
        {"user-agent": "\u00e9" * 5000, "accept-language": "\x00"},
        {"authorization": "Bearer " + "a." * 3000},
        {"Authorization": "\u00e9"},
    ],
)
def test_a_strange_head_fails_nothing(browser: Callable[[], Any], headers: dict[str, str]) -> None:
    assert browser().send("/session", f"{{{OK}}}", headers=headers).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_post_is_taken(amina: Any, method: str) -> None:
    answer = amina.send("/graphql", f"{{{OK}}}", method=method)
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert answer.headers["allow"] == "POST"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=200)
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("query", "variables", "operationName", "extensions", "documentId"), JSON_VALUES
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_request_or_refused_as_none(body: bytes) -> None:
    try:
        asked = read_body(body)
    except BadRequest:
        return
    assert (asked.document is None) != (asked.document_id is None)
    assert isinstance(asked.variables, dict)
