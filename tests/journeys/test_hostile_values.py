"""Hostile values against the deployed API: one form for each scalar, and no other is read."""

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.hostile import values
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
    [values.strict, values.literals, values.free, values.injected, values.names],
)
def test_a_hostile_value_is_refused_and_leaves_nothing(
    victim: Target, family: Callable[[], Iterator[Attempt]]
) -> None:
    victim.attack(family())
