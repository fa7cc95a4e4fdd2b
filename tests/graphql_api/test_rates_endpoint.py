"""Too often, at the endpoints: 429 with the time to wait, nothing done, nobody else hindered."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graphql_api.settings import Settings
from shared.kernel.clock import FixedClock
from tests.graphql_api.conftest import EMAIL, SETTINGS, Client, CountingDatabase

MARK = """mutation { markNotificationsRead(input: {notificationIds: []}) { __typename } }"""
LIGHT = "{ viewer { nextSteps } }"
REFRESH = "mutation { refreshSession { __typename } }"
SIGN_IN = """mutation { signIn(input: {email: "x@example.com", password: "Wrong-horse-42"})
  { __typename ... on UserError { code } } }"""


@pytest.fixture
def settings() -> Settings:
    """Of a stage with narrow buckets."""
    narrow = {
        "READ": {"capacity": 3, "per_minute": 60},
        "CHANGE": {"capacity": 2, "per_minute": 30},
        "SESSION": {"capacity": 4, "per_minute": 60},
        "SIGN_IN": {"capacity": 12, "per_minute": 60},
    }
    return SETTINGS.model_copy(update={"rate_limits": json.dumps(narrow)})


def refused(answer: Any, seconds: int) -> None:
    assert answer.status == 429
    assert answer.headers["retry-after"] == str(seconds)
    (error,) = answer.body["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert str(seconds) in error["message"]
    assert "data" not in answer.body or answer.body["data"] is None


def test_too_many_changes_wait_while_reading_goes_on(
    amina: Client, clock: FixedClock, database: CountingDatabase
) -> None:
    assert [amina.graphql(MARK).status for _ in range(2)] == [200, 200]
    before = json.dumps({str(key): str(item) for key, item in database._items.items()})
    refused(amina.graphql(MARK), 2)
    assert json.dumps({str(key): str(item) for key, item in database._items.items()}) == before
    assert amina.graphql(LIGHT).status == 200
    clock.advance(timedelta(seconds=1))
    refused(amina.graphql(MARK), 1)
    clock.advance(timedelta(seconds=1))
    assert amina.graphql(MARK).status == 200


def test_a_refused_request_reads_and_writes_nothing(
    amina: Client, database: CountingDatabase
) -> None:
    while amina.graphql(LIGHT).status == 200:
        database.requests.clear()
    database.requests.clear()
    refused(amina.graphql(LIGHT), 1)
    assert database.requests == []


def test_one_persons_bucket_is_not_anothers(amina: Client, join: Callable[[str], Client]) -> None:
    juma = join("juma@example.com")
    assert [amina.graphql(LIGHT).status for _ in range(4)] == [200, 200, 200, 429]
    assert juma.graphql(LIGHT).status == 200


def test_tries_at_credentials_are_counted_by_address_and_other_session_work_apart(
    amina: Client, browser: Callable[[], Client]
) -> None:
    stranger = browser()
    statuses = [stranger.session(SIGN_IN).status for _ in range(12)]
    assert statuses[-1] == 429
    # Three were used up by the sign-up and the sign-in of the same address.
    assert statuses.count(200) == 9
    refused(browser().session(SIGN_IN), 1)
    assert amina.session(REFRESH).status == 200


def test_a_token_of_somebody_else_opens_no_other_bucket(browser: Callable[[], Client]) -> None:
    statuses = []
    for number in range(6):
        client = browser()
        forged = f"Bearer e30.{number}.x"
        answer = client.post("/session", REFRESH, headers={"authorization": forged})
        statuses.append(answer.status)
    assert statuses == [200] * 4 + [429] * 2


def test_rows_of_limits_hold_no_address_and_no_mail(
    amina: Client, database: CountingDatabase
) -> None:
    amina.graphql(LIGHT)
    rows = {str(key): str(item) for key, item in database._items.items() if "RATE#" in str(key)}
    assert any("RATE#user:" in key for key in rows)
    assert any("RATE#address:" in key for key in rows)
    assert "203.0.113.7" not in json.dumps(rows)
    assert EMAIL not in json.dumps(rows)
