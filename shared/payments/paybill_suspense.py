"""Money that came from a phone's menu and that no wallet gets: confirmed by M-Pesa, then booked in
suspense, once, and told to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from shared.cases.model import CaseKind, case_id_of, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Money
from shared.ledger.house import book_once
from shared.ledger.ports import House
from shared.payments.callbacks import Subject
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.payments.paybill_notices import PaybillNotice
from shared.payments.paybill_unmatched import (
    ASKED_FOR,
    CHECK,
    Unmatched,
    UnmatchedStatus,
    UnmatchedStore,
    Why,
)
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace, correlation_id
from shared.platform.observability import metric
from shared.platform.queues import Checks
from shared.platform.work import ConditionFailed, UnitOfWork, Write

_SERVICE = "settle_deposit"


class Inquiry(Protocol):
    """M-Pesa, asked about a receipt number; the answer comes later, to the subject's path."""

    def ask(self, subject: Subject, receipt: str) -> None:
        """GatewayUnavailable when the question was not taken: ask again later."""


@dataclass(frozen=True, slots=True)
class PaybillSuspense:
    """The use case behind every payment whose owner is not known."""

    unmatched: UnmatchedStore
    house: House
    cases: Cases
    inquiry: Inquiry
    facts: UnitOfWork
    checks: Checks
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def heard(
        self,
        notice: PaybillNotice,
        receipt: str,
        amount: Money,
        why: Why,
        user_id: str | None = None,
    ) -> None:
        """A message told of it: it is on record, and M-Pesa is asked."""
        one = Unmatched(
            receipt=receipt,
            movement_id=self.ids.new(Kind.MOVEMENT),
            amount=amount,
            why=why,
            heard_at=self.clock.now(),
            user_id=user_id,
            account=notice.shown_account,
            trace=correlation_id(),
        )
        try:
            self.facts.commit([self.unmatched.create(one)])
        except ConditionFailed:
            metric("PaybillHeardTwice")
        self.checked(receipt, 0)

    def checked(self, receipt: str, attempt: int) -> None:
        """Ask again, and schedule the next time; after a day a person is told."""
        one = self.unmatched.get(receipt)
        if one is None or one.status is not UnmatchedStatus.HEARD:
            return
        continue_trace(one.trace)
        now = self.clock.now()
        if now >= one.heard_at + ASKED_FOR:
            self._give_up(one)
            return
        if one.due is not None and now < one.due:
            # The next check first: from here on a crash loses nothing. Later the sweep comes.
            self.checks.schedule(CHECK, {"receipt": receipt}, attempt + 1)
        self.ask(Subject("", one.movement_id), receipt)

    def ask(self, subject: Subject, receipt: str) -> None:
        """Ask now. A question that is not taken is one that the next check asks."""
        try:
            self.inquiry.ask(subject, receipt)
        except GatewayUnavailable:
            metric("InquiryNotTaken")

    def proved(self, movement_id: str, receipt: str, amount: Money) -> None:
        """M-Pesa says that we have this money."""
        on_fresh_state(partial(self._book, movement_id, receipt, amount), self.pause)

    def _book(self, movement_id: str, receipt: str, amount: Money) -> None:
        one = self.unmatched.get(receipt)
        if one is None or one.movement_id != movement_id:
            metric("HintOfAnotherPayment", gateway=Gateway.MPESA.value)
            return
        if one.status not in (UnmatchedStatus.HEARD, UnmatchedStatus.GIVEN_UP):
            return
        at = self.clock.now()
        booked = one.moved(UnmatchedStatus.BOOKED, amount)
        also: list[Write] = [
            self.unmatched.save(one, booked),
            self.unmatched.claim(booked),
            self._case(CaseKind.UNMATCHED_MONEY, booked),
            *self._answered(one),
        ]
        draft = one.received(amount, at)
        try:
            book_once(self.house, self.facts, draft, one.key, also=also, pause=self.pause)
        except ConditionFailed as failure:
            if not failure.found.get(f"external:{receipt}"):
                raise
            counted = one.moved(UnmatchedStatus.COUNTED_ELSEWHERE)
            self.facts.commit([self.unmatched.save(one, counted), *self._answered(one)])
            return
        metric("UnmatchedMoney", gateway=Gateway.MPESA.value)

    def _give_up(self, one: Unmatched) -> None:
        after = one.moved(UnmatchedStatus.GIVEN_UP)
        case = self._case(CaseKind.PAYMENT_UNKNOWN, after)
        try:
            self.facts.commit([self.unmatched.save(one, after), case])
        except ConditionFailed:
            # Its answer came at this very moment.
            return

    def _answered(self, one: Unmatched) -> list[Write]:
        """Of one that had been given up nobody has to find out any more what became of it."""
        if one.status is not UnmatchedStatus.GIVEN_UP:
            return []
        case_id = case_id_of(CaseKind.PAYMENT_UNKNOWN, one.movement_id)
        at = self.clock.now()
        return self.cases.end(case_id, at, by=_SERVICE, note="M-Pesa has answered.")

    def _case(self, kind: CaseKind, one: Unmatched) -> Write:
        facts = {
            "payment": one.receipt,
            "paid": str(one.amount),
            "gateway": Gateway.MPESA.value,
            "why": one.why.value,
        }
        if one.account:
            facts["account"] = one.account
        at = self.clock.now()
        return self.cases.open(new_case(kind, one.movement_id, at, user_id=one.user_id, **facts))
