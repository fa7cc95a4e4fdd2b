"""Where round-ups lie, and the conditions under which they change."""

from collections.abc import Mapping, Sequence

from shared.kernel.events import Event
from shared.platform import keys
from shared.platform.tables import Database, Put, Table
from shared.platform.work import Write
from shared.roundups.model import Purchase, RoundUps, Transfer
from shared.roundups.ports import TransferPage
from shared.roundups.rows import (
    PurchaseRow,
    RoundUpsRow,
    TransferRow,
    purchase_key,
    purchase_of,
    purchase_row,
    round_ups_key,
    round_ups_of,
    round_ups_row,
    transfer_key,
    transfer_of,
    transfer_row,
)


class PoolStore:
    """See Pools."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str) -> RoundUps | None:
        """See Pools."""
        key = round_ups_key(user_id)
        row = self._database.get(RoundUpsRow, key.pk, key.sk)
        return None if row is None else round_ups_of(row)

    def save(self, before: RoundUps | None, after: RoundUps, tells: Event | None = None) -> Write:
        """See Pools."""
        row = round_ups_row(after)
        if before is None:
            return Put("round_ups", row, RoundUpsRow.pk.does_not_exist(), tells)
        return Put("round_ups", row, RoundUpsRow.version == before.version, tells)

    def purchases(self, user_id: str, purchase_ids: Sequence[str]) -> Mapping[str, Purchase]:
        """See Pools."""
        wanted = [purchase_key(user_id, purchase_id) for purchase_id in purchase_ids]
        found = self._database.get_many(wanted)
        stored = [purchase_of(item.to(PurchaseRow)) for item in found.values()]
        return {one.purchase_id: one for one in stored}

    def record(self, purchase: Purchase) -> Write:
        """See Pools."""
        row = purchase_row(purchase)
        return Put(_name(purchase), row, PurchaseRow.pk.does_not_exist())

    def save_purchase(self, before: Purchase, after: Purchase) -> Write:
        """See Pools."""
        unchanged = PurchaseRow.status == before.status.value
        return Put(_name(after), purchase_row(after), unchanged)

    def transfer(self, user_id: str, number: int) -> Transfer | None:
        """See Pools."""
        key = transfer_key(user_id, number)
        row = self._database.get(TransferRow, key.pk, key.sk)
        return None if row is None else transfer_of(row)

    def transfers(self, user_id: str, *, limit: int, after: str | None = None) -> TransferPage:
        """See Pools."""
        found = self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.ROUND_UP_TRANSFERS,
            f"{keys.ROUND_UP_TRANSFERS}~",
            newest_first=True,
            limit=limit,
            after=after,
        )
        rows = found.rows(TransferRow)
        return TransferPage(tuple(transfer_of(row) for row in rows), found.after)

    def begin(self, transfer: Transfer) -> Write:
        """See Pools."""
        return Put("transfer", transfer_row(transfer), TransferRow.pk.does_not_exist())

    def save_transfer(self, before: Transfer, after: Transfer, tells: Event | None = None) -> Write:
        """See Pools."""
        unchanged = TransferRow.version == before.version
        return Put("transfer", transfer_row(after), unchanged, tells)


def _name(purchase: Purchase) -> str:
    return f"purchase {purchase.purchase_id}"
