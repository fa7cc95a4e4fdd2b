"""What use cases of other contexts ask of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from shared.kernel.money import Currency
from shared.ledger.model import Draft, Wallet
from shared.ledger.purses import PurseMove
from shared.platform.work import Write


class Ledger(Protocol):
    """Makes the conditional writes that move money; the caller commits them with its own."""

    def wallet(self, user_id: str, currency: Currency) -> Wallet:
        """The wallet now; an empty one when it does not exist yet."""

    def post(
        self,
        wallet: Wallet,
        *drafts: Draft,
        posted: int = 0,
        held: int = 0,
        orders: int = 0,
        blocks: int = 0,
        owed: int = 0,
        settling: Mapping[date, int] | None = None,
        purses: Sequence[PurseMove] = (),
        fees: int = 0,
        fraction: Decimal | None = None,
    ) -> list[Write]:
        """Append entries to the wallet's chain and change its balances by these deltas;
        ``settling`` is by the day on which it settles, ``purses`` are those of named goals. Of
        what is available they never have more than all: here as in every other write. ``fees``
        are those of what leaves that are paid for management; ``fraction`` is, from then on, what
        of a minor unit trades have left at the broker beyond what is booked.

        The writes are named ``wallet`` and ``journal`` (``journal:2`` and so on for more than
        one entry). The condition of ``wallet`` fails when
        somebody else appended first (read again: LostRace) or when posted, held or available
        would become negative, or blocks or owed would.
        """

    def block(self, wallet: Wallet, blocks: int, *, held: int = 0) -> Write:
        """Without an entry: ``blocks`` more (or fewer) reasons to pay nothing out, and ``held``
        more of the available money held. Its condition is that of ``post``."""

    def reserve(
        self,
        wallet: Wallet,
        amount: int,
        *,
        orders: int,
        to_leave: bool = False,
        on: date | None = None,
        purses: Sequence[PurseMove] = (),
    ) -> Write:
        """Hold ``amount`` of the available money for ``orders`` new orders, or, with
        ``to_leave``, to be paid out: that fails while the wallet has ``blocks`` or owes.

        ``on`` is the business day: what settles after it is not touched. Without a day nothing
        counts as settled that sales brought.

        The write is named ``wallet``; its condition fails when less is available, and when an
        entry was posted or an order began or ended since the wallet was read: what was decided
        on that reading must be decided again. New orders begin only while none is open: so no
        symbol is ever bought and sold at the same time.
        """

    def release(
        self, wallet: Wallet, amount: int, *, orders: int, purses: Sequence[PurseMove] = ()
    ) -> Write:
        """Give back a reservation without an entry, for ``orders`` orders that ended.

        Like ``post`` with ``orders``, its condition fails when the number of open orders is not
        the one that was read, so that exactly one fact sees the last order end.
        """


class House(Protocol):
    """The journal of facts that belong to no person."""

    def post(self, draft: Draft, key: str) -> list[Write]:
        """Append an entry to the house's chain of the first leg's currency; one read.

        The writes are named ``house``, ``house_journal`` and ``house_key``. ``house_key`` fails
        when a fact was booked under this key before: that is success. Otherwise ``house`` fails
        when somebody else appended first: read again (LostRace). ``house.book_once`` does both.
        """

    def posted(self, key: str) -> bool:
        """Whether a fact was booked under this key."""

    def require(self, key: str) -> Write:
        """The write ``house_key_before``: a fact under this key was booked, else it fails."""
