"""Behind an edge, both endpoints answer nobody who went around it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from graphql_api.callers import address_of
from graphql_api.outside import outside
from graphql_api.settings import Settings
from shared.platform.origin import Origin
from tests.graphql_api.conftest import SETTINGS

QUERY = "{ __typename }"


class Vault:
    """Holds the edge's secret, or does not answer."""

    def __init__(self) -> None:
        self.down = False

    def get(self, name: str) -> Mapping[str, Any]:
        if self.down:
            raise ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")
        return {"edge": {"value": "shown-by-the-edge"}}[name]


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def origin(vault: Vault) -> Origin:
    return Origin(vault, "edge")


@pytest.fixture
def settings() -> Settings:
    return SETTINGS.model_copy(update={"origin_secret": "edge"})


@pytest.mark.parametrize("path", ["/graphql", "/session", "/elsewhere"])
@pytest.mark.parametrize("headers", [{}, {"x-origin-verify": "guessed"}, {"x-origin-verify": ""}])
def test_who_goes_around_the_edge_is_refused_whatever_they_ask(
    browser: Callable[[], Any], path: str, headers: dict[str, str]
) -> None:
    answer = browser().post(path, QUERY, headers=headers)
    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    assert "data" not in answer.body


def test_what_the_edge_forwards_is_answered(browser: Callable[[], Any]) -> None:
    answer = browser().post("/session", QUERY, headers={"X-Origin-Verify": "shown-by-the-edge"})
    assert (answer.status, answer.data) == (200, {"__typename": "Query"})


@pytest.mark.parametrize(
    ("edge", "said", "agreed_from"),
    [
        (True, {"x-viewer-address": "2001:db8::7"}, "2001:db8::7"),
        (True, {}, "203.0.113.7"),
        (False, {"x-viewer-address": "198.51.100.1"}, "203.0.113.7"),
        (False, {"x-forwarded-for": "198.51.100.1"}, "203.0.113.7"),
    ],
)
def test_where_a_person_agreed_from_is_what_the_edge_says_and_never_what_they_say(
    edge: bool,
    said: dict[str, str],
    agreed_from: str,
) -> None:
    fields = {name.encode(): value.encode() for name, value in said.items()}
    scope = {"type": "http", "client": ("203.0.113.7", 443)}
    assert address_of(scope, fields, behind_edge=edge) == agreed_from


def test_while_the_secret_cannot_be_read_nobody_is_answered(
    browser: Callable[[], Any], vault: Vault
) -> None:
    vault.down = True
    answer = browser().post("/session", QUERY, headers={"x-origin-verify": "shown-by-the-edge"})
    assert (answer.status, answer.codes) == (503, ["TEMPORARILY_UNAVAILABLE"])


def test_the_deployed_function_checks_what_its_setting_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("graphql_api.outside.SecretsManager", Vault)
    behind = outside(SETTINGS.model_copy(update={"origin_secret": "edge"})).origin()
    assert [behind.admits(each) for each in ("", "shown-by-the-edge")] == [False, True]
    assert outside(SETTINGS).origin().admits("")
