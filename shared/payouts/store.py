"""Where payouts lie, and the conditions under which they change."""

from collections.abc import Sequence
from datetime import datetime

from ulid import ULID

from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payouts import telling
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import StuckPage
from shared.payouts.rows import (
    REVIEWS,
    STUCK,
    PayoutRow,
    TransferRow,
    payout_from,
    payout_key,
    payout_of,
    row_of,
)
from shared.payouts.states import NOT_PAID
from shared.platform import keys
from shared.platform.indexes import attention_buckets
from shared.platform.tables import Database, Page, Put, Table
from shared.platform.work import Write


class PayoutStore:
    """See Payouts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str, payout_id: str) -> Payout | None:
        """See Payouts."""
        key = payout_key(user_id, payout_id)
        row = self._database.get(PayoutRow, key.pk, key.sk)
        return None if row is None else payout_of(row)

    def with_wallet(self, user_id: str, payout_id: str) -> tuple[Payout | None, Wallet]:
        """See Payouts."""
        where, purse = payout_key(user_id, payout_id), wallet_key(user_id, Currency.USD)
        found = self._database.get_many([where, purse])
        payout, wallet = found.get(where), found.get(purse)
        return (
            None if payout is None else payout_from(payout),
            Wallet(user_id, Currency.USD) if wallet is None else wallet_from(wallet),
        )

    def page(
        self,
        user_id: str,
        *,
        limit: int,
        after: str | None = None,
        purpose: Purpose | None = None,
    ) -> tuple[Sequence[Payout], str | None]:
        """See Payouts."""
        payouts: list[Payout] = []
        while True:
            found = self._feed(user_id, keys.FEED, 2 * limit, after)
            for row in found.rows(PayoutRow):
                if purpose is not None and row.purpose != purpose.value:
                    continue
                if len(payouts) == limit:
                    return payouts, payout_key(user_id, payouts[-1].payout_id).sk
                payouts.append(payout_of(row))
            if found.after is None:
                return payouts, None
            after = found.after

    def since(
        self, user_id: str, moment: datetime, *, purpose: Purpose | None = None
    ) -> Sequence[Payout]:
        """See Payouts."""
        # The first ten characters of a ULID are its time.
        first = f"{keys.FEED}{str(ULID.from_datetime(moment))[:10]}"
        rows = self._feed(user_id, first, None, None).rows(PayoutRow)
        return [payout_of(row) for row in rows if purpose in (None, Purpose(row.purpose))]

    def _feed(self, user_id: str, first: str, limit: int | None, after: str | None) -> Page:
        return self._database.query(
            Table.CORE,
            keys.user(user_id),
            first,
            f"{keys.FEED}~",
            newest_first=True,
            limit=limit,
            after=after,
        )

    def in_review(self, limit: int) -> Sequence[Payout]:
        """See Payouts."""
        places = sorted(
            (
                each
                for bucket in attention_buckets(REVIEWS)
                for each in self._database.waiting(bucket, "", limit)
            ),
            key=lambda each: each.place,
        )[:limit]
        found = self._database.get_many([each.key for each in places]) if places else {}
        payouts = (payout_from(found[each.key]) for each in places if each.key in found)
        # The index is a moment behind: what is in the table now decides.
        return [one for one in payouts if one.status is PayoutStatus.IN_REVIEW]

    def stuck(self, limit: int, after: str | None = None) -> StuckPage:
        """See StuckPayouts."""
        listed = sorted(
            (
                each
                for bucket in attention_buckets(STUCK)
                for each in self._database.waiting(bucket, after or "", limit + 1)
            ),
            key=lambda each: each.place,
        )
        page = listed[:limit]
        found = self._database.get_many([each.key for each in page]) if page else {}
        known = [(each.place, payout_from(found[each.key])) for each in page if each.key in found]
        # The index is a moment behind: what is in the table now decides.
        entries = tuple((place, one) for place, one in known if one.stuck)
        return StuckPage(entries, page[-1].place if len(listed) > limit else None)

    def create(self, payout: Payout) -> Write:
        """See Payouts."""
        return Put.new("payout", row_of(payout))

    def transfer(self, reference: str, payout_id: str) -> Write:
        """See Payouts."""
        row = TransferRow(pk=f"TRANSFER#{reference}", sk="GUARD", payout_id=payout_id)
        return Put.new("transfer", row)

    def save(self, before: Payout, after: Payout) -> Write:
        """See Payouts."""
        unchanged = (PayoutRow.status == before.status.value) & (
            PayoutRow.version == before.version
        )
        ended = after.status is not before.status and after.status in NOT_PAID
        # What this frees may pay what the person owes, and of a refund who answers for a dispute
        # of the same money changes: no use case can forget to tell.
        heard = after.at_broker or after.purpose is Purpose.REFUND
        tells = telling.released(after) if ended and heard else None
        return Put("payout", row_of(after), unchanged, tells)
