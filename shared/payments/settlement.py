"""Finding out at the gateway what became of a payment, and booking it exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.money import Money
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments import bookings
from shared.payments.errors import GatewayUnavailable
from shared.payments.events import DepositFailedV1, DepositSettledV1
from shared.payments.model import CREDITED, OPEN, Deposit, DepositStatus, Gateway
from shared.payments.ports import (
    Deposits,
    Failed,
    Lapsed,
    NoAnswer,
    Outcome,
    Paid,
    PaymentLookup,
    Processing,
    Waiting,
)
from shared.payments.races import on_fresh_state
from shared.payments.reasons import Reason
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed, UnitOfWork

LATE = timedelta(hours=24)
"""So long after the expiry a gateway that never said yes or no is still asked."""

_SERVICE = "settle_deposit"


@dataclass(frozen=True, slots=True)
class Hint:
    """What an unverified message says about a payment; nothing of it is believed.

    ``paid`` is the amount it claims, ``receipt`` the receipt number it claims.
    """

    reference: str | None = None
    paid: Money | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The use case behind every webhook and every check of a payment."""

    deposits: Deposits
    ledger: Ledger
    facts: UnitOfWork
    gateways: Mapping[Gateway, PaymentLookup]
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def signalled(self, user_id: str, deposit_id: str, hint: Hint) -> None:
        """A webhook came: look now. Raises GatewayUnavailable: deliver it again later."""
        before = self._look(user_id, deposit_id, hint)
        if before is not None and before not in OPEN:
            # The chain of checks has ended with the deposit: this late word begins another.
            self.checks.schedule("payment", _subject(user_id, deposit_id))

    def checked(self, user_id: str, deposit_id: str, attempt: int) -> None:
        """A delayed check came: look, and schedule the next one while the answer is open.

        A gateway that is down does not end the chain: the dead letters would get the check
        within a minute, and nobody else looks before the sweep does.
        """
        try:
            awaited = self._look(user_id, deposit_id, Hint()) is not None
        except GatewayUnavailable:
            awaited = self._still_awaited(user_id, deposit_id)
            if not awaited:
                raise
        if awaited:
            self.checks.schedule("payment", _subject(user_id, deposit_id), attempt + 1)

    def _still_awaited(self, user_id: str, deposit_id: str) -> bool:
        """Whether the deposit's own chain is to look again, and not the sweep."""
        deposit, now = self.deposits.get(user_id, deposit_id), self.clock.now()
        if deposit is None:
            return False
        if deposit.due is not None:
            return now < deposit.due
        return deposit.status is DepositStatus.EXPIRED and now < deposit.lapses_at + LATE

    def _look(self, user_id: str, deposit_id: str, hint: Hint) -> DepositStatus | None:
        """None when nothing more is awaited, else the status that was found."""
        deposit, wallet = self.deposits.with_wallet(user_id, deposit_id)
        if deposit is None:
            # Somebody else's payment at a gateway account that we share, never one of ours:
            # a deposit is recorded before its gateway hears of it.
            metric("PaymentOfUnknownDeposit")
            return None
        continue_trace(deposit.trace)
        if deposit.reference and hint.reference and deposit.reference != hint.reference:
            metric("HintOfAnotherPayment", gateway=deposit.gateway.value)
            hint = Hint()
        outcome = self._ask(deposit, hint)
        reads = iter([(deposit, wallet)])

        def decide() -> bool:
            # The first try uses what was read; only a lost race costs another read.
            current, purse = next(reads, None) or self.deposits.with_wallet(user_id, deposit_id)
            return current is not None and self._decide(current, purse, outcome, hint)

        return deposit.status if on_fresh_state(decide, self.pause) else None

    def _ask(self, deposit: Deposit, hint: Hint) -> Outcome:
        reference = deposit.reference or hint.reference
        if reference is None or deposit.status in CREDITED or deposit.review:
            return NoAnswer()
        return self.gateways[deposit.gateway].look_up(deposit, reference)

    def _decide(self, before: Deposit, wallet: Wallet, outcome: Outcome, hint: Hint) -> bool:
        """Whether another look is needed later."""
        if before.status in CREDITED or before.review:
            self._after_the_fact(before, hint)
            return False
        told = before.told(hint.reference, hint.receipt)
        match outcome:
            case Failed(reason):
                if before.status in OPEN:
                    self._end(before, told.failed(reason, self.clock.now()))
                return False
            case Lapsed():
                if before.status in OPEN:
                    self._end(before, told.expired(self.clock.now()))
                return False
            case Paid(payment, amount, fee_minor):
                if amount not in (None, before.amount) or _differs(before, hint):
                    self._hold(before, told.held_for_review(Reason.AMOUNT_MISMATCH))
                else:
                    self._settle(before, told, wallet, payment, fee_minor)
                return False
            case Waiting() | Processing() | NoAnswer():
                if _differs(before, hint):
                    self._hold(before, told.held_for_review(Reason.AMOUNT_MISMATCH))
                    return False
                return self._wait(before, told, outcome)

    def _wait(self, before: Deposit, told: Deposit, outcome: Outcome) -> bool:
        now = self.clock.now()
        # Stripe closes its page itself and says so; M-Pesa may never say anything.
        closes_itself = before.gateway is Gateway.STRIPE and isinstance(outcome, Waiting)
        if now >= before.lapses_at and before.status in OPEN and not closes_itself:
            self._end(before, told.expired(self.clock.now()))
        elif before.status is DepositStatus.UNKNOWN and told.reference is not None:
            # Whoever knows this name was told it by the gateway: the request did arrive.
            self.facts.commit([self.deposits.save(before, told.started(told.reference, now))])
        elif told != before:
            self.facts.commit([self.deposits.save(before, told.noted())])
        if closes_itself:
            return before.due is None or now < before.due
        if now < before.lapses_at:
            return True
        return told.reference is not None and now < before.lapses_at + LATE

    def _end(self, before: Deposit, after: Deposit) -> None:
        event = DepositFailedV1(
            user_id=after.user_id,
            deposit_id=after.deposit_id,
            gateway=after.gateway.value,
            reason=(after.reason or Reason.GATEWAY_REFUSED).value,
        )
        self.facts.commit([self.deposits.save(before, after)], event)

    def _settle(
        self,
        before: Deposit,
        told: Deposit,
        wallet: Wallet,
        payment: str,
        fee_minor: int | None,
    ) -> None:
        at = self.clock.now()
        after = told.settled(at, payment=payment)
        draft = bookings.settlement(after, at, payment=payment, fee_minor=fee_minor)
        names = [payment] if after.receipt is None else [payment, after.receipt]
        credited = after.credited.minor
        event = DepositSettledV1(
            user_id=after.user_id,
            deposit_id=after.deposit_id,
            gateway=after.gateway.value,
            currency=after.amount.currency.value,
            amount_minor=after.amount.minor,
            credited_currency=after.credited.currency.value,
            credited_minor=credited,
        )
        writes = [
            self.deposits.save(before, after),
            *self.deposits.claim_payment(after, *names),
            *self.ledger.post(wallet, draft, posted=credited, held=credited),
        ]
        try:
            self.facts.commit(writes, event)
        except ConditionFailed as failure:
            if not _counted_elsewhere(failure, before):
                raise
            self._hold(before, before.held_for_review(Reason.PAYMENT_REUSED))

    def _hold(self, before: Deposit, after: Deposit) -> None:
        self.facts.commit([self.deposits.save(before, after)])
        _alert(after, after.reason or Reason.AMOUNT_MISMATCH)

    def _after_the_fact(self, deposit: Deposit, hint: Hint) -> None:
        """What a late message still adds to a settled deposit: M-Pesa's receipt number."""
        if deposit.status not in CREDITED:
            return
        if _differs(deposit, hint):
            _alert(deposit, Reason.AMOUNT_MISMATCH)
            return
        if hint.receipt is None or deposit.receipt is not None:
            return
        writes = [
            self.deposits.save(deposit, deposit.with_receipt(hint.receipt)),
            *self.deposits.claim_payment(deposit, hint.receipt),
        ]
        try:
            self.facts.commit(writes)
        except ConditionFailed as failure:
            if not _counted_elsewhere(failure, deposit):
                raise
            _alert(deposit, Reason.PAYMENT_REUSED)


def _subject(user_id: str, deposit_id: str) -> dict[str, str]:
    return {"user_id": user_id, "deposit_id": deposit_id}


def _differs(deposit: Deposit, hint: Hint) -> bool:
    """Whether a message claims that another amount was paid than the one asked for."""
    return hint.paid is not None and hint.paid != deposit.amount


def _counted_elsewhere(failure: ConditionFailed, deposit: Deposit) -> bool:
    """Whether the gateway's payment settled another deposit before."""
    return any(
        found is not None and found["deposit_id"] != deposit.deposit_id
        for name, found in failure.found.items()
        if name.startswith("external:")
    )


def _alert(deposit: Deposit, reason: Reason) -> None:
    fields = {
        "deposit_id": deposit.deposit_id,
        "status": DepositStatus(deposit.status).value,
        "reason": reason.value,
    }
    logger(_SERVICE).error("deposit needs a person", extra=fields)
    metric("DepositNeedsReview", gateway=deposit.gateway.value, reason=reason.value)
