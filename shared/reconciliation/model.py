"""Lines of our books and of other people's statements, and what differs between them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.money import Currency
from shared.ledger.accounts import bank, gateway_clearing


class Party(StrEnum):
    """Whose statement our books are held against."""

    STRIPE = "STRIPE"
    ADYEN = "ADYEN"
    MPESA = "MPESA"
    BANK = "BANK"


class Category(StrEnum):
    """What a line is about; with its reference it is what both sides know it by."""

    PAYMENT = "PAYMENT"
    """A payment to us, by the gateway's name of it."""
    OUT = "OUT"
    """A refund or a withdrawal, by our name of the payout."""
    BACK = "BACK"
    """One that came back."""
    DISPUTE = "DISPUTE"
    DISPUTE_BACK = "DISPUTE_BACK"
    """A dispute that was won."""
    PAYOUT = "PAYOUT"
    """From the gateway to our bank, by the gateway's name of it."""
    PAYOUT_BACK = "PAYOUT_BACK"
    FEE = "FEE"
    """By the name of what it was charged for."""
    BANK = "BANK"
    """On our bank's statement."""
    OTHER = "OTHER"


class Status(StrEnum):
    """How the two sides stand to each other."""

    MATCHED = "MATCHED"
    MISSING_HERE = "MISSING_HERE"
    """On their statement only."""
    MISSING_THERE = "MISSING_THERE"
    """In our books only."""
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"


@dataclass(frozen=True, slots=True)
class Book:
    """One of our accounts, and whose statement it is held against."""

    party: Party
    currency: Currency

    @property
    def name(self) -> str:
        """Such as ``STRIPE:USD``."""
        return f"{self.party.value}:{self.currency.value}"

    @classmethod
    def named(cls, name: str) -> "Book":
        """By its name; ValueError for what is none."""
        party, _, currency = name.partition(":")
        return cls(Party(party), Currency(currency))

    @property
    def account(self) -> str:
        """In the chart of accounts."""
        if self.party is Party.BANK:
            return bank(self.currency)
        return gateway_clearing(self.party.value, self.currency)

    @property
    def patience_days(self) -> int:
        """So old may be what is in our books only before it is a break: a gateway that reports by
        batches tells of a payment days later."""
        return {Party.ADYEN: 7, Party.BANK: 5}.get(self.party, 0)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of one side. ``name`` is the one name of this line on its side; ``minor`` is
    positive where the party owes us more by it. ``at`` is when its side says that it happened."""

    name: str
    category: Category
    reference: str
    minor: int
    at: datetime
    day: date
    """The day it counts for: that of ``at``, or of its import where the statement came later."""
    fee_known: bool = False
    """Of a payment of ours: its fee is booked with it."""

    @property
    def key(self) -> tuple[Category, str]:
        """By what the other side knows it too."""
        return (self.category, self.reference)


@dataclass(frozen=True, slots=True)
class Line:
    """Everything that both sides say about one thing and that was not matched before."""

    category: Category
    reference: str
    ours: tuple[Item, ...]
    theirs: tuple[Item, ...]
    first_day: date
    """The day from which its age counts."""

    @property
    def ours_minor(self) -> int:
        """The sum in our books."""
        return sum(item.minor for item in self.ours)

    @property
    def theirs_minor(self) -> int:
        """The sum on their statement."""
        return sum(item.minor for item in self.theirs)

    @property
    def difference_minor(self) -> int:
        """Ours less theirs."""
        return self.ours_minor - self.theirs_minor

    @property
    def status(self) -> Status:
        """How the two sides stand to each other. What one side took back by itself is nothing
        that the other has to know: sums that agree are matched."""
        if self.difference_minor == 0:
            return Status.MATCHED
        if not self.ours:
            return Status.MISSING_HERE
        if not self.theirs:
            return Status.MISSING_THERE
        return Status.AMOUNT_DIFFERS

    def age_days(self, day: date) -> int:
        """Whole days from its first line until ``day``."""
        return max(0, (day - self.first_day).days)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A payment or a payout without a final word for too long."""

    case_id: str
    subject: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class Totals:
    """One side of a report: ``closing = opening + moved``, in minor units."""

    opening: int
    moved: int

    @property
    def closing(self) -> int:
        """At the end."""
        return self.opening + self.moved
