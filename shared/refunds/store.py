"""Which refunds a deposit has: one small row for each, beside the deposit."""

from collections.abc import Sequence
from itertools import batched
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payments.model import Deposit
from shared.payments.rows import deposit_from, deposit_key
from shared.payouts.model import Payout
from shared.payouts.rows import payout_from, payout_key
from shared.platform import keys
from shared.platform.tables import Database, Item, Key, Put, Row, Table
from shared.platform.work import Write

_PART = "REFUND"
_BATCH = 100
"""So many keys a BatchGet takes."""


class RefundRow(Row):
    """Points at the payout by which a part of a deposit goes back."""

    KIND: ClassVar[str] = "refund"

    payout_id = UnicodeAttribute()


class RefundStore:
    """See RefundIndex."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def file(self, user_id: str, deposit_id: str) -> tuple[Deposit | None, Wallet, list[Payout]]:
        """See RefundIndex."""
        # The deposit first: a refund that begins or ends since changes it, so that nothing is
        # decided without that refund.
        where, purse = deposit_key(user_id, deposit_id), wallet_key(user_id, Currency.USD)
        found = self._database.get_many([where, purse])
        deposit, wallet = found.get(where), found.get(purse)
        return (
            None if deposit is None else deposit_from(deposit),
            Wallet(user_id, Currency.USD) if wallet is None else wallet_from(wallet),
            list(self.of_deposit(user_id, deposit_id)),
        )

    def of_deposit(self, user_id: str, deposit_id: str) -> Sequence[Payout]:
        """See RefundIndex."""
        wanted = [payout_key(user_id, each) for each in self._ids(user_id, deposit_id)]
        found: dict[Key, Item] = {}
        for some in batched(wanted, _BATCH, strict=False):
            found |= self._database.get_many(some)
        return [payout_from(found[key]) for key in wanted if key in found]

    def note(self, payout: Payout) -> Write:
        """See RefundIndex."""
        row = RefundRow(
            pk=keys.user(payout.user_id),
            sk=keys.of_deposit(payout.deposit_id or "", _PART, payout.payout_id),
            payout_id=payout.payout_id,
        )
        return Put.new("refund", row)

    def _ids(self, user_id: str, deposit_id: str) -> list[str]:
        first = keys.of_deposit(deposit_id, _PART, "")
        page = self._database.query(Table.CORE, keys.user(user_id), first, f"{first}~")
        return [row.payout_id for row in page.rows(RefundRow)]
