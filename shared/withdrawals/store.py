"""Where payout accounts and desks lie, and the conditions under which they change."""

from collections.abc import Mapping, Sequence

from shared.cases.model import CaseKind, case_id_of
from shared.cases.store import case_from, case_key
from shared.kernel.ids import Kind, is_id
from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.rows import REVIEWS, payout_from, payout_key
from shared.platform import keys
from shared.platform.indexes import attention_buckets
from shared.platform.tables import Database, Item, Key, Put, Table, Waiting
from shared.platform.work import Write
from shared.withdrawals.model import AccountStatus, Desk, PayoutAccount
from shared.withdrawals.ports import AccountBook, Counter, Held, HeldPage
from shared.withdrawals.rows import (
    OUT,
    DeskRow,
    PayoutAccountRow,
    account_from,
    account_key,
    account_row,
    desk_from,
    desk_key,
    desk_row,
)
from shared.withdrawals.screening import RULES_FACT


class PayoutAccountStore:
    """See PayoutAccounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def book(self, user_id: str) -> AccountBook:
        """See PayoutAccounts."""
        page = self._database.query(Table.CORE, keys.user(user_id), OUT, f"{OUT}~")
        accounts = [one for one in page.items if one.kind == PayoutAccountRow.KIND]
        desks = [one for one in page.items if one.kind == DeskRow.KIND]
        desk = desk_from(desks[0]) if desks else Desk(user_id)
        return AccountBook(desk, tuple(account_from(one) for one in accounts))

    def get(self, user_id: str, account_id: str) -> PayoutAccount | None:
        """See PayoutAccounts."""
        if not is_id(account_id, Kind.PAYOUT_ACCOUNT):
            return None
        key = account_key(user_id, account_id)
        found = self._database.get_many([key])
        return account_from(found[key]) if key in found else None

    def counter(self, user_id: str, account_id: str) -> Counter:
        """See PayoutAccounts."""
        at, purse = desk_key(user_id), wallet_key(user_id, Currency.USD)
        asked = [at, purse]
        if is_id(account_id, Kind.PAYOUT_ACCOUNT):
            asked.append(account_key(user_id, account_id))
        found = self._database.get_many(asked)
        account = found.get(asked[-1]) if len(asked) > 2 else None
        return Counter(
            desk=desk_from(found[at]) if at in found else Desk(user_id),
            account=None if account is None else account_from(account),
            wallet=wallet_from(found[purse]) if purse in found else Wallet(user_id, Currency.USD),
        )

    def add(self, account: PayoutAccount) -> Write:
        """See PayoutAccounts."""
        return Put.new("payout_account", account_row(account))

    def remove(self, account: PayoutAccount) -> Write:
        """See PayoutAccounts."""
        active = PayoutAccountRow.status == AccountStatus.ACTIVE.value
        return Put("payout_account", account_row(account), active)

    def use(self, before: Desk, after: Desk) -> Write:
        """See PayoutAccounts."""
        if before.version == 0:
            return Put.new("desk", desk_row(after))
        return Put("desk", desk_row(after), DeskRow.version == before.version)


class PayoutReader:
    """See Outgoing and HeldWithdrawals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, user_id: str, payout_ids: Sequence[str]) -> Mapping[str, Payout]:
        """See Outgoing."""
        if not payout_ids:
            return {}
        found = self._database.get_many([payout_key(user_id, each) for each in payout_ids])
        payouts = (payout_from(item) for item in found.values())
        return {one.payout_id: one for one in payouts}

    def page(self, limit: int, after: str | None = None) -> HeldPage:
        """See HeldWithdrawals."""
        listed = sorted(
            (
                each
                for bucket in attention_buckets(REVIEWS)
                for each in self._database.waiting(bucket, after or "", limit + 1)
            ),
            key=lambda each: each.place,
        )
        page = listed[:limit]
        cases = {each.place: _case_of(each) for each in page}
        wanted = [*(each.key for each in page), *cases.values()]
        found = self._database.get_many(wanted) if wanted else {}
        entries = tuple(
            (each.place, held)
            for each in page
            if (held := _held(found.get(each.key), found.get(cases[each.place]))) is not None
        )
        return HeldPage(entries, page[-1].place if len(listed) > limit else None)


def _case_of(waiting: Waiting) -> Key:
    payout_id = waiting.place.rpartition("#")[2]
    return case_key(case_id_of(CaseKind.WITHDRAWAL_REVIEW, payout_id))


def _held(payout: Item | None, case: Item | None) -> Held | None:
    """The index is a moment behind: what is in the table now decides."""
    if payout is None:
        return None
    stored = payout_from(payout)
    if stored.status is not PayoutStatus.IN_REVIEW or stored.purpose is not Purpose.WITHDRAWAL:
        return None
    facts = {} if case is None else dict(case_from(case).facts)
    return Held(stored, tuple(facts[RULES_FACT].split(",")) if RULES_FACT in facts else ())
