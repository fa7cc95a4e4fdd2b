"""What those who look at the firm's accounts ask for."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from shared.ledger.events import EntryPostedV1
from shared.treasury.model import HouseAccount, HouseBalance, HouseLine


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
    """The same, for the one who keeps them."""

    def record(self, entry: EntryPostedV1) -> bool:
        """Add an entry. False when it was added before, which is success too.

        Raises TemporarilyUnavailable when others write the same counters: again later.
        """
