"""Where deposits lie, and the conditions under which they change."""

from collections.abc import Sequence

from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import DepositPage
from shared.payments.rows import (
    GUARD,
    DepositRow,
    ExternalPaymentRow,
    deposit_from,
    deposit_key,
    deposit_of,
    row_of,
    suspended_part,
)
from shared.payments.states import AT_GATEWAY
from shared.platform import keys
from shared.platform.tables import Database, Page, Put, Table
from shared.platform.work import Write


class DepositStore:
    """See Deposits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str, deposit_id: str) -> Deposit | None:
        """See Deposits."""
        key = deposit_key(user_id, deposit_id)
        row = self._database.get(DepositRow, key.pk, key.sk)
        return None if row is None else deposit_of(row)

    def with_wallet(self, user_id: str, deposit_id: str) -> tuple[Deposit | None, Wallet]:
        """See Deposits."""
        where, purse = deposit_key(user_id, deposit_id), wallet_key(user_id, Currency.USD)
        found = self._database.get_many([where, purse])
        deposit, wallet = found.get(where), found.get(purse)
        return (
            None if deposit is None else deposit_from(deposit),
            Wallet(user_id, Currency.USD) if wallet is None else wallet_from(wallet),
        )

    def settled(self, user_id: str) -> Sequence[Deposit]:
        """See Deposits."""
        found = self._feed(user_id, None, None)
        deposits = (deposit_of(row) for row in found.rows(DepositRow))
        return [one for one in deposits if one.status in AT_GATEWAY]

    def page(self, user_id: str, *, limit: int, after: str | None = None) -> DepositPage:
        """See Deposits."""
        deposits: list[Deposit] = []
        while True:
            found = self._feed(user_id, 2 * limit, after)
            for item in found.items:
                if item.kind != DepositRow.KIND:
                    continue
                if len(deposits) == limit:
                    last = deposits[-1]
                    return DepositPage(tuple(deposits), deposit_key(user_id, last.deposit_id).sk)
                deposits.append(deposit_from(item))
            if found.after is None:
                return DepositPage(tuple(deposits), None)
            after = found.after

    def _feed(self, user_id: str, limit: int | None, after: str | None) -> Page:
        return self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.FEED,
            f"{keys.FEED}~",
            newest_first=True,
            limit=limit,
            after=after,
        )

    def create(self, deposit: Deposit) -> Write:
        """See Deposits."""
        return Put.new("deposit", row_of(deposit))

    def save(self, before: Deposit, after: Deposit) -> Write:
        """See Deposits."""
        unchanged = (DepositRow.status == before.status.value) & (
            DepositRow.version == before.version
        )
        return Put("deposit", row_of(after), unchanged)

    def claim_payment(
        self,
        deposit: Deposit,
        *references: str,
        gateway: Gateway | None = None,
        suspended: Money | None = None,
    ) -> list[Write]:
        """See Deposits."""
        by = gateway or deposit.gateway
        return [
            Put.new(
                f"external:{reference}",
                ExternalPaymentRow(
                    pk=f"EXT#{by.value}#{reference}",
                    sk=GUARD,
                    user_id=deposit.user_id,
                    deposit_id=deposit.deposit_id,
                    **suspended_part(suspended, reference, deposit.created_at),
                ),
            )
            for reference in dict.fromkeys(references)
        ]
