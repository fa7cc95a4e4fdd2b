"""Hostile documents against the deployed API: each is refused in its own way, or just answered."""

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.hostile import documents
from tests.journeys.hostile.attempts import Attempt
from tests.journeys.hostile.target import Target, target
from tools.stack import Endpoints

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def victim(endpoints: Endpoints) -> Iterator[Target]:
    """What is attacked."""
    with target(endpoints) as found:
        yield found


@pytest.mark.parametrize(
    "family",
    [documents.at_the_limits, documents.floods, documents.deep_literals, documents.twisted],
)
def test_a_hostile_document_is_refused_and_leaves_nothing(
    victim: Target, family: Callable[[], Iterator[Attempt]]
) -> None:
    victim.attack(family())
