"""Journals: cash that moves between the firm's account and a customer's."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.alpaca.wire import decimal_text


class JournalStatus(StrEnum):
    """The part of the broker's status list that this sandbox reaches."""

    QUEUED = "queued"
    PENDING = "pending"
    SENT_TO_CLEARING = "sent_to_clearing"
    EXECUTED = "executed"
    REJECTED = "rejected"
    CANCELED = "canceled"


TRANSITIONS: dict[JournalStatus, frozenset[JournalStatus]] = {
    JournalStatus.QUEUED: frozenset(
        {
            JournalStatus.PENDING,
            JournalStatus.SENT_TO_CLEARING,
            JournalStatus.REJECTED,
            JournalStatus.CANCELED,
        }
    ),
    JournalStatus.PENDING: frozenset(
        {JournalStatus.SENT_TO_CLEARING, JournalStatus.REJECTED, JournalStatus.CANCELED}
    ),
    JournalStatus.SENT_TO_CLEARING: frozenset({JournalStatus.EXECUTED, JournalStatus.REJECTED}),
    JournalStatus.EXECUTED: frozenset(),
    JournalStatus.REJECTED: frozenset(),
    JournalStatus.CANCELED: frozenset(),
}


@dataclass(slots=True)
class Journal:
    """One JNLC."""

    id: str
    from_account: str
    to_account: str
    amount: Decimal
    description: str
    created_at: datetime
    transmitter: dict[str, str]
    status: JournalStatus = JournalStatus.QUEUED
    settled_on: date | None = None
    # Business time at which a pending journal is let through.
    due: datetime | None = None

    def wire(self) -> dict[str, Any]:
        """The journal object."""
        day = self.settled_on.isoformat() if self.settled_on else None
        return {
            "id": self.id,
            "entry_type": "JNLC",
            "from_account": self.from_account,
            "to_account": self.to_account,
            "symbol": "",
            "qty": None,
            "price": None,
            "status": self.status.value,
            "settle_date": day,
            "system_date": day,
            "net_amount": decimal_text(self.amount),
            "description": self.description,
            "currency": "USD",
            **self.transmitter,
        }
