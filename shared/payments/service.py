"""Making a deposit: recorded once per idempotency key, then the gateway is asked to begin."""

from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import (
    CurrencyPaused,
    DepositLapsed,
    GatewayUnavailable,
    PaymentRefused,
    RateUnavailable,
)
from shared.payments.events import DepositFailedV1
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, UNREPEATABLE, Gateway, Method
from shared.payments.model import Deposit, DepositStatus
from shared.payments.paybill_accounts import named_on_statement
from shared.payments.paying_in import check_may_pay_in, saved_for
from shared.payments.ports import (
    Breakers,
    DepositPage,
    Deposits,
    ExchangeRates,
    NotSent,
    NoWord,
    PaymentGateway,
    People,
    Purposes,
    Refused,
    Started,
    StartResult,
)
from shared.payments.quoting import FxQuote, quote_at
from shared.payments.reasons import Reason
from shared.payments.requests import DepositRequest, checked_request
from shared.payments.routing import Begin, Routing
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, once
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed, UnitOfWork, Write

FX_BREAKER = "fx"
"""Open, it stops new deposits that would have to be converted."""


@dataclass(frozen=True, slots=True)
class DepositService:
    """What a person can do about deposits."""

    deposits: Deposits
    keys: IdempotencyKeys
    facts: UnitOfWork
    routing: Routing
    people: People
    goals: Purposes
    rates: ExchangeRates
    breakers: Breakers
    checks: Checks
    clock: Clock
    ids: Ids

    def create_deposit(
        self,
        user_id: str,
        *,
        idempotency_key: str,
        method: Method,
        amount: Money,
        phone: str | None = None,
        save_card: bool = False,
        goal_id: str | None = None,
        charge: Begin | None = None,
    ) -> Deposit:
        """The deposit of this key, begun at a gateway as far as that is possible.

        The same key with the same content gives the same deposit and never a second payment;
        with other content it raises IdempotencyKeyReused. A refused key stays refused. Raises
        the typed errors of ``requests`` and ``errors``; nothing is recorded then, except that a
        gateway's refusal (PaymentRefused) and its silence (GatewayUnavailable) leave the
        deposit, which the same key continues. ``charge`` begins it in another way than by asking
        the person, such as with a card that was kept. For a ``goal_id`` that is none of the
        person's goals it raises NotFound, and GoalArchived for one that was given up.
        """
        request = checked_request(
            user_id,
            idempotency_key,
            method,
            amount,
            phone,
            save_card=save_card,
            goal_id=goal_id,
        )
        deposit, created = once(
            self.keys,
            self.facts,
            request.intent,
            make=lambda: self._made(request),
            read=lambda deposit_id: self.deposit(user_id, deposit_id),
        )
        if created:
            logger("payments").info("deposit recorded", extra={"deposit_id": deposit.deposit_id})
            self._watch(deposit)
        return self._begin(deposit, request, charge, created=created)

    def deposit(self, user_id: str, deposit_id: str) -> Deposit:
        """One deposit of this person; NotFound for those of others too."""
        found = self.deposits.get(user_id, deposit_id)
        if found is None:
            raise NotFound(what="The deposit")
        return found

    def page(self, user_id: str, *, limit: int, after: str | None = None) -> DepositPage:
        """This person's deposits, newest first."""
        return self.deposits.page(user_id, limit=limit, after=after)

    def _made(self, request: DepositRequest) -> tuple[Deposit, str, list[Write]]:
        check_may_pay_in(self.people.standing(request.user_id))
        deposit = new_deposit(
            user_id=request.user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=GATEWAYS[request.method][0],
            method=request.method,
            amount=request.amount,
            quote=self._quote(request.amount),
            trace=correlation_id(),
            goal_id=saved_for(self.goals, request.user_id, request.goal_id),
        )
        if deposit.credited.minor == 0:
            # A rate that makes nothing of somebody's money is wrong, and could not be booked.
            raise RateUnavailable()
        writes = [self.deposits.create(deposit), *named_on_statement(deposit)]
        return deposit, deposit.deposit_id, writes

    def _quote(self, amount: Money) -> FxQuote | None:
        if amount.currency is Currency.USD:
            return None
        if self.breakers.is_open(FX_BREAKER):
            raise CurrencyPaused(currency=amount.currency.value)
        mid = self.rates.between(amount.currency, Currency.USD)
        if mid is None:
            raise RateUnavailable()
        return quote_at(mid, self.clock.now())

    def _watch(self, deposit: Deposit) -> None:
        subject = {"user_id": deposit.user_id, "deposit_id": deposit.deposit_id}
        try:
            self.checks.schedule("payment", subject)
        except Exception:  # noqa: BLE001 - the deposit is recorded; the sweep is the net
            metric("CheckNotScheduled", check="payment")

    def _begin(
        self, deposit: Deposit, request: DepositRequest, charge: Begin | None, *, created: bool
    ) -> Deposit:
        if deposit.status is DepositStatus.FAILED and deposit.reference is None:
            raise PaymentRefused(reason=deposit.reason or Reason.GATEWAY_REFUSED)
        mine = created and deposit.status is DepositStatus.UNKNOWN
        if deposit.status is not DepositStatus.CREATED and not mine:
            return deposit
        if not deposit.may_start(self.clock.now()):
            raise DepositLapsed()
        if deposit.method in UNREPEATABLE and not mine:
            deposit, won = self._keep(deposit, deposit.claimed(self.clock.now()))
            if not won:
                return deposit

        def begin(gateway: PaymentGateway, current: Deposit) -> StartResult:
            return gateway.start(current, request.phone, save_card=request.save_card)

        deposit, result = self.routing.start(deposit, charge or begin, self._hand_over)
        return self._begun(deposit, result)

    def _hand_over(self, deposit: Deposit, gateway: Gateway) -> Deposit | None:
        """Recorded before the other gateway is asked: whoever comes after a crash asks it, and
        knows that the first may have begun too."""
        handed, won = self._keep(deposit, deposit.handed_to(gateway))
        return handed if won else None

    def _begun(self, deposit: Deposit, result: StartResult) -> Deposit:
        match result:
            case Started(reference, redirect_url, pushed_to, instructions):
                started = deposit.started(
                    reference,
                    self.clock.now(),
                    redirect_url=redirect_url,
                    pushed_to=pushed_to,
                    instructions=instructions,
                )
                return self._keep(deposit, started)[0]
            case Refused(reason):
                self._refuse(deposit, reason)
                raise PaymentRefused(reason=reason)
            case NotSent():
                if deposit.status is DepositStatus.UNKNOWN:
                    self._keep(deposit, deposit.unsent(self.clock.now()))
                raise GatewayUnavailable()
            case NoWord():
                if deposit.status is DepositStatus.UNKNOWN:
                    return deposit
                raise GatewayUnavailable()

    def _refuse(self, deposit: Deposit, reason: Reason) -> None:
        event = DepositFailedV1(
            user_id=deposit.user_id,
            deposit_id=deposit.deposit_id,
            gateway=deposit.gateway.value,
            reason=reason.value,
        )
        try:
            self.facts.commit(
                [self.deposits.save(deposit, deposit.failed(reason, self.clock.now()))], event
            )
        except ConditionFailed:
            # The check was faster, for instance with the expiry: its word stands.
            return

    def _keep(self, before: Deposit, after: Deposit) -> tuple[Deposit, bool]:
        """Save unless somebody else moved the deposit meanwhile; then theirs is the state."""
        try:
            self.facts.commit([self.deposits.save(before, after)])
        except ConditionFailed:
            return self.deposit(before.user_id, before.deposit_id), False
        return after, True
