"""Payments that people make from their phone's menu: heard of, confirmed by M-Pesa, booked once.

A confirmation is a hint. It leaves a deposit whose state is UNKNOWN, or, where nobody is known to
own the money, a record of its own; then M-Pesa is asked about the receipt, and its answer settles
the deposit or books the money in suspense. Nothing that was told is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Subject
from shared.payments.errors import RateUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.paybill_accounts import (
    PAYREF,
    PayReferenceRow,
    PayReferences,
    reference_key,
)
from shared.payments.paybill_notices import PaybillNotice
from shared.payments.paybill_suspense import PaybillSuspense
from shared.payments.paybill_unmatched import (
    ASKED_FOR,
    CHECK,
    Why,
    unmatched_key,
)
from shared.payments.ports import Deposits, ExchangeRates, NoAnswer, Outcome, Paid, People
from shared.payments.quoting import quote_at
from shared.payments.rows import GUARD, ExternalPaymentRow
from shared.payments.settlement import Hint, Settlement
from shared.payments.states import CREDITED
from shared.platform.correlation import correlation_id
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.tables import Database, Key, Table
from shared.platform.work import ConditionFailed, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record about a receipt and an account text, all in one read."""

    settled: ExternalPaymentRow | None
    heard: ExternalPaymentRow | None
    reference: PayReferenceRow | None
    unmatched: bool


@dataclass(frozen=True, slots=True)
class Paybill:
    """The use case behind every confirmation and every answer about one."""

    database: Database
    deposits: Deposits
    references: PayReferences
    people: People
    rates: ExchangeRates
    settlement: Settlement
    suspense: PaybillSuspense
    facts: UnitOfWork
    checks: Checks
    clock: Clock
    ids: Ids

    def confirmed(self, notice: PaybillNotice) -> None:
        """A confirmation came, perhaps again. Raises GatewayUnavailable and RateUnavailable:
        deliver it again later."""
        if notice.receipt is None:
            metric("PaybillUnreadable")
            logger("settle_deposit").error("a confirmation without a receipt")
            return
        known = self._known(notice, notice.receipt)
        if known.settled is not None:
            # It was counted: for a push whose own callback was faster, this is the same payment.
            return
        if known.reference is not None and known.reference.deposit_id is not None:
            self._of_push(known.reference, notice)
        elif known.heard is not None:
            self._look(known.heard.user_id, known.heard.deposit_id)
        elif known.unmatched:
            self.suspense.checked(notice.receipt, 0)
        else:
            self._new(notice, notice.receipt, known.reference)

    def _known(self, notice: PaybillNotice, receipt: str) -> _Known:
        settled, heard = (
            Key(Table.CORE, f"EXT#{Gateway.MPESA.value}#{name}", GUARD)
            for name in (receipt, _notice_of(receipt))
        )
        reference, lost = reference_key(notice.account), unmatched_key(receipt)
        wanted = [key for key in (settled, heard, lost, reference) if key is not None]
        found = self.database.get_many(wanted)
        return _Known(
            settled=found[settled].to(ExternalPaymentRow) if settled in found else None,
            heard=found[heard].to(ExternalPaymentRow) if heard in found else None,
            reference=(
                found[reference].to(PayReferenceRow) if reference and reference in found else None
            ),
            unmatched=lost in found,
        )

    def _of_push(self, reference: PayReferenceRow, notice: PaybillNotice) -> None:
        """The confirmation of a payment that we had asked for: its receipt. Where the push's own
        name is lost, M-Pesa is asked about the receipt."""
        user_id, deposit_id = str(reference.user_id), str(reference.deposit_id)
        hint = Hint(paid=notice.amount, receipt=notice.receipt)
        self.settlement.signalled(user_id, deposit_id, hint, Gateway.MPESA)
        subject = {"user_id": user_id, "deposit_id": deposit_id, "receipt": notice.receipt or ""}
        self._checked_push(subject, 0)

    def _checked_push(self, subject: Mapping[str, str], attempt: int) -> None:
        user_id, deposit_id = subject["user_id"], subject["deposit_id"]
        deposit = self.deposits.get(user_id, deposit_id)
        if deposit is None or deposit.status in CREDITED or deposit.review or deposit.reference:
            return
        if self.clock.now() < deposit.lapses_at + ASKED_FOR:
            self.checks.schedule(CHECK, subject, attempt + 1)
            self.suspense.ask(Subject(user_id, deposit_id), subject["receipt"])

    def _new(self, notice: PaybillNotice, receipt: str, reference: PayReferenceRow | None) -> None:
        amount = notice.amount
        if amount is None:
            nothing = Money(0, Currency.KES)
            self.suspense.heard(notice, receipt, nothing, Why.AMOUNT_UNREADABLE)
            return
        if reference is None:
            readable = reference_key(notice.account) is not None
            why = Why.ACCOUNT_UNKNOWN if readable else Why.ACCOUNT_UNREADABLE
            self.suspense.heard(notice, receipt, amount, why)
            return
        user_id = str(reference.user_id)
        usable = self._may_pay_in(user_id)
        if bool(reference.usable) is not usable:
            self.references.keep_usable(reference.pk.removeprefix(f"{PAYREF}#"), usable=usable)
        if not usable:
            self.suspense.heard(notice, receipt, amount, Why.PERSON_MAY_NOT_PAY_IN, user_id)
            return
        deposit = self._deposit(user_id, receipt, amount)
        try:
            self.facts.commit(
                [
                    self.deposits.create(deposit),
                    *self.deposits.claim_payment(deposit, _notice_of(receipt)),
                ]
            )
        except ConditionFailed as failure:
            # Another delivery of it was faster.
            first = failure.found.get(f"external:{_notice_of(receipt)}")
            if first is None:
                raise
            self._look(str(first["user_id"]), str(first["deposit_id"]))
            return
        self._look(user_id, deposit.deposit_id)

    def _may_pay_in(self, user_id: str) -> bool:
        try:
            standing = self.people.standing(user_id)
        except NotFound:
            return False
        return standing.identity_approved and not standing.broker_refused

    def _deposit(self, user_id: str, receipt: str, amount: Money) -> Deposit:
        mid = self.rates.between(amount.currency, Currency.USD)
        if mid is None:
            raise RateUnavailable()
        deposit = new_deposit(
            user_id=user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=Gateway.MPESA,
            method=Method.PAYBILL,
            amount=amount,
            quote=quote_at(mid, self.clock.now()),
            trace=correlation_id(),
        )
        if deposit.credited.minor == 0:
            raise RateUnavailable()
        return deposit.told(receipt, receipt)

    def _look(self, user_id: str, deposit_id: str) -> None:
        # The chain first: from here on a crash loses nothing.
        self.checks.schedule("payment", {"user_id": user_id, "deposit_id": deposit_id})
        self.settlement.signalled(user_id, deposit_id, Hint(), Gateway.MPESA)

    def checked(self, subject: Mapping[str, str], attempt: int) -> None:
        """Ask again about a payment of nobody, or about a push whose name is lost."""
        if "deposit_id" in subject:
            self._checked_push(subject, attempt)
        else:
            self.suspense.checked(subject["receipt"], attempt)

    def answered(self, subject: Subject, receipt: str | None, outcome: Outcome) -> None:
        """M-Pesa's answer about a receipt: settles the deposit, or books what is nobody's."""
        if receipt is None or isinstance(outcome, NoAnswer):
            return
        if subject.kind is Kind.DEPOSIT:
            self.settlement.signalled(
                subject.user_id, subject.subject_id, Hint(receipt=receipt), Gateway.MPESA, outcome
            )
        elif isinstance(outcome, Paid) and outcome.amount is not None:
            self.suspense.proved(subject.subject_id, receipt, outcome.amount)


def _notice_of(receipt: str) -> str:
    """The name under which a receipt that was only heard of is kept to one deposit."""
    return f"notice:{receipt}"
