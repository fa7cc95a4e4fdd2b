"""Composition of round-ups: their settings, and the purchases that fill the pool."""

from collections.abc import Callable
from functools import cached_property

from shared.payments.readings import StoredPeople
from shared.payments.store import DepositStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.runtime import Runtime
from shared.recurring.ports import CardKeeper, Instruments
from shared.roundups.purchases import Purchases
from shared.roundups.service import RoundUpsService
from shared.roundups.store import PoolStore
from shared.strategies.goal_store import SavingStore


class RoundingUp:
    """One per process; every part is built on first use."""

    def __init__(
        self, runtime: Runtime, instruments: Instruments, cards: Callable[[], CardKeeper]
    ) -> None:
        self._runtime, self._instruments, self._cards = runtime, instruments, cards
        self._pools = PoolStore(runtime.database)

    @cached_property
    def settings(self) -> RoundUpsService:
        """Starting, changing and ending them."""
        runtime = self._runtime
        return RoundUpsService(
            pools=self._pools,
            deposits=DepositStore(runtime.database),
            goals=SavingStore(runtime.database),
            keys=IdempotencyKeys(runtime.database),
            facts=runtime.facts,
            people=StoredPeople(runtime.database),
            instruments=self._instruments,
            cards=self._cards,
            clock=runtime.clock,
            ids=runtime.ids,
        )

    @cached_property
    def purchases(self) -> Purchases:
        """Reporting what was bought."""
        runtime = self._runtime
        keys = IdempotencyKeys(runtime.database)
        return Purchases(self._pools, keys, runtime.facts, runtime.clock)
