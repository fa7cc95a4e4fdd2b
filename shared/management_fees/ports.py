"""What management fees need: rows, the person's books, the broker, and the planner."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from shared.kernel.money import Money
from shared.ledger.model import Draft, Wallet
from shared.management_fees.model import Charge, FeeAccount
from shared.management_fees.worths import Held
from shared.payments.ports import JournalState
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class Books:
    """All that a person's fee depends on, at one moment."""

    account: FeeAccount
    newest: Charge | None
    """The charge that ``account`` names."""
    wallet: Wallet
    held: Held = field(default_factory=Held)
    moved: Sequence[Draft] = ()
    """Entries since the first day that is not accrued yet, and some before."""
    first: date | None = None
    """That day."""
    account_id: str | None = None
    """The person's account at the broker, while it is active."""


@dataclass(frozen=True, slots=True)
class ChargePage:
    """Charges of a person, newest first; ``after`` continues when not None."""

    charges: tuple[Charge, ...]
    after: str | None = None


class Fees(Protocol):
    """Reads and conditional writes of charges."""

    def books(self, user_id: str, month: date) -> Books:
        """In four requests, of which nobody has posted anything in between (LostRace otherwise).
        Somebody who was never charged begins in the month of this day."""

    def charge(self, user_id: str, charge_id: str) -> tuple[Charge | None, Wallet]:
        """One charge with the wallet, in one request."""

    def newest(self, user_id: str) -> Charge | None:
        """The newest charge."""

    def of_person(self, user_id: str, limit: int, after: str | None = None) -> ChargePage:
        """A page of charges, newest first, in one request."""

    def save(self, before: Charge | None, after: Charge) -> Write:
        """The write ``fee``: new, or under the condition that it is still as it was read."""

    def keep(self, before: FeeAccount, after: FeeAccount) -> Write:
        """The write ``fee_account``: under the condition that it is still as it was read."""


@dataclass(frozen=True, slots=True)
class FeeJournal:
    """Cash moved, or to be moved, from a person's account at the broker to the firm's."""

    journal_id: str
    state: JournalState
    account_id: str
    amount: Money
    user_id: str
    charge_id: str


class FeeBroker(Protocol):
    """The firm's own account at the broker. Raises GatewayUnavailable while nothing is known."""

    def find(self, charge: Charge) -> FeeJournal | None:
        """The journal of this charge that is under way or executed, if there is one."""

    def journal(self, charge: Charge) -> FeeJournal:
        """Move the charge's amount under ``charge.journal_key``: the same key never moves money
        twice. Raises JournalRefused (of ``shared.payments.ports``)."""

    def read(self, journal_id: str) -> FeeJournal | None:
        """A journal as it stands; None when it is unknown or was not made for a fee."""


class Selling(Protocol):
    """Asks the planner for cash."""

    def ask(self, user_id: str, cause_id: str, amount_minor: int) -> None:
        """At least once; what was planned before is planned no second time."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """How far a segment of a month's walk has come."""

    number: int
    cursor: str | None = None
    """The last person who was asked for."""
    done: bool = False
    asked: int = 0
    touched_at: datetime | None = None


class Walks(Protocol):
    """Walks over everybody by the last day that is charged."""

    def stretches(self, last: date) -> dict[int, Stretch]:
        """Those of which something is known, by number, in one request."""

    def stretch(self, last: date, number: int) -> Stretch:
        """One of them."""

    def keep(self, last: date, stretch: Stretch, at: datetime) -> None:
        """Write how far it has come. The last one wins: who is asked for twice is charged once."""
