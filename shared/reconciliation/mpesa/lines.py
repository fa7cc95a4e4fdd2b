"""Which question each of our lines at M-Pesa is, and what an answer makes of it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.ledger.model import EntryKind
from shared.payments.providers.daraja_status import (
    COMPLETED,
    GIVEN_UP,
    REVERSED,
    Transaction,
)
from shared.reconciliation.books import item_of
from shared.reconciliation.fees import ALONE
from shared.reconciliation.model import Category, Item
from shared.reconciliation.mpesa.model import By, Subject
from shared.treasury.model import HouseLine

_OUT = EntryKind.WITHDRAWAL_PAID.value, EntryKind.WITHDRAWAL_RETURNED.value
_MOVED_BY_PEOPLE = frozenset({EntryKind.GATEWAY_FUNDED.value})


@dataclass(frozen=True, slots=True)
class Shortcodes:
    """Our own: the one that people pay to, and the one that pays out, often the same."""

    paid_to: str
    pays_out: str

    def all(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(sorted({self.paid_to, self.pays_out}))

    def of(self, line: HouseLine) -> str:
        """Where the money of a line moved."""
        if line.kind in _OUT or line.kind in _MOVED_BY_PEOPLE:
            return self.pays_out
        return self.paid_to


def subject_of(line: HouseLine, ours: Shortcodes) -> Subject | None:
    """What M-Pesa is asked about a line; None for what only its balance can confirm, and for fees,
    which are told with what they were charged for."""
    item = item_of(line)
    named = _named(line, item.category)
    if named is None:
        return None
    by, value = named
    return Subject(
        name=item.name,
        by=by,
        value=value,
        shortcode=ours.of(line),
        category=item.category,
        reference=item.reference,
        minor=item.minor,
        at=item.at,
    )


def _named(line: HouseLine, category: Category) -> tuple[By, str] | None:
    memo = line.memo
    receipt = memo.get("receipt")
    if category is Category.PAYMENT:
        if receipt is not None:
            return By.RECEIPT, receipt
        payment = memo.get("payment")
        if payment is None:
            return None
        # A push without a callback: known by the name of its prompt only.
        return (By.RECEIPT if _is_receipt(payment) else By.PUSH), payment
    if category in (Category.OUT, Category.BACK):
        if receipt is not None:
            return By.RECEIPT, receipt
        if line.kind not in _OUT and memo.get("payment"):
            # The payment that went back tells of its reversal.
            return By.RECEIPT, memo["payment"]
        return (By.ORDER, memo["payout"]) if memo.get("payout") else None
    return None


def _is_receipt(name: str) -> bool:
    return name.isascii() and name.isalnum() and name.isupper()


def mirrored(line: HouseLine, ours: Shortcodes) -> Item | None:
    """A line that only the balance can confirm, as M-Pesa's own; None for the others."""
    item = item_of(line)
    if subject_of(line, ours) is not None:
        return None
    if item.category is Category.FEE and ("payout" in line.memo or _alone(item)):
        return None
    return replace(item, name=f"{ours.of(line)}:{item.name}")


def _alone(item: Item) -> bool:
    return item.reference.startswith(ALONE)


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer says about a line: its items on M-Pesa's side, none where M-Pesa does not
    have what we have."""

    items: tuple[Item, ...]


def found_by(
    subject: Subject, told: Transaction | None, day: date, *, reversed_by_us: bool
) -> Found | None:
    """None when the answer is no final word about this line, or about something else.

    ``day`` is the one it counts for; ``reversed_by_us`` whether our books have the reversal of
    this payment.
    """
    if told is None:
        return Found(())
    if told.receipt is None or told.amount is None or not _about(subject, told):
        return None
    if told.state in GIVEN_UP:
        return Found(())
    if told.state not in (COMPLETED, REVERSED):
        return None
    judge = _JUDGES.get(subject.category)
    return None if judge is None else judge(subject, told, day, reversed_by_us)


def _about(subject: Subject, told: Transaction) -> bool:
    if subject.by is By.RECEIPT:
        return told.receipt == subject.value
    return subject.value in (told.key, told.conversation)


def _payment(subject: Subject, told: Transaction, day: date, reversed_by_us: bool) -> Found:
    if told.payee and told.payee != subject.shortcode:
        return Found(())
    if told.state == REVERSED and not reversed_by_us:
        # It went back to the payer, and our books do not know.
        return Found(())
    return Found((_item(subject, told, day, _minor(told)),))


def _out(subject: Subject, told: Transaction, day: date, reversed_by_us: bool) -> Found:
    of_the_payment = subject.by is By.RECEIPT and told.payee == subject.shortcode
    if of_the_payment and told.state != REVERSED:
        return Found(())
    if of_the_payment:
        # Its times are those of the payment, which came before.
        told = replace(told, ended_at=None)
    items = [_item(subject, told, day, -_minor(told))]
    if not of_the_payment and told.charge is not None and told.charge.minor:
        items.append(charged(items[0], told.charge.minor))
    return Found(tuple(items))


def _back(subject: Subject, told: Transaction, day: date, reversed_by_us: bool) -> Found:
    if told.state != REVERSED:
        return Found(())
    return Found((_item(subject, replace(told, ended_at=None), day, _minor(told)),))


_JUDGES: Mapping[Category, Callable[[Subject, Transaction, date, bool], Found]] = {
    Category.PAYMENT: _payment,
    Category.OUT: _out,
    Category.BACK: _back,
}


def _minor(told: Transaction) -> int:
    return 0 if told.amount is None else told.amount.minor


def _item(subject: Subject, told: Transaction, day: date, minor: int) -> Item:
    name = f"{subject.shortcode}:{subject.category.value}:{told.receipt}"
    at = told.ended_at or subject.at
    return _made(name, subject, minor, at, day)


def pushed(subject: Subject, day: date) -> Item:
    """A push that was paid. M-Pesa's answer names no amount: it asked the payer for ours."""
    name = f"{subject.shortcode}:{subject.category.value}:{subject.value}"
    return _made(name, subject, subject.minor, subject.at, day)


def _made(name: str, subject: Subject, minor: int, at: datetime | None, day: date) -> Item:
    if at is None:
        raise ValueError("a line has a time")
    return Item(name, subject.category, subject.reference, minor, at, day)


def charged(item: Item, minor: int) -> Item:
    """What M-Pesa charged for a line."""
    return replace(item, name=f"{item.name}#fee", category=Category.FEE, minor=-minor)


def shortcode_of(item: Item) -> str:
    """On whose accounts an item of M-Pesa's moved."""
    return item.name.partition(":")[0]


def reversals(lines: Sequence[HouseLine]) -> frozenset[str]:
    """Receipts of payments whose reversal is among these lines."""
    return frozenset(
        line.memo["payment"]
        for line in lines
        if "payment" in line.memo and item_of(line).category is Category.OUT
    )
