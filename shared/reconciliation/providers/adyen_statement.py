"""Adyen's settlement detail report, as lines of a statement. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from shared.kernel.money import Currency
from shared.payments.providers.adyen_report import ReportLine
from shared.platform.observability import metric
from shared.reconciliation.fees import ALONE
from shared.reconciliation.model import Book, Category, Item, Party

CARRIED = "Balancetransfer"
"""From one batch to the next: it moves nothing of what Adyen owes us."""
_PAYOUT = re.compile(r"[A-Za-z0-9_-]{4,40}", re.ASCII)
_DISPUTED = frozenset({"Chargeback", "SecondChargeback"})
_RETURNED = frozenset({"RefundedReversed", "PaidOutReversed"})


def items_of(lines: Sequence[ReportLine], cell: str, day: date) -> Iterator[tuple[Book, Item]]:
    """Every line of a report that moves what Adyen owes us, in the book of its net currency.

    Lines have no names of their own: one is named by its batch and its place there, which are the
    same whenever the report is fetched again.
    """
    places: Counter[int] = Counter()
    for line in lines:
        places[line.batch] += 1
        if line.kind == CARRIED:
            continue
        if line.net_currency not in Currency:
            metric("ReportInForeignCurrency", gateway=Party.ADYEN.value)
            continue
        book = Book(Party.ADYEN, Currency(line.net_currency))
        name = f"{line.batch:09d}#{places[line.batch]:09d}"
        category, reference = _named(line, cell, name)
        fee = line.fee_minor if line.gross_minor is not None else 0
        for part, about, minor in (
            (name, (category, reference), line.net_minor + fee),
            (f"{name}#fee", (Category.FEE, reference), -fee),
        ):
            if minor:
                yield book, Item(part, *about, minor, line.at, day)


def _named(line: ReportLine, cell: str, name: str) -> tuple[Category, str]:
    """By what our books know it too. A dispute has two names there, its payment's in both."""
    if line.kind == "Settled":
        return Category.PAYMENT, line.payment
    if line.kind in ("Refunded", *_RETURNED):
        ours = line.refund_named(cell)
        reference = line.modification if ours is None else ours[1]
        return (Category.OUT if line.kind == "Refunded" else Category.BACK), reference
    if line.kind in _DISPUTED:
        return Category.DISPUTE, line.payment
    if line.kind == "ChargebackReversed":
        return Category.DISPUTE_BACK, line.payment
    if line.kind == "MerchantPayout":
        found = _PAYOUT.match(line.modification)
        # A bank may send one back: then it is a credit.
        category = Category.PAYOUT if line.net_minor < 0 else Category.PAYOUT_BACK
        return category, found.group() if found else f"batch-{line.batch}"
    if line.kind == "Fee":
        return Category.FEE, f"{ALONE}{name}"
    return Category.OTHER, line.payment or name
