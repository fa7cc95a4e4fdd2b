"""The order of the checks: what is refused has read, charged and changed no more than it must."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from graphql_api import asgi
from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from tests.graphql_api.conftest import SETTINGS, Client

NEXT = "{ viewer { nextSteps } }"
GRAPHQL = "application/graphql-response+json"


@pytest.fixture
def with_settings(app: Application) -> Iterator[Callable[..., Client]]:
    """Clients of stages with other settings."""
    made: list[LambdaAdapter] = []

    def make(**changes: Any) -> Client:
        settings = SETTINGS.model_copy(update=changes)
        made.append(LambdaAdapter(Service(Application(settings, app._outside))))
        return Client(made[-1])

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    "body",
    [
        "nonsense",
        json.dumps({"query": "{"}),
        json.dumps({"query": "{ nothing }"}),
        json.dumps({"query": "query A { __typename } query B { __typename }"}),
        json.dumps(
            {"query": "query($a: DepositId!) { viewer { deposit(depositId: $a) { status }}}"}
        ),
        json.dumps({"query": "{ viewer { orders(first: 40000) { nodes { orderId } } } }"}),
        json.dumps({"documentId": "Unknown"}),
    ],
)
def test_what_cannot_be_executed_reads_nothing(amina: Any, database: Any, body: str) -> None:
    database.requests.clear()
    assert amina.send("/graphql", body).status == 400
    assert database.requests == []


def test_a_rate_that_is_exceeded_is_429_by_either_type_with_the_time_to_wait(
    with_settings: Callable[..., Client], amina: Any, database: Any
) -> None:
    limits = {"READ": {"capacity": 2, "per_minute": 2}}
    client = with_settings(rate_limits=json.dumps(limits))
    client.token = amina.token
    for _ in range(2):
        assert client.graphql(NEXT).status == 200
    for accept in (GRAPHQL, "application/json"):
        database.requests.clear()
        answer = client.post("/graphql", NEXT, headers={"accept": accept})
        assert (answer.status, answer.codes) == (429, ["RATE_LIMITED"])
        seconds = answer.body["errors"][0]["extensions"]["seconds"]
        assert answer.headers["retry-after"] == str(seconds)
        assert 0 < seconds <= 60
        assert "data" not in answer.body
        assert "query POSITION#" not in database.requests
    for accept in (GRAPHQL, "application/json"):
        # What is charged to somebody else, or to another bucket, goes on.
        assert client.post("/session", "{ __typename }", headers={"accept": accept}).status == 200


def test_a_dear_document_takes_more_of_the_rate(
    with_settings: Callable[..., Client], amina: Any
) -> None:
    client = with_settings(rate_limits=json.dumps({"READ": {"capacity": 20, "per_minute": 1}}))
    client.token = amina.token
    dear = """{ viewer { orders(first: 50) { nodes { orderId why { checks { rule outcome detail
      { name value } } } } } } }"""
    statuses = [client.graphql(dear).status for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_while_a_person_cannot_be_read_the_answer_is_503(
    amina: Any, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": "x"}}, "Query")

    monkeypatch.setattr(app.states, "state", down)
    for accept in (GRAPHQL, "application/json"):
        answer = amina.post("/graphql", NEXT, headers={"accept": accept})
        assert (answer.status, answer.codes) == (503, ["TEMPORARILY_UNAVAILABLE"])
        assert answer.headers["retry-after"] == "1"
        assert "data" not in answer.body


def test_what_nobody_foresaw_is_500_without_a_word_of_it(
    browser: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret=hunter2")

    monkeypatch.setattr(asgi, "execute", broken)
    answer = browser().session("{ __typename }")
    (error,) = answer.body["errors"]
    assert (answer.status, answer.codes) == (500, ["INTERNAL_ERROR"])
    assert error["extensions"]["correlationId"] == answer.headers["x-correlation-id"]
    printed = capsys.readouterr()
    assert "hunter2" not in json.dumps(answer.body) + printed.out + printed.err


def test_every_answer_has_its_id_and_is_kept_by_nobody(amina: Any) -> None:
    for body in ("nonsense", json.dumps({"query": NEXT}), json.dumps({"query": "{"})):
        answer = amina.send("/graphql", body)
        assert answer.headers["x-correlation-id"] == "request-1"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_limit_of_the_stage_replaces_the_default(with_settings: Callable[..., Client]) -> None:
    client = with_settings(graphql_limits='{"aliases": 1, "body_bytes": 200}')
    assert client.session("{ a: __typename }").status == 200
    answer = client.session("{ a: __typename b: __typename }")
    assert answer.codes == ["DOCUMENT_TOO_COMPLEX"]
    extensions = answer.body["errors"][0]["extensions"]
    assert (extensions["limit"], extensions["allowed"]) == ("aliases", 1)
    assert client.session("{ __typename }" + " " * 200).status == 413


def test_errors_say_what_to_do_in_the_language_of_the_browser(browser: Callable[[], Any]) -> None:
    swahili = browser().send("/session", "x", headers={"accept-language": "sw-KE, en;q=0.5"})
    english = browser().send("/session", "x")
    assert swahili.body["errors"][0]["message"].startswith("Ombi halisomeki")
    assert english.body["errors"][0]["extensions"]["retry"] == "after_correction"
