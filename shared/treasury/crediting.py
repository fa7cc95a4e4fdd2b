"""Crediting money in suspense to the person whose it is, once it was agreed on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments.errors import RateUnavailable
from shared.payments.events import DepositSettledV1
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Deposits, ExchangeRates
from shared.payments.quoting import FxQuote, quote_at
from shared.payments.races import on_fresh_state
from shared.payments.suspended import (
    Suspended,
    SuspendedPayments,
    matched,
    new_from_menu,
    own_deposit,
)
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork, Write
from shared.treasury.suspense import Decision, DecisionStatus, Way
from shared.treasury.suspense_store import SuspenseStore


class Claims(Protocol):
    """What payers' banks claim."""

    def against(self, user_id: str, deposit_id: str, payment: str) -> bool:
        """Whether a dispute of this payment of the deposit is open, or was lost."""


@dataclass(frozen=True, slots=True)
class Crediting:
    """The use case behind the event and the sweep's check; a duplicate is success."""

    suspended: SuspendedPayments
    decisions: SuspenseStore
    deposits: Deposits
    ledger: Ledger
    rates: ExchangeRates
    claims: Claims
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def agreed(self, gateway: Gateway, payment: str) -> None:
        """Credit an agreed match in one fact with its new state, at the rate of now; the deposit
        goes on to the broker as every other one.

        Raises RateUnavailable while there is no rate: deliver it again later.
        """
        on_fresh_state(lambda: self._credit(gateway, payment), self.pause)

    def _credit(self, gateway: Gateway, payment: str) -> None:
        decision = self.decisions.get(gateway, payment)
        if decision is None or (decision.status, decision.way) != (
            DecisionStatus.AGREED,
            Way.MATCH,
        ):
            return
        found = self.suspended.get(gateway, payment)
        if found is None or decision.user_id is None:
            raise ValueError("a match names a payment in suspense, and whose it is")
        deposit, wallet, write = self._deposit(decision.user_id, found)
        if found.owner is not None and self._claimed(found, found.owner, decision):
            return
        at, credited = self.clock.now(), deposit.credited.minor
        draft = matched(deposit, found, at)
        writes = [
            self.decisions.save(decision, decision.done(deposit.deposit_id)),
            write,
            *self.ledger.post(wallet, draft, posted=credited, held=credited),
        ]
        self.facts.commit(writes, _settled(deposit))

    def _claimed(self, found: Suspended, owner: str, decision: Decision) -> bool:
        """Whether the payer's bank was faster: then nothing is credited, and staff may look."""
        # After the wallet was read, which whoever books what a bank took changes too.
        if not self.claims.against(owner, found.subject, found.payment):
            return False
        self.facts.commit([self.decisions.save(decision, decision.stopped())])
        metric("SuspenseClaimedByBank", gateway=found.gateway.value)
        return True

    def _deposit(self, user_id: str, found: Suspended) -> tuple[Deposit, Wallet, Write]:
        at, quote = self.clock.now(), quoted(self.rates, self.clock, found)
        if found.owner is None:
            deposit_id = self.ids.new(Kind.DEPOSIT)
            made = new_from_menu(user_id, deposit_id, found, quote, at)
            return made, self.ledger.wallet(user_id, Currency.USD), self.deposits.create(made)
        before, wallet = self.deposits.with_wallet(user_id, found.subject)
        if before is None:
            raise ValueError("a payment in suspense names a deposit of its owner")
        after = own_deposit(before, found, quote, at)
        return after, wallet, self.deposits.save(before, after)


def quoted(rates: ExchangeRates, clock: Clock, found: Suspended) -> FxQuote | None:
    """The rate of now for it; None for dollars. Raises RateUnavailable for none, and for one
    that makes nothing of it."""
    if found.amount.currency is Currency.USD:
        return None
    mid = rates.between(found.amount.currency, Currency.USD)
    quote = None if mid is None else quote_at(mid, clock.now())
    if quote is None or quote.convert(found.amount).minor <= 0:
        raise RateUnavailable()
    return quote


def _settled(deposit: Deposit) -> DepositSettledV1:
    return DepositSettledV1(
        user_id=deposit.user_id,
        deposit_id=deposit.deposit_id,
        gateway=deposit.gateway.value,
        currency=deposit.amount.currency.value,
        amount_minor=deposit.amount.minor,
        credited_currency=deposit.credited.currency.value,
        credited_minor=deposit.credited.minor,
    )
