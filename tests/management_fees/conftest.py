"""A world around a person's fee, in memory, and as many as are needed."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.platform.memory import MemoryDatabase
from tests.management_fees.world import World


@pytest.fixture
def world(clock: FixedClock, ids: SequentialIds) -> World:
    """In memory; the rows themselves are tested on both engines."""
    return World(MemoryDatabase(), clock, ids)


@pytest.fixture
def new_world() -> Callable[[], World]:
    """As many as are needed, all at the same time."""

    def make() -> World:
        clock = FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC))
        return World(MemoryDatabase(), clock, SequentialIds("t1", clock))

    return make
