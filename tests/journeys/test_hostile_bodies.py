"""Hostile bodies against the deployed API: no bytes make it fail, and none are read two ways."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.hostile import bodies
from tests.journeys.hostile.attempts import Attempt
from tests.journeys.hostile.target import Target, target
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

PERSISTED = Path(__file__).resolve().parents[2] / "graphql" / "persisted.json"


@pytest.fixture(scope="module")
def victim(endpoints: Endpoints) -> Iterator[Target]:
    """What is attacked."""
    with target(endpoints) as found:
        yield found


def persisted() -> Iterator[Attempt]:
    """Ids of the published list, in places where they do not belong."""
    listed = json.loads(PERSISTED.read_text())["operations"]
    ids = {each["schema"]: each["id"] for each in listed}
    yield from bodies.persisted(ids["session"], ids["graphql"])


@pytest.mark.parametrize(
    "family",
    [
        bodies.encodings,
        bodies.json_texts,
        bodies.wrong_members,
        bodies.sizes,
        bodies.content_types,
        persisted,
    ],
)
def test_a_hostile_body_is_refused_and_leaves_nothing(
    victim: Target, family: Callable[[], Iterator[Attempt]]
) -> None:
    victim.attack(family())
