"""Composition of what goes back or is taken back: refunds, disputes, debts and cases."""

from functools import cached_property

from shared.cases.service import Resolving
from shared.cases.store import CaseStore
from shared.disputes.asking import Asking
from shared.disputes.store import DisputeStore
from shared.ledger.store import LedgerStore
from shared.payments.releasing import Releasing
from shared.payments.store import DepositStore
from shared.payouts.requests import PayoutRequests
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.runtime import Runtime
from shared.refunds.service import Refunds
from shared.refunds.store import RefundStore


class MoneyBack:
    """One per process; every part is built on first use."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        database = runtime.database
        self._deposits, self._ledger = DepositStore(database), LedgerStore(database)
        self._payouts = PayoutStore(database)
        self.cases = CaseStore(database)
        self.disputes = DisputeStore(database)
        self.index = RefundStore(database)

    @cached_property
    def refunds(self) -> Refunds:
        """Asking for a deposit back."""
        runtime = self._runtime
        requests = PayoutRequests(
            payouts=self._payouts,
            ledger=self._ledger,
            deposits=self._deposits,
            facts=runtime.facts,
            clock=runtime.clock,
        )
        return Refunds(
            deposits=self._deposits,
            refunds=self.index,
            payouts=self._payouts,
            requests=requests,
            ledger=self._ledger,
            keys=IdempotencyKeys(runtime.database),
            facts=runtime.facts,
            clock=runtime.clock,
            ids=runtime.ids,
        )

    @cached_property
    def releasing(self) -> Releasing:
        """Letting deposits go on."""
        return Releasing(self._deposits, self._runtime.facts)

    @cached_property
    def resolving(self) -> Resolving:
        """Closing cases."""
        return Resolving(self.cases, self._runtime.facts, self._runtime.clock)

    @cached_property
    def asking(self) -> Asking:
        """What staff ask for about debts and disputes."""
        return Asking(self.disputes, self._runtime.facts)
