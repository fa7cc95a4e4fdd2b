"""Rows of the projection: lines per account and day, counters per account, and what was touched.

A line is put once, in one transaction with the counters that it moves; so a counter is at every
moment the sum of the lines, whatever was delivered twice or in another order.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.platform.tables import Database, InstantAttribute, Item, Key, Row, Table
from shared.treasury.model import HouseAccount, HouseBalance, HouseLine

SHARDS = 8
"""Counters per account: entries of different people then rarely write the same one."""
ACCOUNTS = "HOUSE_ACCOUNTS"
_BALANCE = "BALANCE"
_BATCH = 100 // SHARDS
_FIRST, _LAST = "0", "~"
_PAGE = 500
_TOUCHED = "TOUCHED#"


class LineRow(Row):
    """One leg of one entry. Never changed."""

    KIND: ClassVar[str] = "house_line"

    account = UnicodeAttribute()
    asset = UnicodeAttribute()
    amount = NumberAttribute()
    at = InstantAttribute()
    entry_kind = UnicodeAttribute()
    reference = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    chain = UnicodeAttribute()
    seq = NumberAttribute()
    leg = NumberAttribute()
    memo = UnicodeAttribute()


class BalanceRow(Row):
    """One of the counters of an account: the sum, and how many lines it is of."""

    KIND: ClassVar[str] = "house_balance"

    minor = NumberAttribute(default=0)
    lines = NumberAttribute(default=0)


class AccountRow(Row):
    """An account that has moved, and about since when: the day of the entry that was seen first."""

    KIND: ClassVar[str] = "house_account"

    since = UnicodeAttribute()


class TouchedRow(Row):
    """A worker was about to put lines of a day of an account, on the day that its clock showed."""

    KIND: ClassVar[str] = "house_touched"

    day = UnicodeAttribute()


def proof_partition(account: str, asset: str) -> str:
    """Where closings lie, and what they are made of."""
    return f"CLOSING#{account}#{asset}"


def touched_place(on: date, day: date) -> str:
    """By the worker's day first: what was touched since then is one range."""
    return f"{_TOUCHED}{on.isoformat()}#{day.isoformat()}"


def line_partition(account: str, asset: str, day: date) -> str:
    """Where the lines of a day lie."""
    return f"LINES#{account}#{asset}#{day.isoformat()}"


def balance_key(account: str, asset: str, shard: int) -> Key:
    """Where a counter lies."""
    return Key(Table.CORE, f"BALANCE#{account}#{asset}#{shard}", _BALANCE)


def row_of(line: HouseLine) -> LineRow:
    """A line as its row."""
    place = f"{to_text(line.at)}#{line.owner_id}#{line.chain}#{line.seq:012d}#{line.leg:02d}"
    return LineRow(
        pk=line_partition(line.account, line.asset, line.day),
        sk=place,
        account=line.account,
        asset=line.asset,
        amount=line.amount,
        at=line.at,
        entry_kind=line.kind,
        reference=line.reference,
        owner_id=line.owner_id,
        chain=line.chain,
        seq=line.seq,
        leg=line.leg,
        memo=json.dumps(dict(line.memo), separators=(",", ":"), sort_keys=True),
    )


def _line_of(row: LineRow) -> HouseLine:
    return HouseLine(
        account=row.account,
        asset=row.asset,
        amount=int(row.amount),
        at=row.at,
        kind=row.entry_kind,
        reference=row.reference,
        owner_id=row.owner_id,
        chain=row.chain,
        seq=int(row.seq),
        leg=int(row.leg),
        memo=json.loads(row.memo),
    )


class HouseBalances:
    """See Projection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def balance(self, account: str, asset: str) -> int:
        """See Balances."""
        return self._counted([HouseAccount(account, asset)])[HouseAccount(account, asset)][0]

    def counted(self, account: str, asset: str) -> tuple[int, int]:
        """See Projection."""
        return self._counted([HouseAccount(account, asset)])[HouseAccount(account, asset)]

    def lines(self, account: str, asset: str, day: date) -> Sequence[HouseLine]:
        """See Balances."""
        pk = line_partition(account, asset, day)
        page = self._database.query(Table.CORE, pk, _FIRST, _LAST)
        return [_line_of(row) for row in page.rows(LineRow)]

    def summed(self, account: str, asset: str, day: date) -> tuple[int, int]:
        """See Projection. Page by page, so that the size of a day is only a matter of time."""
        pk, after, minor, count = line_partition(account, asset, day), None, 0, 0
        while True:
            page = self._database.query(Table.CORE, pk, _FIRST, _LAST, limit=_PAGE, after=after)
            amounts = [int(row.amount) for row in page.rows(LineRow)]
            minor, count, after = minor + sum(amounts), count + len(amounts), page.after
            if after is None:
                return minor, count

    def touched(self, account: str, asset: str, since: date | None) -> Sequence[date]:
        """See Projection."""
        first = _TOUCHED if since is None else f"{_TOUCHED}{since.isoformat()}"
        pk = proof_partition(account, asset)
        page = self._database.query(Table.CORE, pk, first, f"{_TOUCHED}{_LAST}")
        return sorted({date.fromisoformat(row.day) for row in page.rows(TouchedRow)})

    def accounts(self) -> Sequence[HouseAccount]:
        """See Balances."""
        page = self._database.query(Table.CORE, ACCOUNTS, _FIRST, _LAST)
        split = (row.sk.rpartition("#") for row in page.rows(AccountRow))
        return [HouseAccount(account, asset) for account, _, asset in split]

    def since(self, account: str, asset: str) -> date | None:
        """See Projection."""
        row = self._database.get(AccountRow, ACCOUNTS, f"{account}#{asset}")
        return None if row is None else date.fromisoformat(row.since)

    def sheet(self) -> Sequence[HouseBalance]:
        """See Balances."""
        accounts = self.accounts()
        found: dict[HouseAccount, tuple[int, int]] = {}
        for start in range(0, len(accounts), _BATCH):
            found |= self._counted(accounts[start : start + _BATCH])
        return [HouseBalance(one.account, one.asset, found[one][0]) for one in accounts]

    def _counted(self, accounts: Sequence[HouseAccount]) -> dict[HouseAccount, tuple[int, int]]:
        places = {
            balance_key(one.account, one.asset, shard): one
            for one in accounts
            for shard in range(SHARDS)
        }
        found = self._database.get_many(list(places)) if places else {}
        totals = dict.fromkeys(accounts, (0, 0))
        for key, item in found.items():
            minor, lines = totals[places[key]]
            totals[places[key]] = _plus(item, minor, lines)
        return totals


def _plus(item: Item, minor: int, lines: int) -> tuple[int, int]:
    row = item.to(BalanceRow)
    return minor + int(row.minor), lines + int(row.lines)
