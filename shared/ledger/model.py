"""Wallets, postings and journal entries. Pure."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.ledger.errors import UnbalancedEntry
from shared.ledger.purses import Purse

GENESIS = "0" * 64
"""The hash before the first entry of a wallet."""


class EntryKind(StrEnum):
    """What kind of fact an entry records."""

    DEPOSIT_SETTLED = "DEPOSIT_SETTLED"
    DEPOSIT_FUNDED = "DEPOSIT_FUNDED"
    BUY = "BUY"
    SELL = "SELL"
    REVERSAL = "REVERSAL"
    TRADE_REVERSED = "TRADE_REVERSED"
    """The exchange took an execution back; a corrected one is booked after it."""
    GATEWAY_FEE = "GATEWAY_FEE"
    SURPLUS_RECEIVED = "SURPLUS_RECEIVED"
    """A second payment for a deposit that was paid: it goes back."""
    SURPLUS_REFUNDED = "SURPLUS_REFUNDED"
    CASH_RECALLED = "CASH_RECALLED"
    """From the person's broker account back to the firm's, to be paid out."""
    CASH_GIVEN_BACK = "CASH_GIVEN_BACK"
    """To the person's broker account again, after a payout that was not made or came back."""
    WITHDRAWAL_PAID = "WITHDRAWAL_PAID"
    WITHDRAWAL_RETURNED = "WITHDRAWAL_RETURNED"
    REFUND_PAID = "REFUND_PAID"
    REFUND_RETURNED = "REFUND_RETURNED"
    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"
    RECEIVABLE_PAID = "RECEIVABLE_PAID"
    GATEWAY_PAYOUT_SENT = "GATEWAY_PAYOUT_SENT"
    GATEWAY_PAYOUT_ARRIVED = "GATEWAY_PAYOUT_ARRIVED"
    GATEWAY_FUNDED = "GATEWAY_FUNDED"
    """From the firm's bank to a gateway, so that it can pay out."""
    FX_CONVERTED = "FX_CONVERTED"
    """Of the firm's own position, at its bank."""
    PREFUNDED = "PREFUNDED"
    """From the firm's bank to its account at the broker."""
    CAPITAL_PAID_IN = "CAPITAL_PAID_IN"
    """From the firm's owners to its bank."""
    SUSPENSE_RECEIVED = "SUSPENSE_RECEIVED"
    """Money came whose owner is not known."""
    SUSPENSE_MATCHED = "SUSPENSE_MATCHED"
    DIVIDEND_DECLARED = "DIVIDEND_DECLARED"
    """Shares are held into the ex-date: the dividend is the person's, and not paid yet."""
    DIVIDEND_PAID = "DIVIDEND_PAID"
    DIVIDEND_TAKEN_BACK = "DIVIDEND_TAKEN_BACK"
    """The broker has reversed what it had credited."""
    TAX_WITHHELD = "TAX_WITHHELD"
    """Of a dividend, for the country of its source."""
    CAPITAL_RETURNED = "CAPITAL_RETURNED"
    """A distribution that lowers what the shares cost."""
    SPLIT = "SPLIT"
    """More or fewer shares of the same worth; what they cost together stays."""
    SYMBOL_CHANGED = "SYMBOL_CHANGED"
    CASH_IN_LIEU = "CASH_IN_LIEU"
    """A fraction of a share that a split left was sold."""
    MANAGEMENT_FEE = "MANAGEMENT_FEE"
    """What a person pays us for managing their money; it leaves their account at the broker."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: debit positive, credit negative, in the smallest unit of ``asset``.

    ``asset`` names unit and scale: ``USD/2`` cents, ``KES/2`` cents, ``VTI/9`` nano-shares.
    """

    account: str
    asset: str
    amount: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in a chain. Its legs sum to zero per asset."""

    kind: EntryKind
    reference: str
    """Identifier of the deposit or order that caused it."""
    at: datetime
    postings: tuple[Posting, ...]
    memo: Mapping[str, str] = field(default_factory=dict)
    """Facts to keep with it, such as rate, quote and shillings paid. No personal data."""

    def __post_init__(self) -> None:
        if any(total != 0 for total in balances(self.postings).values()):
            raise UnbalancedEntry(f"{self.kind} {self.reference} does not balance")
        if len(self.postings) < 2 or any(posting.amount == 0 for posting in self.postings):
            raise UnbalancedEntry(f"{self.kind} {self.reference} has an empty leg")


@dataclass(frozen=True, slots=True)
class Entry:
    """An immutable journal entry: ``seq`` counts from 1 per wallet, hashes chain them."""

    user_id: str
    currency: Currency
    seq: int
    draft: Draft
    previous_hash: str

    @property
    def hash(self) -> str:
        """SHA-256 over the previous hash and the canonical content."""
        content = {
            "user": self.user_id,
            "chain": self.currency.value,
            "seq": self.seq,
            "kind": self.draft.kind.value,
            "reference": self.draft.reference,
            "at": to_text(self.draft.at),
            "postings": [[leg.account, leg.asset, leg.amount] for leg in self.draft.postings],
            "memo": dict(sorted(self.draft.memo.items())),
        }
        text = json.dumps(content, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(f"{self.previous_hash}{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Wallet:
    """A person's cash in one currency, in minor units; ``posted = available + held``."""

    user_id: str
    currency: Currency
    posted: int = 0
    held: int = 0
    seq: int = 0
    head: str = GENESIS
    open_orders: int = 0
    blocks: int = 0
    """Reasons why nothing may be paid out, such as open disputes."""
    owed: int = 0
    """What the person owes us, in minor units: the receivable. Cash itself is never negative."""
    settling: Mapping[date, int] = field(default_factory=dict)
    """What sales brought, by the day on which it settles; days that are over may be among them."""
    purses: Mapping[str, Purse] = field(default_factory=dict)
    """What of the available cash belongs to named goals, by the goal's tag."""
    fees: int = 0
    """Management fees so far."""
    fraction: Decimal = Decimal(0)
    """Of a minor unit: what trades have left at the broker beyond what is booked."""

    @property
    def available(self) -> int:
        """What may be spent: posted and not held."""
        return self.posted - self.held

    def unsettled(self, on: date) -> int:
        """What of the posted balance settles after this day."""
        return sum(minor for day, minor in self.settling.items() if day > on)

    def settled(self, on: date) -> int:
        """What may be invested or paid out on this day: available, less what settles later. Below
        zero when something that had to be paid took what has not settled."""
        return self.available - self.unsettled(on)

    def settling_with(self, changes: Mapping[date, int]) -> Mapping[date, int]:
        """With more (or less) that settles on these days.

        Days before the first of them are left out: what settles then had settled when that trade
        was made. What is taken back after it has settled lowers no day below zero.
        """
        if not changes:
            return self.settling
        first = min(changes)
        merged = {day: minor for day, minor in self.settling.items() if day >= first}
        for day, minor in changes.items():
            merged[day] = max(merged.get(day, 0) + minor, 0)
        return {day: minor for day, minor in sorted(merged.items()) if minor}

    @property
    def balance(self) -> Money:
        """Posted balance."""
        return Money(self.posted, self.currency)

    def next_entry(self, draft: Draft) -> Entry:
        """The entry that this draft becomes at the end of the wallet's chain."""
        return Entry(self.user_id, self.currency, self.seq + 1, draft, self.head)


def settled_by(now: datetime) -> date:
    """The last day of which all that settles has settled: New York's, in winter time, so that no
    evening there counts as the next day."""
    return (now - timedelta(hours=5)).date()


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """Sum per asset; all zero in a balanced entry."""
    totals: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        totals[posting.asset] += posting.amount
    return dict(totals)


def fold(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
    """Balance per (account, asset) over entries: how house accounts are read."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        for leg in entry.draft.postings:
            totals[leg.account, leg.asset] += leg.amount
    return dict(totals)


def broken_link(entries: Iterable[Entry], hashes: Iterable[str]) -> int | None:
    """The ``seq`` of the first entry that does not continue the chain, or None.

    ``entries`` in order of ``seq`` from 1, ``hashes`` as stored with them.
    """
    previous, expected = GENESIS, 1
    for entry, stored in zip(entries, hashes, strict=True):
        intact = entry.seq == expected and entry.previous_hash == previous
        if not intact or entry.hash != stored:
            return expected
        previous, expected = stored, expected + 1
    return None
