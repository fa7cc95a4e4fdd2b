"""Payout accounts as those choose among them who send a payment back another way."""

from datetime import datetime

from shared.payouts.ports import PayoutAccountShown
from shared.platform.tables import Database
from shared.withdrawals.model import RAILS
from shared.withdrawals.rows import account_from, account_key


class StoredPayoutAccounts:
    """See PayoutAccounts of payouts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def usable(self, user_id: str, account_id: str, at: datetime) -> PayoutAccountShown | None:
        """See PayoutAccounts. One read."""
        where = account_key(user_id, account_id)
        found = self._database.get_many([where])
        if where not in found:
            return None
        account = account_from(found[where])
        if not account.active or at < account.usable_at:
            return None
        return PayoutAccountShown(RAILS[account.kind], account.currency, account.shown_as)
