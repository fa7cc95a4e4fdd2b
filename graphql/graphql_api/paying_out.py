"""Composition of what pays out: accounts, withdrawals and their review, over an application."""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property

from graphql_api.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.payments.readings import StoredRates
from shared.payments.store import DepositStore
from shared.payouts.requests import PayoutRequests
from shared.payouts.reviewing import Reviewing as StuckReviewing
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.personal import PersonalData
from shared.platform.runtime import Runtime
from shared.strategies.goal_store import SavingStore
from shared.users.keyring import Keyring
from shared.users.store import UserStore
from shared.withdrawals.accounts import AccountKeeping
from shared.withdrawals.consenting import Consenting
from shared.withdrawals.deciding import Deciding
from shared.withdrawals.history import StoredHistories
from shared.withdrawals.ports import BankAccounts, Sales
from shared.withdrawals.providers.people import StoredHolders
from shared.withdrawals.requesting import Withdrawals
from shared.withdrawals.reviewing import Reviewing
from shared.withdrawals.store import PayoutAccountStore, PayoutReader


class PayingOut:
    """One per process; every part is built on first use."""

    def __init__(
        self,
        settings: Settings,
        runtime: Runtime,
        personal: Callable[[], PersonalData],
        banks: Callable[[], BankAccounts],
        keyring: Keyring,
        sales: Callable[[], Sales],
    ) -> None:
        self._sales = sales
        self._settings = settings
        self._runtime = runtime
        self._personal = personal
        self._banks = banks
        self._keyring = keyring
        self._database = runtime.database

    @cached_property
    def accounts(self) -> PayoutAccountStore:
        """Reading payout accounts."""
        return PayoutAccountStore(self._database)

    @cached_property
    def payouts(self) -> PayoutStore:
        """Reading payouts."""
        return PayoutStore(self._database)

    @cached_property
    def reader(self) -> PayoutReader:
        """Payouts by id, and what waits for staff."""
        return PayoutReader(self._database)

    @cached_property
    def keeping(self) -> AccountKeeping:
        """Adding and removing payout accounts."""
        return AccountKeeping(
            accounts=self.accounts,
            outgoing=self.reader,
            holders=self._holders,
            banks=self._banks,
            fingerprint=lambda text: self._keyring.hash("payout_account", text),
            keys=IdempotencyKeys(self._database),
            facts=self._runtime.facts,
            clock=self._runtime.clock,
            ids=self._runtime.ids,
            cooling=timedelta(seconds=self._settings.payout_cooling_seconds),
        )

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """Asking for money, and taking that back."""
        return Withdrawals(
            deciding=Deciding(
                accounts=self.accounts,
                outgoing=self.reader,
                holders=self._holders,
                goals=SavingStore(self._database),
                sales=self._sales(),
                rates=StoredRates(self._database, self._runtime.clock),
                clock=self._runtime.clock,
            ),
            accounts=self.accounts,
            payouts=self.payouts,
            requests=self._requests,
            cases=CaseStore(self._database),
            histories=StoredHistories(self._database),
            keys=IdempotencyKeys(self._database),
            facts=self._runtime.facts,
            clock=self._runtime.clock,
            ids=self._runtime.ids,
            approval_minor=self._settings.payout_approval_minor,
        )

    @cached_property
    def consenting(self) -> Consenting:
        """Agreeing to another rate."""
        return Consenting(
            payouts=self.payouts,
            keys=IdempotencyKeys(self._database),
            facts=self._runtime.facts,
            clock=self._runtime.clock,
        )

    @cached_property
    def reviewing(self) -> Reviewing:
        """Deciding about withdrawals."""
        return Reviewing(
            payouts=self.payouts,
            requests=self._requests,
            ledger=LedgerStore(self._database),
            cases=CaseStore(self._database),
            facts=self._runtime.facts,
            clock=self._runtime.clock,
            approval_minor=self._settings.payout_approval_minor,
        )

    @cached_property
    def stuck(self) -> StuckReviewing:
        """Payouts that wait for somebody's word."""
        return StuckReviewing(
            self.payouts, self._runtime.facts, self._settings.payout_approval_minor
        )

    @cached_property
    def _holders(self) -> StoredHolders:
        return StoredHolders(UserStore(self._database), self._personal())

    @cached_property
    def _requests(self) -> PayoutRequests:
        return PayoutRequests(
            payouts=self.payouts,
            ledger=LedgerStore(self._database),
            deposits=DepositStore(self._database),
            facts=self._runtime.facts,
            clock=self._runtime.clock,
        )
