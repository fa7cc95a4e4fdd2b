"""People over both engines and the twin of the identity provider."""

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import UlidIds
from shared.ledger.store import LedgerStore
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.rate_limits import RateLimits
from shared.platform.tables import Database
from shared.users.factor_store import FactorStore
from shared.users.keyring import Keyring
from shared.users.providers.sealing import SealedProfiles
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.store import UserStore
from tests.users.twins import TwinIdentities


@pytest.fixture
def identities(clock: FixedClock) -> TwinIdentities:
    """The identity provider."""
    return TwinIdentities(clock)


@pytest.fixture
def people(database: Database, clock: FixedClock, identities: TwinIdentities) -> People:
    """The ports of the use cases."""
    ids = UlidIds("t1", clock)
    return People(
        users=UserStore(database),
        identities=identities,
        safe=SealedProfiles(MemoryPersonalData()),
        factors=FactorStore(database),
        wallets=LedgerStore(database),
        keyring=Keyring(lambda: "pepper"),
        rates=RateLimits(database, clock),
        facts=Facts(database, clock, ids),
        clock=clock,
        ids=ids,
    )


@pytest.fixture
def sessions(database: Database) -> SessionStore:
    """Session rows."""
    return SessionStore(database)
