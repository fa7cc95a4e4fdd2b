"""What a gateway's word makes of a deposit: each of these is one fact, written once."""

from dataclasses import dataclass
from datetime import datetime

from shared.cases.model import CaseKind, case_id_of, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.ledger.model import Draft, Wallet
from shared.ledger.ports import Ledger
from shared.payments import bookings, surplus
from shared.payments.errors import RateUnavailable
from shared.payments.events import DepositFailedV1, DepositSettledV1, SurplusReceivedV1
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Deposits, ExchangeRates, Paid
from shared.payments.quoting import late, requote
from shared.payments.reasons import Reason
from shared.payments.states import OPEN
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write

_SERVICE = "settle_deposit"
_CASES = {
    Reason.AMOUNT_MISMATCH: CaseKind.AMOUNT_MISMATCH,
    Reason.PAYMENT_REUSED: CaseKind.PAYMENT_REUSED,
}


class NoRate(Exception):
    """Money came too late for its rate, and there is no rate of now: it waits for one."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Writes what was found out. Every method raises ConditionFailed when the deposit or the
    wallet is not as it was read: read again and decide again."""

    deposits: Deposits
    ledger: Ledger
    facts: UnitOfWork
    cases: Cases
    rates: ExchangeRates
    clock: Clock

    def keep(self, before: Deposit, after: Deposit) -> None:
        """A state or a note that moves no money."""
        self.facts.commit([self.deposits.save(before, after)])

    def end(self, before: Deposit, after: Deposit, *, unknown: bool = False) -> None:
        """Nobody paid. With ``unknown`` no gateway has said so: a person should know."""
        writes = [self.deposits.save(before, after)]
        if unknown:
            writes.append(self._case(CaseKind.PAYMENT_UNKNOWN, after))
        else:
            writes += self._answered(before)
        self.facts.commit(writes, _failed(after))

    def stays_ended(self, before: Deposit) -> None:
        """Nobody paid, as it had been taken to be before a gateway said so."""
        answered = self._answered(before)
        if answered:
            self.facts.commit(answered)

    def escalate(self, deposit: Deposit, by: Gateway) -> None:
        """This gateway has not said what became of it, and nobody asks any more."""
        self.facts.commit([self._case(CaseKind.PAYMENT_UNKNOWN, deposit, gateway=by.value)])

    def close_attempt(self, before: Deposit, by: Gateway) -> None:
        """What was begun at another gateway cannot be paid any more."""
        after = before.attempt_closed(by)
        self.facts.commit([self.deposits.save(before, after), *self._answered(before)])

    def hold(self, before: Deposit, after: Deposit) -> None:
        """Something does not add up."""
        reason = after.reason or Reason.AMOUNT_MISMATCH
        if before.reason is Reason.SENT_BACK and reason is Reason.AMOUNT_MISMATCH:
            return  # told again: somebody has looked, and what came goes back
        case = self._case(_CASES[reason], after)
        self.facts.commit([self.deposits.save(before, after), *self._answered(before), case])
        alert(after, reason)

    def other_amount(
        self, before: Deposit, after: Deposit, wallet: Wallet, by: Gateway, paid: Paid
    ) -> None:
        """Another amount came than the one asked for: booked as nobody's, for a person."""
        amount = paid.amount
        held = after.held_for_review(Reason.AMOUNT_MISMATCH)
        if amount is None or amount.minor <= 0:
            self.hold(before, held)
            return
        facts = {"payment": paid.payment, "paid": str(amount), "gateway": by.value}
        at = self.clock.now()
        draft = surplus.other_amount(after, by, paid.payment, amount, at)
        writes = [
            self.deposits.save(before, held),
            *self.deposits.claim_payment(after, paid.payment, gateway=by, suspended=amount),
            *self._answered(before),
            *self.ledger.post(wallet, draft, *_fee(after, by, paid, at)),
            self._case(CaseKind.AMOUNT_MISMATCH, held, **facts),
        ]
        try:
            self.facts.commit(writes)
        except ConditionFailed as failure:
            if not _counted(failure):
                raise
            self.hold(before, held)
            return
        alert(held, Reason.AMOUNT_MISMATCH)

    def settle(
        self, before: Deposit, told: Deposit, wallet: Wallet, by: Gateway, paid: Paid
    ) -> Deposit | None:
        """The gateway has the money: the wallet is credited. None when another deposit has
        counted this payment; NoRate when it cannot be converted yet."""
        at = self.clock.now()
        after = self._at_the_right_rate(told, at).settled(at, payment=paid.payment, gateway=by)
        draft = bookings.settlement(after, at, payment=paid.payment, fee_minor=paid.fee_minor)
        names = [paid.payment] if after.receipt is None else [paid.payment, after.receipt]
        credited = after.credited.minor
        writes = [
            self.deposits.save(before, after),
            *self.deposits.claim_payment(after, *names),
            *self._answered(before),
            *self.ledger.post(
                wallet, draft, *_fee(after, by, paid, at), posted=credited, held=credited
            ),
        ]
        try:
            self.facts.commit(writes, _settled(after))
        except ConditionFailed as failure:
            # Counted for this deposit, which has not changed: in suspense.
            in_suspense = _counted(failure) and "deposit" not in failure.found
            if not (in_suspense or _counted_elsewhere(failure, before)):
                raise
            self.hold(before, before.held_for_review(Reason.PAYMENT_REUSED))
            return None
        return after

    def second_payment(self, before: Deposit, wallet: Wallet, by: Gateway, paid: Paid) -> None:
        """A payment for a deposit that another payment had settled: it goes back, once."""
        at, amount = self.clock.now(), paid.amount or before.amount
        draft = surplus.second_payment(before, by, paid.payment, amount, at)
        event = SurplusReceivedV1(
            user_id=before.user_id,
            deposit_id=before.deposit_id,
            gateway=by.value,
            payment=paid.payment,
            currency=amount.currency.value,
            amount_minor=amount.minor,
        )
        facts = {"payment": paid.payment, "paid": str(amount), "gateway": by.value}
        writes = [
            self.deposits.save(before, before.attempt_closed(by)),
            *self.deposits.claim_payment(before, paid.payment, gateway=by),
            *self._answered(before),
            *self.ledger.post(wallet, draft, *_fee(before, by, paid, at)),
            self._case(CaseKind.SECOND_PAYMENT, before, **facts),
        ]
        try:
            self.facts.commit(writes, event)
        except ConditionFailed as failure:
            if not _counted(failure):
                raise
            # It was counted before, and goes back already: a duplicate is success.
            if any(one.gateway is by for one in before.open_attempts):
                self.close_attempt(before, by)
            return
        metric("SecondPayment", gateway=by.value)

    def receipt(self, deposit: Deposit, receipt: str) -> None:
        """A late message brought the receipt number of a settled payment."""
        writes = [
            self.deposits.save(deposit, deposit.with_receipt(receipt)),
            *self.deposits.claim_payment(deposit, receipt),
        ]
        try:
            self.facts.commit(writes)
        except ConditionFailed as failure:
            if not _counted_elsewhere(failure, deposit):
                raise
            self.facts.commit([self._case(CaseKind.PAYMENT_REUSED, deposit, receipt=receipt)])
            alert(deposit, Reason.PAYMENT_REUSED)

    def _at_the_right_rate(self, deposit: Deposit, at: datetime) -> Deposit:
        if not late(deposit, at):
            return deposit
        mid = self.rates.between(deposit.amount.currency, Currency.USD)
        if mid is None:
            metric("PaidWithoutRate", currency=deposit.amount.currency.value)
            raise NoRate
        try:
            return deposit.requoted(*requote(deposit, mid, at))
        except RateUnavailable:
            raise NoRate from None

    def _answered(self, before: Deposit) -> list[Write]:
        """A gateway has spoken at last: nobody has to find out any more what became of it."""
        at = self.clock.now()
        if before.status in OPEN and at < before.lapses_at:
            return []
        case_id = case_id_of(CaseKind.PAYMENT_UNKNOWN, before.deposit_id)
        return self.cases.end(case_id, at, by=_SERVICE, note="The gateway has answered.")

    def _case(self, kind: CaseKind, deposit: Deposit, **facts: str) -> Write:
        at = self.clock.now()
        asked = {
            "amount": str(deposit.amount),
            "gateway": deposit.gateway.value,
            "status": deposit.status.value,
        }
        case = new_case(kind, deposit.deposit_id, at, user_id=deposit.user_id, **{**asked, **facts})
        return self.cases.open(case)


def alert(deposit: Deposit, reason: Reason) -> None:
    """Wake somebody."""
    fields = {
        "deposit_id": deposit.deposit_id,
        "status": deposit.status.value,
        "reason": reason.value,
    }
    logger(_SERVICE).error("deposit needs a person", extra=fields)
    metric("DepositNeedsReview", gateway=deposit.gateway.value, reason=reason.value)


def _fee(deposit: Deposit, by: Gateway, paid: Paid, at: datetime) -> tuple[Draft, ...]:
    """What the gateway charged, booked with the payment when it was told with it."""
    currency = (paid.amount or deposit.amount).currency
    return bookings.fee(
        deposit.deposit_id, by, currency, at, payment=paid.payment, fee_minor=paid.fee_minor
    )


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


def _failed(deposit: Deposit) -> DepositFailedV1:
    return DepositFailedV1(
        user_id=deposit.user_id,
        deposit_id=deposit.deposit_id,
        gateway=deposit.gateway.value,
        reason=(deposit.reason or Reason.GATEWAY_REFUSED).value,
    )


def _counted(failure: ConditionFailed) -> bool:
    """Whether the gateway's payment was counted before, for whichever deposit."""
    return any(name.startswith("external:") and row for name, row in failure.found.items())


def _counted_elsewhere(failure: ConditionFailed, deposit: Deposit) -> bool:
    """Whether the gateway's payment settled another deposit before."""
    return any(
        found is not None and found["deposit_id"] != deposit.deposit_id
        for name, found in failure.found.items()
        if name.startswith("external:")
    )
