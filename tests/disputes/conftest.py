"""A person with deposits in any state, and gateways that open and decide disputes."""

from collections.abc import Callable

import pytest

from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Database
from tests.disputes.world import World


@pytest.fixture
def world(database: Database) -> World:
    """Over both engines."""
    return World(database)


@pytest.fixture
def quick() -> World:
    """In memory."""
    return World(MemoryDatabase())


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return lambda: World(MemoryDatabase())
