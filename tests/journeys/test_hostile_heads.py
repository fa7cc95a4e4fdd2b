"""Hostile heads against the deployed API: what pretends to be another request is none."""

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.hostile import heads
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
    [heads.paths, heads.accepts, heads.places, heads.spoofs, heads.cookies],
)
def test_a_hostile_head_is_refused_and_leaves_nothing(
    victim: Target, family: Callable[[], Iterator[Attempt]]
) -> None:
    victim.attack(family())
