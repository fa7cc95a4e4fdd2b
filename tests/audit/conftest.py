"""A trail over each engine."""

import pytest

from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Ids
from shared.platform.tables import Database


@pytest.fixture
def trail(database: Database, clock: FixedClock, ids: Ids) -> AuditTrail:
    """Over the database of this test."""
    return AuditTrail(AuditStore(database), clock, ids)
