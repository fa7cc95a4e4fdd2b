"""Our own side: lines of a house account, by the names that the other side knows them by. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC

from shared.ledger.model import EntryKind
from shared.reconciliation.model import Category, Item
from shared.treasury.model import HouseLine

type _Named = tuple[Category, str]


def item_of(line: HouseLine) -> Item:
    """A line of a clearing account or of a bank's, whichever kind of entry it is of."""
    category, reference = _named(line)
    at = line.at.astimezone(UTC)
    return Item(
        name=f"{line.entry_id}#{line.leg}",
        category=category,
        reference=reference,
        minor=line.amount,
        at=at,
        day=line.day,
        fee_known="gateway_fee_minor" in line.memo,
    )


def _named(line: HouseLine) -> _Named:
    if line.account.startswith("house:bank:"):
        return Category.BANK, line.memo.get("reference", line.reference)
    naming = _NAMING.get(line.kind)
    return (Category.OTHER, line.reference) if naming is None else naming(line)


def _payment(line: HouseLine) -> _Named:
    if "payout" in line.memo:
        # A surplus whose refund came back is received again.
        return Category.BACK, line.reference
    return Category.PAYMENT, line.memo.get("payment", line.reference)


def _fee(line: HouseLine) -> _Named:
    memo = line.memo
    if "payout" in memo:
        return Category.FEE, line.reference
    names = (memo.get(name) for name in ("dispute", "payment", "reference"))
    return Category.FEE, next((name for name in names if name), line.reference)


def _by(category: Category, member: str) -> Callable[[HouseLine], _Named]:
    return lambda line: (category, line.memo.get(member, line.reference))


def _dispute(category: Category) -> Callable[[HouseLine], _Named]:
    """By the gateway's name of it; Adyen gives each turn of it another one, and its payment's to
    all of them."""

    def named(line: HouseLine) -> _Named:
        member = "payment" if ":adyen:" in line.account else "dispute"
        return category, line.memo.get(member, line.reference)

    return named


def _own(category: Category) -> Callable[[HouseLine], _Named]:
    """By our own name, which the other side was told."""
    return lambda line: (category, line.reference)


_NAMING: Mapping[str, Callable[[HouseLine], _Named]] = {
    EntryKind.DEPOSIT_SETTLED.value: _payment,
    EntryKind.SURPLUS_RECEIVED.value: _payment,
    EntryKind.SUSPENSE_RECEIVED.value: _payment,
    EntryKind.WITHDRAWAL_PAID.value: _own(Category.OUT),
    EntryKind.REFUND_PAID.value: _own(Category.OUT),
    EntryKind.SURPLUS_REFUNDED.value: _own(Category.OUT),
    EntryKind.WITHDRAWAL_RETURNED.value: _own(Category.BACK),
    EntryKind.REFUND_RETURNED.value: _own(Category.BACK),
    EntryKind.DISPUTE_OPENED.value: _dispute(Category.DISPUTE),
    EntryKind.DISPUTE_WON.value: _dispute(Category.DISPUTE_BACK),
    EntryKind.GATEWAY_FEE.value: _fee,
    EntryKind.GATEWAY_PAYOUT_SENT.value: _by(Category.PAYOUT, "reference"),
    EntryKind.REVERSAL.value: _by(Category.PAYOUT_BACK, "reference"),
}
