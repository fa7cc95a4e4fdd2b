"""Reads and writes of charges, and the books behind them."""

from datetime import date, datetime, timedelta

from shared.kernel.ids import created_at
from shared.ledger.model import Draft, Wallet, settled_by
from shared.ledger.store import LedgerStore, wallet_from, wallet_key
from shared.management_fees.model import Charge, FeeAccount
from shared.management_fees.ports import Books, ChargePage, Stretch
from shared.management_fees.rows import (
    FeeAccountRow,
    FeeRow,
    account_from,
    account_key,
    account_row,
    charge_from,
    charge_key,
    charge_row,
    place_of,
    stretch_from,
    stretch_row,
    walk_key,
)
from shared.management_fees.worths import Held
from shared.platform import keys
from shared.platform.tables import Database, Item, Put, Table
from shared.platform.work import LostRace, Write
from shared.portfolio.model import BASE, State
from shared.portfolio.store import PortfolioStore
from shared.users.store import user_from

ACTIVE_ACCOUNT = "ACTIVE"
_ENTRIES = 200
"""Per request: more than most people's months have."""
_TOLD_LATE = timedelta(days=10)
"""Trades may be told of so long after they were made: entries are read so much further back."""


class FeeStore:
    """See Fees."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = LedgerStore(database)

    def books(self, user_id: str, month: date) -> Books:
        """See Fees."""
        at, of_wallet = account_key(user_id), wallet_key(user_id, BASE)
        found = self._database.get_many([at, of_wallet])
        account = account_from(user_id, found.get(at))
        wallet = wallet_from(found[of_wallet]) if of_wallet in found else Wallet(user_id, BASE)
        state = PortfolioStore(self._database).state(user_id)
        first = _first(account, month)
        moved, seq = self._since(user_id, first)
        # Cash and shares change with an entry: while none came, all of it is of one moment.
        if not wallet.seq == state.wallet(BASE).seq == seq:
            raise LostRace
        nanos = {name: each.quantity_nanos for name, each in state.positions.items()}
        return Books(
            account=account,
            newest=None if not account.charge_id else self.charge(user_id, account.charge_id)[0],
            wallet=wallet,
            held=Held(wallet.posted - wallet.owed, nanos),
            moved=moved,
            first=first,
            account_id=_account_of(state),
        )

    def charge(self, user_id: str, charge_id: str) -> tuple[Charge | None, Wallet]:
        """See Fees."""
        own, of_wallet = charge_key(user_id, charge_id), wallet_key(user_id, BASE)
        found = self._database.get_many([own, of_wallet])
        wallet = wallet_from(found[of_wallet]) if of_wallet in found else Wallet(user_id, BASE)
        return charge_from(found[own]) if own in found else None, wallet

    def newest(self, user_id: str) -> Charge | None:
        """See Fees."""
        return next(iter(self.of_person(user_id, 1).charges), None)

    def of_person(self, user_id: str, limit: int, after: str | None = None) -> ChargePage:
        """See Fees."""
        page = self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.FEE,
            f"{keys.FEE}~",
            newest_first=True,
            limit=limit,
            after=None if after is None else keys.fee(after),
        )
        charges = tuple(charge_from(item) for item in page.items)
        goes_on = page.after is not None and charges
        return ChargePage(charges, charges[-1].charge_id if goes_on else None)

    def save(self, before: Charge | None, after: Charge) -> Write:
        """See Fees."""
        if before is None:
            return Put.new("fee", charge_row(after))
        return Put("fee", charge_row(after), FeeRow.version == before.version)

    def keep(self, before: FeeAccount, after: FeeAccount) -> Write:
        """See Fees."""
        if not before.version:
            return Put.new("fee_account", account_row(after))
        return Put("fee_account", account_row(after), FeeAccountRow.version == before.version)

    def _since(self, user_id: str, first: date) -> tuple[list[Draft], int]:
        """Entries of these days and some before, newest first; and the number of the newest."""
        drafts: list[Draft] = []
        page = self._ledger.entries(user_id, BASE, limit=_ENTRIES)
        seq = page.entries[0].entry.seq if page.entries else 0
        while True:
            drafts += [stored.entry.draft for stored in page.entries]
            oldest = settled_by(drafts[-1].at) if drafts else first
            if page.after is None or oldest < first - _TOLD_LATE:
                return drafts, seq
            page = self._ledger.entries(user_id, BASE, after=page.after, limit=_ENTRIES)


def _first(account: FeeAccount, month: date) -> date:
    if account.through is not None:
        return account.through + timedelta(days=1)
    signed_up = settled_by(created_at(account.user_id))
    return max(month.replace(day=1), signed_up)


def _account_of(state: State[Item]) -> str | None:
    if state.profile is None:
        return None
    person = user_from(state.profile)
    return person.broker_account_id if person.broker_status == ACTIVE_ACCOUNT else None


class WalkStore:
    """See Walks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stretches(self, last: date) -> dict[int, Stretch]:
        """See Walks."""
        page = self._database.query(Table.CORE, walk_key(last, "").pk, "SEGMENT#", "SEGMENT#~")
        return {one.number: one for one in map(stretch_from, page.items)}

    def stretch(self, last: date, number: int) -> Stretch:
        """See Walks."""
        key = walk_key(last, place_of(number))
        found = self._database.get_many([key])
        return stretch_from(found[key]) if key in found else Stretch(number)

    def keep(self, last: date, stretch: Stretch, at: datetime) -> None:
        """See Walks."""
        self._database.write(Put("stretch", stretch_row(last, stretch, at)))
