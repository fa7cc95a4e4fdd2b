"""Rows of the projection: lines per account and day, counters per account.

A line is put once, in one transaction with the counters that it moves; so a counter is at every
moment the sum of the lines, whatever was delivered twice or in another order.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar
from zlib import crc32

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.ledger.events import EntryPostedV1
from shared.platform.tables import Database, InstantAttribute, Item, Key, Put, Row, Table, Update
from shared.platform.work import ConditionFailed
from shared.treasury.model import HouseAccount, HouseBalance, HouseLine, lines_of, moved

SHARDS = 8
"""Counters per account: entries of different people then rarely write the same one."""
ACCOUNTS = "HOUSE_ACCOUNTS"
_BALANCE = "BALANCE"
_BATCH = 100 // SHARDS
_FIRST, _LAST = "0", "~"


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


def line_partition(account: str, asset: str, day: date) -> str:
    """Where the lines of a day lie."""
    return f"LINES#{account}#{asset}#{day.isoformat()}"


def balance_key(account: str, asset: str, shard: int) -> Key:
    """Where a counter lies."""
    return Key(Table.CORE, f"BALANCE#{account}#{asset}#{shard}", _BALANCE)


def _row_of(line: HouseLine) -> LineRow:
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
        self._known: set[HouseAccount] = set()

    def balance(self, account: str, asset: str) -> int:
        """See Balances."""
        return self._counted([HouseAccount(account, asset)])[HouseAccount(account, asset)][0]

    def counted(self, account: str, asset: str) -> tuple[int, int]:
        """The balance, and of how many lines it is."""
        return self._counted([HouseAccount(account, asset)])[HouseAccount(account, asset)]

    def lines(self, account: str, asset: str, day: date) -> Sequence[HouseLine]:
        """See Balances."""
        pk = line_partition(account, asset, day)
        page = self._database.query(Table.CORE, pk, _FIRST, _LAST)
        return [_line_of(row) for row in page.rows(LineRow)]

    def accounts(self) -> Sequence[HouseAccount]:
        """See Balances."""
        page = self._database.query(Table.CORE, ACCOUNTS, _FIRST, _LAST)
        split = (row.sk.rpartition("#") for row in page.rows(AccountRow))
        return [HouseAccount(account, asset) for account, _, asset in split]

    def since(self, account: str, asset: str) -> date | None:
        """About when an account moved first; None when it never did."""
        row = self._database.get(AccountRow, ACCOUNTS, f"{account}#{asset}")
        return None if row is None else date.fromisoformat(row.since)

    def sheet(self) -> Sequence[HouseBalance]:
        """See Balances."""
        accounts = self.accounts()
        found: dict[HouseAccount, tuple[int, int]] = {}
        for start in range(0, len(accounts), _BATCH):
            found |= self._counted(accounts[start : start + _BATCH])
        return [HouseBalance(one.account, one.asset, found[one][0]) for one in accounts]

    def record(self, entry: EntryPostedV1) -> bool:
        """See Projection."""
        lines = lines_of(entry)
        changes = moved(lines)
        self._register(changes, lines[0].day)
        shard = crc32(f"{entry.owner_id}#{entry.seq}".encode()) % SHARDS
        puts = [Put.new(f"line:{line.leg}", _row_of(line)) for line in lines]
        counters = [
            self._count(account, shard, minor, sum(account == _of(line) for line in lines))
            for account, minor in changes.items()
        ]
        try:
            self._database.transact([*puts, *counters])
        except ConditionFailed as failure:
            if len(failure.found) < len(puts):
                # Never of entries of ours: lines of one entry are written together.
                raise
            return False
        return True

    def _register(self, accounts: Iterable[HouseAccount], day: date) -> None:
        """Before the first line: an account without lines does no harm, the reverse would."""
        for account in set(accounts) - self._known:
            since = AccountRow.since.set(AccountRow.since | day.isoformat())
            sk = f"{account.account}#{account.asset}"
            self._database.write(Update("house_account", AccountRow, ACCOUNTS, sk, (since,)))
            self._known.add(account)

    def _count(self, account: HouseAccount, shard: int, minor: int, lines: int) -> Update:
        key = balance_key(account.account, account.asset, shard)
        actions = (BalanceRow.minor.add(minor), BalanceRow.lines.add(lines))
        return Update(
            f"balance:{account.account}:{account.asset}", BalanceRow, key.pk, key.sk, actions
        )

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


def _of(line: HouseLine) -> HouseAccount:
    return HouseAccount(line.account, line.asset)
