"""Money that a person has sent by bank transfer and that waits at the gateway for a payment to take
it: sent too much, too late, or without a deposit. It is not in our balance there, hence in no
books; a person of the firm knows of it as long as it is there."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.cases.model import CaseKind, CaseStatus, MoneyCase, case_id_of, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.ids import Kind, cell_of, is_id
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payments.states import OPEN
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.queues import CHECK_DELAYS_SECONDS, Checks
from shared.platform.work import UnitOfWork

CHECK = "cash_balance"
WHY = "CASH_BALANCE"
"""In the case: that this money is at the gateway, and not in suspense."""
PATIENCE = len(CHECK_DELAYS_SECONDS) - 1
"""Checks until money that an open deposit should take is told of all the same: the gateway applies
it within seconds, and after six minutes it has not."""
ASKED_FOR = 400
"""Checks of a gateway that does not answer, four days of them; then it is a dead letter."""

_SERVICE = "settle_deposit"
_TRANSACTION = "customer_cash_balance_transaction"
_CUSTOMER = re.compile(r"cus_[A-Za-z0-9_]{1,100}", re.ASCII)
_RECENT = 50
"""Deposits among which one that is open is looked for: they live for days."""


@dataclass(frozen=True, slots=True)
class CashLeft:
    """What a customer of the gateway has there now."""

    owner: str
    """The person that the gateway's own record names; not yet known to be one of ours."""
    amounts: tuple[str, ...] = ()
    """Such as ``300.00 USD``, one for each currency; none where nothing is left."""
    currencies: tuple[str, ...] = ()
    """ISO 4217, in the order of the amounts."""
    payment: str | None = None
    """The gateway's name of what last brought money."""


class CashBalances(Protocol):
    """The gateway's word on customers' cash; GatewayUnavailable when it cannot be asked."""

    def customer_behind(self, reference: str) -> str | None:
        """Whose payment this is; None where there is no customer."""

    def left(self, customer: str) -> CashLeft | None:
        """What is there now; None of a customer that names nobody."""


def customer_in(body: bytes) -> str | None:
    """The customer whose balance a Stripe event is about; None of other events. The amounts in
    it are not used: its deliveries come late and in any order."""
    try:
        subject = json.loads(body)["data"]["object"]
        kind, customer = subject["object"], subject["customer"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if kind != _TRANSACTION or not isinstance(customer, str):
        return None
    return customer if _CUSTOMER.fullmatch(customer) else None


def case_subject(customer: str) -> str:
    """What the case is about: one balance is one case, however often money comes to it."""
    return f"{Gateway.STRIPE.value}:{customer}"


def when_over(checks: Checks, reference: str | None) -> None:
    """A transfer's deposit has its end: see whether more was sent than it took. Messages about
    that may be lost, and this one is sent by the same step that found the end."""
    if reference is not None:
        checks.schedule(CHECK, {"payment": reference})


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The use case behind every message about a balance, and every check of one."""

    balances: CashBalances
    deposits: Deposits
    cases: Cases
    facts: UnitOfWork
    checks: Checks
    clock: Clock
    cell: str
    pause: Callable[[int], None] = full_jitter

    def heard(self, customer: str) -> None:
        """A message came: look now."""
        self.checked({"customer": customer}, 0)

    def checked(self, subject: Mapping[str, str], attempt: int) -> None:
        """Look, and look again as long as money is left and the word on it may change.

        Raises GatewayUnavailable when the gateway has not answered for days.
        """
        try:
            customer = subject.get("customer") or self.balances.customer_behind(subject["payment"])
            again = customer is not None and on_fresh_state(
                lambda: self._look(customer, attempt), self.pause
            )
        except GatewayUnavailable:
            if attempt >= ASKED_FOR:
                raise
            again = True
        if again:
            self.checks.schedule(CHECK, subject, attempt + 1)

    def _look(self, customer: str, attempt: int) -> bool:
        """Whether to look again."""
        # Before the gateway is asked: of two who look at once, the older answer ends nothing.
        before = self.cases.get(case_id_of(CaseKind.UNMATCHED_MONEY, case_subject(customer)))
        left = self.balances.left(customer)
        if left is None or not is_id(left.owner, Kind.USER) or cell_of(left.owner) != self.cell:
            metric("CashOfNobody", gateway=Gateway.STRIPE.value)
            return False
        if not left.amounts:
            self._end(before)
            return False
        patient = attempt < PATIENCE
        if not (patient and self._awaited(left)):
            self._open(before, customer, left)
        return patient

    def _awaited(self, left: CashLeft) -> bool:
        """Whether a deposit is open that takes this money: the gateway is about to apply it, or
        has done so and its word on the deposit is under way."""
        return any(
            one.method is Method.BANK_TRANSFER
            and one.status in OPEN
            and one.amount.currency.value in left.currencies
            for one in self.deposits.page(left.owner, limit=_RECENT).deposits
        )

    def _open(self, before: MoneyCase | None, customer: str, left: CashLeft) -> None:
        facts = {
            "customer": customer,
            "gateway": Gateway.STRIPE.value,
            "left": ", ".join(left.amounts),
            "why": WHY,
        }
        if left.payment is not None:
            facts["payment"] = left.payment
        at = self.clock.now()
        kind, subject = CaseKind.UNMATCHED_MONEY, case_subject(customer)
        case = new_case(kind, subject, at, user_id=left.owner, **facts)
        if before is not None and before.found_again(case.facts, at) is before:
            return
        self.facts.commit([self.cases.open(case)])
        metric("UnmatchedMoney", gateway=Gateway.STRIPE.value)

    def _end(self, before: MoneyCase | None) -> None:
        if before is None or before.status is not CaseStatus.OPEN:
            return
        note = "Nothing is left: a deposit took it, or it went back."
        after = before.resolved(self.clock.now(), _SERVICE, note)
        self.facts.commit([self.cases.resolve(before, after)])
