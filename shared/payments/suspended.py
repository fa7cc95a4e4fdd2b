"""Payments that were booked in suspense: found by the gateway's name of them, credited at last."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.ids import Kind, derived, is_id
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import suspense
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments import bookings
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.quoting import FxQuote
from shared.payments.rows import GUARD, ExternalPaymentRow
from shared.platform.tables import Database


@dataclass(frozen=True, slots=True)
class Suspended:
    """One of them. ``subject`` is the deposit that it was paid for, with its ``owner``, or, of a
    payment of nobody known, the id under which it was booked; ``owner`` is None then."""

    gateway: Gateway
    payment: str
    amount: Money
    subject: str
    owner: str | None

    @property
    def payer(self) -> tuple[str, str]:
        """Under which person's and deposit's id it goes back. Of a payment of nobody known they
        are ids that nobody has, the same ones each time."""
        if self.owner is not None:
            return self.owner, self.subject
        return derived(Kind.USER, self.subject, "payer"), derived(
            Kind.DEPOSIT, self.subject, "payer"
        )


class SuspendedPayments:
    """All of them, by the gateway's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, gateway: Gateway, payment: str) -> Suspended | None:
        """One of them; None for a payment that is not known, or never was in suspense."""
        row = self._database.get(ExternalPaymentRow, f"EXT#{gateway.value}#{payment}", GUARD)
        if row is None or row.suspended_minor is None:
            return None
        amount = Money(int(row.suspended_minor), Currency(row.suspended_in))
        owner = row.user_id if is_id(row.deposit_id, Kind.DEPOSIT) else None
        return Suspended(gateway, payment, amount, row.deposit_id, owner)


def own_deposit(deposit: Deposit, found: Suspended, quote: FxQuote | None, at: datetime) -> Deposit:
    """The deposit that another amount was paid for, settled with what came. IllegalTransition
    for one that another payment has settled."""
    credited = found.amount if quote is None else quote.convert(found.amount)
    paid = replace(deposit, amount=found.amount, quote=quote, credited=credited, review=False)
    receipt = paid.told(None, found.payment) if found.gateway is Gateway.MPESA else paid
    return receipt.settled(at, payment=found.payment, gateway=found.gateway)


def new_from_menu(
    user_id: str, deposit_id: str, found: Suspended, quote: FxQuote | None, at: datetime
) -> Deposit:
    """A payment from a phone's menu whose owner was found, as a deposit of theirs. ValueError
    for a payment of another gateway."""
    made = new_deposit(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=found.gateway,
        method=Method.PAYBILL,
        amount=found.amount,
        quote=quote,
    )
    told = made.told(found.payment, found.payment)
    return replace(told.settled(at, payment=found.payment), version=1)


def matched(deposit: Deposit, found: Suspended, at: datetime) -> Draft:
    """Its owner was found: as a settlement, out of suspense instead of gateway clearing.

    Dr suspense, Cr customer cash; through the FX position where money is converted, each
    currency balanced, with the rate in the memo.
    """
    usual = bookings.settlement(deposit, at, payment=found.payment, fee_minor=None)
    clearing, *others = usual.postings
    legs = (Posting(suspense(), clearing.asset, clearing.amount), *others)
    memo = {**usual.memo, "gateway": found.gateway.value}
    return Draft(EntryKind.SUSPENSE_MATCHED, deposit.deposit_id, at, legs, memo)
