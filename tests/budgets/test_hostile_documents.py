"""Every body of the benchmark is refused, with a documented error and without touching anything."""

import json
from collections.abc import Iterator

import pytest

from benchmarks.hostile import NOBODY
from benchmarks.hostile_documents import BODY_BYTES, families
from benchmarks.over_memory import application, event_of_body
from benchmarks.world import World
from graphql_api.adapter import LambdaAdapter
from graphql_api.asgi import Service
from shared.platform.memory import MemoryDatabase

FAMILIES = dict(families())
NO_DOCUMENT = {"BAD_REQUEST", "PAYLOAD_TOO_LARGE"}
ANSWERS = NO_DOCUMENT | {
    "BAD_USER_INPUT",
    "DOCUMENT_TOO_COMPLEX",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    # Nothing is wrong with a short document among blanks, but with who asks.
    "NOT_SIGNED_IN",
}


@pytest.fixture(scope="module")
def world() -> World:
    return World(MemoryDatabase())


@pytest.fixture(scope="module")
def endpoint(world: World) -> Iterator[LambdaAdapter]:
    adapter = LambdaAdapter(Service(application(world)))
    yield adapter
    adapter.close()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_hostile_body_is_refused_as_documented(
    name: str, endpoint: LambdaAdapter, world: World
) -> None:
    answer = endpoint(event_of_body(NOBODY, FAMILIES[name]), None)
    content = json.loads(answer["body"])
    assert 400 <= answer["statusCode"] < 500
    assert content.get("data") is None
    assert {error["extensions"]["code"] for error in content["errors"]} <= ANSWERS
    # An answer that repeats what was sent would be a lever of its own.
    assert len(answer["body"]) < BODY_BYTES // 16


def test_families_fill_what_a_request_may_hold() -> None:
    full = [name for name, body in FAMILIES.items() if len(body) > 0.9 * BODY_BYTES]
    assert len(full) >= 50
    assert max(map(len, FAMILIES.values())) <= BODY_BYTES
