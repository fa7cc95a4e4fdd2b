"""The deployed API as a stage that is open to the world: nobody learns a name from it."""

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.journeys.hostile import heads, names
from tests.journeys.hostile.attempts import Attempt, asked
from tests.journeys.hostile.target import Target, public_stage, target
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_QUOTED = re.compile(r"'([^']*)'")
_ASKED_FOR = re.compile(r"(?:of type|required field|argument) '[^']*'", re.IGNORECASE)
"""What is missing at a name that was right: of which type it is, and what it needs."""


@pytest.fixture(scope="module")
def victim(endpoints: Endpoints) -> Iterator[Target]:
    """What is attacked, under the settings of such a stage."""
    with target(endpoints) as found, public_stage(found):
        yield found


@pytest.mark.parametrize("schema", ["schema", "session"])
def test_a_near_miss_is_told_no_name_that_it_did_not_know(victim: Target, schema: str) -> None:
    known, leaked = names.every_name(names.schema(schema)), dict[str, set[str]]()

    def look(attempt: Attempt, answer: httpx.Response) -> None:
        messages = " ".join(each["message"] for each in answer.json()["errors"])
        quoted = " ".join(_QUOTED.findall(_ASKED_FOR.sub("", messages)))
        sent = set(_WORD.findall(json.loads(attempt.body)["query"]))
        told = set(_WORD.findall(quoted)) & known - sent - {"Query", "Mutation"}
        if told:
            leaked[attempt.what] = told

    victim.attack(names.near_misses(schema), look)
    assert leaked == {}


@pytest.mark.parametrize("family", [names.variables, names.introspection, heads.methods])
def test_nobody_is_told_of_the_schema(
    victim: Target, family: Callable[[], Iterator[Attempt]]
) -> None:
    victim.attack(family())


def test_a_stage_for_its_own_pages_executes_the_published_operations_only(
    endpoints: Endpoints,
) -> None:
    with target(endpoints) as found:
        question = "query Mine { viewer { user { userId } } }"
        with public_stage(found, PERSISTED_ONLY="true"):
            for endpoint, document in (("graphql", question), ("session", "{ __typename }")):
                attempt = asked("an own document", "x", document, endpoint=endpoint)
                answer = found.send(attempt)
                (error,) = answer.json()["errors"]
                assert error["extensions"]["code"] == "PERSISTED_QUERY_REQUIRED"
                assert (answer.status_code, "data" in answer.json()) == (400, False)
            assert found.person.screen()["user"]["userId"] == found.person.user_id
        found.check_answers()
