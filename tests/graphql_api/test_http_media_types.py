"""Which media types are read and answered, and which status each of them asks for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.media_types import Answers, check_content_type, negotiate, prefers_page
from shared.kernel.edge_errors import NotAcceptable, UnsupportedMediaType

GRAPHQL, JSON = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, GRAPHQL),
        ("", GRAPHQL),
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON};q=0.2", JSON),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{GRAPHQL};q=0, */*;q=0.1", JSON),
        (f"{JSON};q=0.5, */*", GRAPHQL),
        (f"text/html, {JSON};q=0.001", JSON),
        (f"{GRAPHQL.upper()} ; charset=utf-8", GRAPHQL),
        (f'{JSON};charset="utf-8";q=1.000', JSON),
        (f"text/event-stream, multipart/mixed, {GRAPHQL}, application/graphql+json", GRAPHQL),
        (f"garbage, ;;, /, {JSON}", JSON),
    ],
)
def test_the_client_chooses_what_is_answered(accept: str | None, answered: str) -> None:
    assert negotiate(accept) == answered


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        f"{JSON};q=0, {GRAPHQL};q=0.000",
        "*/*;q=0",
        f"{JSON};q=2",
        f"{JSON};q=-1",
        f"{JSON};q=x",
        "application/graphql",
        "application/jsonx",
        "garbage",
        "," * 900,
    ],
)
def test_who_takes_neither_is_told_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        negotiate(accept)
    assert refused.value.values == {"offered": f"{GRAPHQL} or {JSON}"}


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        " application/json ",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf8 ;",
        "application/json; profile=x; charset=utf-8",
    ],
)
def test_json_in_utf8_is_read(value: str) -> None:
    check_content_type(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "application",
        "json",
        "application/jsonp",
        "application/json/x",
        "application/graphql",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json; charset",
        "application/json; =utf-8",
        'application/json; charset="utf-8',
        "application/json, text/plain",
        "application/json\x00",
        f"application/json; x={'y' * 2000}",
    ],
)
def test_nothing_else_is_read(value: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        check_content_type(value)


def test_a_browser_that_opens_the_address_asks_for_a_page() -> None:
    chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert prefers_page(chrome)
    assert not any(prefers_page(each) for each in (None, "*/*", JSON, f"{JSON}, text/html;q=0.9"))


REFUSED_DOCUMENTS = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "{ a: __typename " + "b: __typename " * 1000 + "}"}, "DOCUMENT_TOO_COMPLEX"),
    ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "{ __typename }", "operationName": "A"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query A { __typename }", "operationName": ""}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "fragment F on Query { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
    (
        {"query": "query($n: Int!) { assets(first: $n) { nodes { name } } }"},
        "BAD_USER_INPUT",
    ),
    ({"documentId": "Unknown"}, "PERSISTED_QUERY_NOT_FOUND"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED_DOCUMENTS)
def test_a_request_that_is_not_executed_is_400_or_by_plain_json_200(
    amina: Any, body: dict[str, str], code: str
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        answer = amina.send("/graphql", json.dumps(body), headers={"accept": accept})
        assert (answer.status, answer.codes[0]) == (status, code)
        assert "data" not in answer.body
        assert answer.headers["content-type"] == f"{accept}; charset=utf-8"


def test_what_was_executed_is_200_even_when_a_field_failed(amina: Any) -> None:
    query = "{ marketStatus { known } viewer { orders(first: 0) { nodes { orderId } } } }"
    for accept in Answers:
        answer = amina.post("/graphql", query, headers={"accept": accept})
        assert (answer.status, answer.codes) == (200, ["BAD_USER_INPUT"])
        assert answer.body["data"] is None
    assert amina.graphql("{ __typename }").body == {"data": {"__typename": "Query"}}


def test_who_is_not_signed_in_is_told_by_the_status_or_by_plain_json_in_the_body(
    browser: Callable[[], Any],
) -> None:
    query = "{ viewer { nextSteps } }"
    for accept, status in ((GRAPHQL, 401), (JSON, 200)):
        answer = browser().post("/graphql", query, headers={"accept": accept})
        assert (answer.status, answer.codes) == (status, ["NOT_SIGNED_IN"])
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_ill_formed_request_is_400_by_either_type(amina: Any) -> None:
    for accept in Answers:
        answer = amina.send("/graphql", '{"qeury": "{ __typename }"}', headers={"accept": accept})
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
        assert answer.headers["content-type"] == f"{accept}; charset=utf-8"


def test_an_answer_that_nobody_takes_is_not_made(amina: Any, database: Any) -> None:
    amina.graphql("{ viewer { nextSteps } }")
    database.requests.clear()
    answer = amina.post("/graphql", "{ viewer { nextSteps } }", headers={"accept": "text/html"})
    assert (answer.status, answer.codes) == (406, ["NOT_ACCEPTABLE"])
    assert database.requests == []
