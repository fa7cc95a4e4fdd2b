"""Every shilling that moves, in double entry, and the transactions that moved it."""

import secrets
import string
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

VENDOR = "daraja"
NAIROBI = timezone(timedelta(hours=3), "EAT")
RECEIPT_LENGTH = 10
RECEIPT_ALPHABET = string.ascii_uppercase + string.digits
COMPLETED, DECLINED, PENDING, REVERSED = "Completed", "Declined", "Pending", "Reversed"
CUSTOMERS, SAFARICOM, OUTSIDE, UTILITY, WORKING, CHARGES = (
    "customers",
    "safaricom",
    "outside",
    "Utility Account",
    "Working Account",
    "Charges Paid Account",
)
FLOAT = 10_000_000
"""What a shortcode that pays out has in the beginning, in whole shillings."""
DEFAULT_NAME = "JOHN DOE"


@dataclass(slots=True)
class Transaction:
    """One movement in whole shillings. ``payer`` and ``payee`` are phones or shortcodes."""

    originator: str
    conversation: str
    kind: str
    amount: int
    payer: str
    payee: str
    begun_at: str
    state: str = PENDING
    receipt: str | None = None
    charge: int = 0
    ended_at: str = ""
    account: str = ""


@dataclass(slots=True)
class Posting:
    """One leg: what an account of a shortcode, or all customers together, got or gave."""

    receipt: str
    account: str
    amount: int


@dataclass(slots=True)
class Books:
    """All transactions, and the postings of those that moved money; every receipt sums to zero."""

    transactions: list[Transaction] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def clear(self) -> None:
        """Forgets everything."""
        self.transactions.clear()
        self.postings.clear()
        self.names.clear()
        self.used.clear()

    def name_of(self, phone: str) -> str:
        """Whose phone it is."""
        return self.names.get(phone, DEFAULT_NAME)

    def receipt(self) -> str:
        """A receipt number that was never used."""
        while True:
            made = "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_LENGTH))
            if made not in self.used:
                self.used.add(made)
                return made

    def begin(self, transaction: Transaction) -> Transaction:
        """Records an order."""
        self.transactions.append(transaction)
        return transaction

    def complete(self, transaction: Transaction, at: datetime, *legs: tuple[str, int]) -> str:
        """Moves the money; the receipt.

        Raises:
            ValueError: the legs do not sum to zero, which would be a fault of this sandbox.
        """
        if sum(amount for _, amount in legs):
            raise ValueError("the legs do not balance")
        transaction.receipt = transaction.receipt or self.receipt()
        transaction.state, transaction.ended_at = COMPLETED, stamp(at)
        self.postings += [
            Posting(transaction.receipt, account, amount) for account, amount in legs if amount
        ]
        return transaction.receipt

    def move(self, account: str, other: str, amount: int) -> None:
        """Between two accounts, of no order that anybody could ask about."""
        receipt = self.receipt()
        self.postings += [Posting(receipt, account, amount), Posting(receipt, other, -amount)]

    def decline(self, transaction: Transaction, at: datetime) -> None:
        """It moves nothing, and never will."""
        transaction.receipt = self.receipt()
        transaction.state, transaction.ended_at = DECLINED, stamp(at)

    def by_receipt(self, receipt: str) -> Transaction | None:
        """The transaction of that receipt."""
        return next((one for one in self.transactions if one.receipt == receipt), None)

    def by_order(self, name: str) -> Transaction | None:
        """The transaction that was ordered under that originator's or conversation's id."""
        found = (one for one in self.transactions if name in (one.originator, one.conversation))
        return next(found, None)

    def balance(self, shortcode: str, account: str, *, opening: int = 0) -> int:
        """What lies on an account of a shortcode, in whole shillings."""
        name = account_of(shortcode, account)
        return opening + sum(one.amount for one in self.postings if one.account == name)

    def statement(self) -> dict[str, Any]:
        """Everything, for tests to compare with what others believe."""
        totals: defaultdict[str, int] = defaultdict(int)
        for posting in self.postings:
            totals[posting.account] += posting.amount
        return {
            "transactions": [asdict(one) for one in self.transactions],
            "postings": [asdict(one) for one in self.postings],
            "totals": dict(totals),
        }


def account_of(shortcode: str, account: str) -> str:
    """The name of an account in the postings."""
    return f"{shortcode}:{account}"


def stamp(at: datetime) -> str:
    """``yyyyMMddHHmmss`` in Nairobi."""
    return f"{at.astimezone(NAIROBI):%Y%m%d%H%M%S}"
