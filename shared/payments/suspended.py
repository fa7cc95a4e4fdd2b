"""Payments that were booked in suspense: found by the gateway's name of them, credited at last."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.ids import Kind, derived, is_id
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import suspense
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments import bookings
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Gateway, Method
from shared.payments.model import Deposit
from shared.payments.quoting import FxQuote
from shared.payments.reasons import Reason
from shared.payments.rows import GUARD, SUSPENDED, ExternalPaymentRow, suspended_part
from shared.payments.states import CREDITED, OPEN
from shared.platform.indexes import attention_buckets
from shared.platform.tables import Database, Put, Update
from shared.platform.work import Write

HOUSE = "house"
"""Whose a payment is that no person's deposit asked for."""
METHODS_OF_NOBODYS = {Gateway.MPESA: Method.PAYBILL, Gateway.BANK: Method.BANK_TRANSFER}
"""How money came that no deposit asked for; what came otherwise always names a deposit."""


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


@dataclass(frozen=True, slots=True)
class SuspendedPage:
    """The longest waiting first, each with its place; ``after`` continues."""

    entries: tuple[tuple[str, Suspended], ...]
    after: str | None


class SuspendedPayments:
    """All of them, by the gateway's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, gateway: Gateway, payment: str) -> Suspended | None:
        """One of them; None for a payment that is not known, never was in suspense, or was taken
        back by the payer's bank."""
        row = self._database.get(ExternalPaymentRow, _place(gateway, payment), GUARD)
        return None if row is None or row.taken else _suspended(row)

    def known(self, gateway: Gateway, payment: str) -> Suspended | None:
        """The same, also of one that the payer's bank took back."""
        row = self._database.get(ExternalPaymentRow, _place(gateway, payment), GUARD)
        return None if row is None else _suspended(row)

    def waiting(self, limit: int, after: str | None = None) -> SuspendedPage:
        """Those of which it is not settled yet what becomes of them."""
        listed = sorted(
            (
                each
                for bucket in attention_buckets(SUSPENDED)
                for each in self._database.waiting(bucket, after or "", limit + 1)
            ),
            key=lambda each: each.place,
        )
        page = listed[:limit]
        found = self._database.get_many([each.key for each in page]) if page else {}
        rows = [
            (each.place, found[each.key].to(ExternalPaymentRow))
            for each in page
            if each.key in found
        ]
        # The index is a moment behind: what is in the table now decides.
        known = [
            (place, _suspended(row))
            for place, row in rows
            if row.attention is not None and not row.taken
        ]
        entries = tuple((place, one) for place, one in known if one is not None)
        return SuspendedPage(entries, page[-1].place if len(listed) > limit else None)

    def dealt_with(self, found: Suspended) -> Write:
        """The write ``suspended``: what becomes of it is settled."""
        actions = (ExternalPaymentRow.attention.remove(), ExternalPaymentRow.waits_at.remove())
        exists = ExternalPaymentRow.pk.exists()
        place = _place(found.gateway, found.payment)
        return Update("suspended", ExternalPaymentRow, place, GUARD, actions, exists)

    def take_from_bank(self, payment: str, subject: str, amount: Money, at: datetime) -> Write:
        """The write ``external:<payment>``: an entry of our own bank's statement that nobody
        expected, counted once, ever. ``subject`` is the id under which it is known here."""
        row = ExternalPaymentRow(
            pk=_place(Gateway.BANK, payment),
            sk=GUARD,
            user_id=HOUSE,
            deposit_id=subject,
            **suspended_part(amount, payment, at),
        )
        return Put.new(f"external:{payment}", row)


def _place(gateway: Gateway, payment: str) -> str:
    return f"EXT#{gateway.value}#{payment}"


def _suspended(row: ExternalPaymentRow) -> Suspended | None:
    if row.suspended_minor is None:
        return None
    _, gateway, payment = row.pk.split("#", 2)
    amount = Money(int(row.suspended_minor), Currency(row.suspended_in))
    owner = row.user_id if is_id(row.deposit_id, Kind.DEPOSIT) else None
    return Suspended(Gateway(gateway), payment, amount, row.deposit_id, owner)


def sent_back(deposit: Deposit, at: datetime) -> Deposit | None:
    """The deposit that another amount was paid for, when that goes back: it has failed, and is
    looked at no more. One that had ended unpaid before only says why it is over; None for one
    that another payment has settled."""
    if deposit.status in CREDITED:
        return None
    if deposit.status in OPEN:
        return replace(deposit.failed(Reason.SENT_BACK, at), review=False)
    return deposit.noted(reason=Reason.SENT_BACK, review=False)


def own_deposit(deposit: Deposit, found: Suspended, quote: FxQuote | None, at: datetime) -> Deposit:
    """The deposit that another amount was paid for, settled with what came. IllegalTransition
    for one that another payment has settled."""
    credited = found.amount if quote is None else quote.convert(found.amount)
    paid = replace(deposit, amount=found.amount, quote=quote, credited=credited, review=False)
    receipt = paid.told(None, found.payment) if found.gateway is Gateway.MPESA else paid
    return receipt.settled(at, payment=found.payment, gateway=found.gateway)


def new_of_nobody(
    user_id: str, deposit_id: str, found: Suspended, quote: FxQuote | None, at: datetime
) -> Deposit:
    """A payment that no deposit asked for and whose owner was found, as a deposit of theirs.
    ValueError for one of a gateway at which every payment names its deposit."""
    method = METHODS_OF_NOBODYS.get(found.gateway)
    if method is None:
        raise ValueError(f"a payment of {found.gateway} names its deposit")
    made = new_deposit(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=GATEWAYS[method][0],
        method=method,
        amount=found.amount,
        quote=quote,
    )
    # Nobody can be asked to begin a payment to our own bank, so it is no choice for new deposits.
    came = replace(made, gateway=found.gateway)
    receipt = found.payment if found.gateway is Gateway.MPESA else None
    told = came.told(found.payment, receipt)
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
