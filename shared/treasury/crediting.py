"""Crediting money in suspense to the person whose it is, once it was agreed on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import IllegalTransition, NotFound
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments.errors import RateUnavailable
from shared.payments.events import DepositSettledV1
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Deposits, ExchangeRates, People
from shared.payments.quoting import FxQuote, quote_at
from shared.payments.races import on_fresh_state
from shared.payments.suspended import (
    Suspended,
    SuspendedPayments,
    matched,
    new_of_nobody,
    own_deposit,
)
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork, Write
from shared.treasury import suspense_cases
from shared.treasury.suspense import RATE_WITHIN, Decision, DecisionStatus, Stop, Way
from shared.treasury.suspense_store import SuspenseStore


class Claims(Protocol):
    """What payers' banks claim."""

    def against(self, user_id: str, deposit_id: str, payment: str) -> bool:
        """Whether a dispute of this payment of the deposit is open, or was lost."""


class Impossible(Exception):
    """What was agreed cannot be done any more."""

    def __init__(self, why: Stop) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Crediting:
    """The use case behind the event and the sweep's check; a duplicate is success."""

    suspended: SuspendedPayments
    decisions: SuspenseStore
    deposits: Deposits
    ledger: Ledger
    people: People
    rates: ExchangeRates
    claims: Claims
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def agreed(self, gateway: Gateway, payment: str) -> None:
        """Credit an agreed match in one fact with its new state, at the rate of now; the deposit
        goes on to the broker as every other one. A match that cannot be carried out any more is
        decided anew: its case is told why.

        Raises RateUnavailable while there is no rate: deliver it again later.
        """
        on_fresh_state(lambda: self._carry_out(gateway, payment), self.pause)

    def _carry_out(self, gateway: Gateway, payment: str) -> None:
        decision = self.decisions.get(gateway, payment)
        if decision is None or (decision.status, decision.way) != (
            DecisionStatus.AGREED,
            Way.MATCH,
        ):
            return
        # Also one that a bank took back meanwhile: its case is told so.
        found = self.suspended.known(gateway, payment)
        if found is None or decision.user_id is None:
            raise ValueError("a match names a payment in suspense, and whose it is")
        try:
            self._credit(decision, found, decision.user_id)
        except Impossible as stop:
            self._stop(decision, found, stop.why)

    def _credit(self, decision: Decision, found: Suspended, user_id: str) -> None:
        self._check_person(user_id)
        deposit, wallet, write = self._deposit(decision, user_id, found)
        # After the wallet was read, which whoever books what a bank took changes too.
        if found.owner is not None and self.claims.against(
            found.owner, found.subject, found.payment
        ):
            raise Impossible(Stop.CLAIMED_BY_BANK)
        at, credited = self.clock.now(), deposit.credited.minor
        draft = matched(deposit, found, at)
        writes = [
            self.decisions.save(decision, decision.done(deposit.deposit_id)),
            self.suspended.dealt_with(found),
            *suspense_cases.closed(self.cases, found, decision, at),
            write,
            *self.ledger.post(wallet, draft, posted=credited, held=credited),
        ]
        self.facts.commit(writes, _settled(deposit))

    def _stop(self, decision: Decision, found: Suspended, why: Stop) -> None:
        told = suspense_cases.told(self.cases, found, why, self.clock.now())
        self.facts.commit([self.decisions.save(decision, decision.stopped(why)), told])
        metric("SuspenseNotCredited", gateway=found.gateway.value, reason=why.value)

    def _check_person(self, user_id: str) -> None:
        try:
            standing = self.people.standing(user_id)
        except NotFound:
            raise Impossible(Stop.MAY_NOT_PAY_IN) from None
        if not standing.identity_approved or standing.broker_refused:
            raise Impossible(Stop.MAY_NOT_PAY_IN)

    def _quote(self, decision: Decision, found: Suspended) -> FxQuote | None:
        try:
            return quoted(self.rates, self.clock, found)
        except RateUnavailable:
            if self.clock.now() < decision.agreed_at + RATE_WITHIN:
                raise
            raise Impossible(Stop.NO_RATE) from None

    def _deposit(
        self, decision: Decision, user_id: str, found: Suspended
    ) -> tuple[Deposit, Wallet, Write]:
        at = self.clock.now()
        if found.owner is None:
            quote = self._quote(decision, found)
            deposit_id = self.ids.new(Kind.DEPOSIT)
            made = new_of_nobody(user_id, deposit_id, found, quote, at)
            return made, self.ledger.wallet(user_id, Currency.USD), self.deposits.create(made)
        before, wallet = self.deposits.with_wallet(user_id, found.subject)
        if before is None:
            raise Impossible(Stop.DEPOSIT_SETTLED)
        quote = self._quote(decision, found)
        try:
            after = own_deposit(before, found, quote, at)
        except IllegalTransition:
            raise Impossible(Stop.DEPOSIT_SETTLED) from None
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
