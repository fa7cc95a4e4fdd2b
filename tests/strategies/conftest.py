"""Proposing and saving over whichever database engine the test runs on."""

from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.platform import keys
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.personal import MemoryPersonalData
from shared.platform.tables import Database, Put
from shared.strategies.book import StrategyBook
from shared.strategies.goal_store import SavingStore
from shared.strategies.proposal_store import ProposalStore
from shared.strategies.proposing import Proposing
from shared.strategies.providers.sealing import SealedNames
from shared.strategies.rows import StrategyStore
from shared.strategies.service import GoalService
from shared.users.store import ProfileRow, UserStore


@pytest.fixture
def proposing(database: Database, facts: Any, clock: FixedClock, ids: Any) -> Proposing:
    return Proposing(
        StrategyStore(database),
        ProposalStore(database),
        IdempotencyKeys(database),
        facts,
        clock,
        ids,
        pause=lambda _: None,
    )


@pytest.fixture
def amina(database: Database, facts: Any, ids: Any, personal: MemoryPersonalData) -> str:
    """A person with a key of their own."""
    user_id: str = ids.new(Kind.USER)
    sealed = personal.seal({"given_name": "Amina"}, subject=user_id)
    profile = ProfileRow(
        pk=keys.user(user_id),
        sk=keys.PROFILE,
        status="ACTIVE",
        language="en",
        kyc_status="APPROVED",
        wrapped_key=sealed.wrapped_key,
        personal=sealed.ciphertext,
    )
    facts.commit([Put.new("profile", profile)])
    return user_id


@pytest.fixture
def personal() -> MemoryPersonalData:
    return MemoryPersonalData()


@pytest.fixture
def saving(
    database: Database, facts: Any, clock: FixedClock, ids: Any, personal: MemoryPersonalData
) -> GoalService:
    return GoalService(
        SavingStore(database),
        SealedNames(UserStore(database), lambda: personal),
        StrategyBook(StrategyStore(database), clock).in_force,
        IdempotencyKeys(database),
        facts,
        clock,
        ids,
        pause=lambda _: None,
    )
