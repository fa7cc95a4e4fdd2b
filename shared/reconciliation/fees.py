"""Fees that a statement brings: booked once, by the name of what they were charged for.

Those of disputes, and what is given back of them, are booked by those who follow disputes. Where
the statement knows more, they are told to ask again, so that nobody else ever books the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.disputes.model import ASKED
from shared.kernel.clock import Clock
from shared.kernel.money import Money
from shared.ledger.house import book_once
from shared.ledger.ports import House
from shared.payments.methods import Gateway
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork
from shared.reconciliation.events import DisputeDiffersV1
from shared.reconciliation.model import Category, Line, Party, Status
from shared.reconciliation.report import Report
from shared.treasury import bookings
from shared.treasury.movements import MovementKind, booking_key

ALONE = "fee:"
"""Begins the reference of a fee that was charged for nothing of ours in particular."""


@dataclass(frozen=True, slots=True)
class Fees:
    """The use case; what was booked before is success."""

    house: House
    facts: UnitOfWork
    clock: Clock

    def book(self, report: Report) -> int:
        """Book the fees of a report that nobody else will; how many were new. Told again with each
        report is which disputes differ, until they do not."""
        if report.book.party is Party.BANK:
            return 0
        gateway, booked = Gateway(report.book.party.value), 0
        for line in bookable(report):
            draft = bookings.fee_reported(
                gateway,
                Money(-line.theirs_minor, report.book.currency),
                self.clock.now(),
                subject=line.reference,
                reference=line.reference,
            )
            key = booking_key(
                MovementKind.GATEWAY_FEE, gateway, report.book.currency, line.reference
            )
            booked += book_once(self.house, self.facts, draft, key)
        for reference in disputed(report) if gateway in ASKED else ():
            self.facts.commit([], DisputeDiffersV1(gateway=gateway.value, reference=reference))
            metric("DisputeNewsMissed", gateway=gateway.value)
        if booked:
            metric("FeesReported", gateway=gateway.value)
        return booked


def bookable(report: Report) -> Sequence[Line]:
    """Fees on the statement alone that are ours to book: of a payment whose own entry did not
    know the fee, and those charged for nothing in particular.

    A fee of a payment that is not in our books yet is left: its settlement may bring the fee with
    it. Pure, so that a report that is made again says the same.
    """
    if report.book.party is Party.BANK:
        return ()
    unknown = {
        line.reference
        for line in report.lines
        if line.category is Category.PAYMENT
        and line.ours
        and not any(item.fee_known for item in line.ours)
    }
    return [
        line
        for line in report.open
        if line.category is Category.FEE
        and line.status is Status.MISSING_HERE
        and (line.reference in unknown or line.reference.startswith(ALONE))
    ]


def disputed(report: Report) -> Sequence[str]:
    """Names of the disputes of which the statement has lines that our books do not have so: money
    that was taken or given back, and fees. Pure."""
    turns = (Category.DISPUTE, Category.DISPUTE_BACK)
    known = {line.reference for line in report.lines if line.category in turns}
    differing = {
        line.reference
        for line in report.open
        if line.theirs and line.category in (*turns, Category.FEE)
    }
    return sorted(known & differing)
