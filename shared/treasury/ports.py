"""What those who look at the firm's accounts ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.kernel.money import Money
from shared.ledger.events import EntryPostedV1
from shared.market_data.model import Breaker
from shared.platform.work import Write
from shared.treasury.model import Closing, HouseAccount, HouseBalance, HouseLine, Proof
from shared.treasury.movements import Movement


class Balances(Protocol):
    """Balances and lines of house accounts, a moment behind the journal. Accounts of people are
    there in sum, as ``customers:cash`` and so on, so that all balances of an asset sum to zero."""

    def balance(self, account: str, asset: str) -> int:
        """What an account holds, in the smallest unit of ``asset``; debits are positive. 0 for
        one that never moved."""

    def lines(self, account: str, asset: str, day: date) -> Sequence[HouseLine]:
        """The lines of an account on a day in UTC, in the order of their times."""

    def accounts(self) -> Sequence[HouseAccount]:
        """All accounts that ever moved, by name."""

    def sheet(self) -> Sequence[HouseBalance]:
        """What each of them holds."""


class Projection(Balances, Protocol):
    """The same, for those who hold lines and counters against each other."""

    def counted(self, account: str, asset: str) -> tuple[int, int]:
        """The balance by the counters, and of how many lines it is."""

    def summed(self, account: str, asset: str, day: date) -> tuple[int, int]:
        """The sum of the lines of a day in UTC, and how many they are."""

    def touched(self, account: str, asset: str, since: date | None) -> Sequence[date]:
        """The days of all lines that were put on a day of the clock not before ``since``, in
        order; all that were ever told of without it. It is told before a line is put, so a day
        may have none yet. Lines from before there was this are not told of."""

    def since(self, account: str, asset: str) -> date | None:
        """About when an account moved first, by the day of the entry that was seen first; None
        when it never did."""


class Recorder(Protocol):
    """Keeps lines and counters."""

    def record(self, entry: EntryPostedV1) -> bool:
        """Add an entry. False when it was added before, which is success too.

        Raises TemporarilyUnavailable when others write the same counters: again later.
        """


class Closings(Protocol):
    """Accounts at the end of days, and the sums that they are made of."""

    def last(self, account: str, asset: str, until: date) -> Closing | None:
        """The newest closing of a day not after ``until``."""

    def keep(self, closing: Closing) -> Closing:
        """Write it unless that day is closed; how it stands. A closed day never changes."""

    def proof(self, account: str, asset: str) -> Proof:
        """What was summed of an account up to now; nothing, at first."""

    def prove(self, proof: Proof, day: date, summed: tuple[int, int]) -> Proof:
        """The sum of a day's lines and their number, in place of what was said of it before.

        Raises ConditionFailed when somebody else has changed the proof meanwhile.
        """

    def days(self, account: str, asset: str, after: date) -> Mapping[date, tuple[int, int]]:
        """What was summed of the days behind ``after``."""

    def since(self, proof: Proof, since: date) -> None:
        """The next closing looks at what was touched from this day of the clock on. Raises
        ConditionFailed as ``prove`` does."""

    def begun(self, day: date) -> bool:
        """Whether closing this day was asked for of every account."""

    def begin(self, day: date) -> None:
        """It was."""


class Switches(Protocol):
    """Breakers by name."""

    def read(self, names: Sequence[str]) -> Mapping[str, Breaker]:
        """Those of them that were ever touched; the others are closed."""

    def change(self, before: Breaker | None, after: Breaker) -> Write:
        """The write ``breaker:<name>``; it fails when ``before`` is not what is there."""


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Movements newest first, each with its place; ``after`` continues when not None."""

    entries: tuple[tuple[str, Movement], ...]
    after: str | None


class MovementRows(Protocol):
    """Where recorded movements are kept."""

    def get(self, movement_id: str) -> Movement | None:
        """One movement."""

    def page(self, *, limit: int, after: str | None = None) -> MovementPage:
        """The newest, or those older than the place ``after``."""

    def create(self, movement: Movement) -> Write:
        """The write ``movement``; it must be new."""

    def save(self, before: Movement, after: Movement) -> Write:
        """The write ``movement``, under the condition that nobody changed it since."""


@dataclass(frozen=True, slots=True)
class GatewayPayout:
    """What a gateway pays out to the firm's bank; negative when it draws on the bank. ``failed``
    when it is at the gateway again."""

    reference: str
    amount: Money
    created_at: datetime
    failed: bool


class PayoutListing(Protocol):
    """A gateway's own list of what it pays out to the firm's bank."""

    def payouts(self, since: datetime, until: datetime) -> Iterable[GatewayPayout]:
        """Those made from ``since`` on and before ``until``; GatewayUnavailable when it cannot be
        asked."""
