"""What a development stage shows, and that production shows none of it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from tests.graphql_api.conftest import SETTINGS, Client

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NEAR_MISSES = {
    "field": "{ marketStatu { known } }",
    "field below": "{ marketStatus { isOpn } }",
    "argument": "{ assets(frst: 1) { nodes { name } } }",
    "type": "{ ... on Quer { __typename } }",
    "fragment's type": "fragment F on Viewr { nextSteps } { viewer { ...F } }",
    "enum value": "{ viewer { journal(currency: USDD) { nodes { seq } } } }",
    "input field": 'mutation { updateProfile(input: {givenNam: "A"}) { __typename } }',
    "variable's type": "query($a: Languag) { riskQuestionnaire(language: $a) { version } }",
}
VARIABLES = {
    "enum value": (
        "query($a: Language) { riskQuestionnaire(language: $a) { version } }",
        {"a": "SWE"},
    ),
    "input field": (
        "mutation($a: UpdateProfileInput!) { updateProfile(input: $a) { __typename } }",
        {"a": {"givenNam": "A"}},
    ),
}


@pytest.fixture
def developer(app: Application) -> Iterator[Client]:
    """A client of a development stage."""
    settings = SETTINGS.model_copy(update={"introspection": True})
    api = LambdaAdapter(Service(Application(settings, app._outside)))
    yield Client(api)
    api.close()


def _get(client: Any, path: str = "/graphql", headers: Any = None, **asked: str) -> Any:
    client.query = urlencode(asked)
    return client.send(path, None, method="GET", headers=headers)


@pytest.mark.parametrize("document", NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_production_hints_at_no_name_of_the_schema(amina: Any, document: str) -> None:
    answer = amina.graphql(document)
    assert answer.status == 400
    assert answer.codes[0] in ("GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")
    assert "Did you mean" not in json.dumps(answer.body)


@pytest.mark.parametrize("document", NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_a_development_stage_hints(developer: Client, document: str) -> None:
    assert "Did you mean" in json.dumps(developer.graphql(document).body)


@pytest.mark.parametrize(("document", "variables"), VARIABLES.values(), ids=VARIABLES.keys())
def test_values_are_not_hinted_at_in_production(
    amina: Any, document: str, variables: dict[str, Any]
) -> None:
    answer = amina.graphql(document, variables)
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert "Did you mean" not in json.dumps(answer.body)


def test_words_with_letters_that_grow_fail_nothing(developer: Client) -> None:
    document, _ = VARIABLES["enum value"]
    for word in ("\u0130", "\u0130@x", "S\u0130"):
        answer = developer.graphql(document, {"a": word})
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])


def test_the_schema_can_be_asked_for_on_a_development_stage_only(
    developer: Client, amina: Any
) -> None:
    query = "{ __schema { queryType { name fields { name args { name } } } } }"
    for path in ("/graphql", "/session"):
        shown = developer.post(path, query).data["__schema"]
        assert shown["queryType"]["name"] == "Query"
        refused = amina.post(path, query)
        assert (refused.status, set(refused.codes)) == (400, {"GRAPHQL_VALIDATION_FAILED"})


def test_the_whole_introspection_of_tools_fits_the_limits(developer: Client) -> None:
    from graphql import build_client_schema, get_introspection_query

    answer = developer.graphql(get_introspection_query())
    assert build_client_schema(answer.data).query_type is not None


def test_a_query_by_get_is_answered_on_a_development_stage(developer: Client) -> None:
    asked = {
        "query": "query A($l: Language) { riskQuestionnaire(language: $l) { version } } "
        "query B { __typename }",
        "operationName": "A",
        "variables": '{"l": "SW"}',
    }
    assert _get(developer, query="{ __typename }").data == {"__typename": "Query"}
    answer = _get(developer, **asked)
    assert answer.codes == ["NOT_SIGNED_IN"]
    session = _get(developer, "/session", documentId="PasswordPolicy")
    assert session.data["passwordPolicy"]["minimumLength"] == 12


def test_a_mutation_by_get_is_never_executed(developer: Client, identities: Any) -> None:
    tried: list[str] = []
    identities.before = tried.append
    document = 'mutation { signIn(input: {email: "a@example.com", password: "x"}) { __typename } }'
    answer = _get(developer, "/session", query=document)
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert answer.headers["allow"] == "POST"
    assert tried == []
    answer = _get(developer, "/session", documentId="SignOut")
    assert (answer.status, answer.cookies) == (405, [])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"operationName": "A"},
        {"query": ""},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "variables": "{"},
        {"query": "{ __typename }", "documentId": "Kyc"},
    ],
)
def test_an_ill_formed_query_by_get_is_refused(developer: Client, asked: dict[str, str]) -> None:
    answer = _get(developer, **asked)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("raw", ["query=%ff", "query=a&query=b", "&".join(["a=b"] * 50)])
def test_a_query_string_that_is_none_is_refused(developer: Client, raw: str) -> None:
    developer.query = raw
    answer = developer.send("/graphql", None, method="GET")
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


def _open(client: Any) -> Any:
    """What a browser gets that opens the address."""
    where = {"method": "GET", "path": "/graphql", "sourceIp": "203.0.113.7"}
    event = {
        "version": "2.0",
        "rawQueryString": "",
        "headers": BROWSER,
        "requestContext": {"http": where, "requestId": "request-1"},
    }
    return client.api(event, None)


def test_a_browser_gets_a_page_on_a_development_stage_only(
    developer: Client, browser: Callable[[], Any]
) -> None:
    page = _open(developer)
    assert page["statusCode"] == 200
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "GraphiQL" in page["body"]
    refused = _open(browser())
    assert (refused["statusCode"], refused["headers"]["allow"]) == (405, "POST")
    assert "GraphiQL" not in refused["body"]
