"""Adding entries to the house's lines and counters, each once."""

from collections.abc import Iterable
from datetime import UTC, date
from zlib import crc32

from shared.kernel.clock import Clock
from shared.ledger.events import EntryPostedV1
from shared.platform.tables import Database, Put, Update
from shared.platform.work import ConditionFailed
from shared.treasury.model import HouseAccount, HouseLine, lines_of, moved
from shared.treasury.store import (
    ACCOUNTS,
    SHARDS,
    AccountRow,
    BalanceRow,
    HouseBalances,
    TouchedRow,
    balance_key,
    proof_partition,
    row_of,
    touched_place,
)


class HouseRecorder(HouseBalances):
    """See Recorder. One per process: it remembers what it has registered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock
        self._known: set[HouseAccount] = set()
        self._touched: set[tuple[HouseAccount, date]] = set()
        self._on = date.min

    def record(self, entry: EntryPostedV1) -> bool:
        """See Recorder."""
        lines = lines_of(entry)
        changes = moved(lines)
        self._register(changes, lines[0].day)
        shard = crc32(f"{entry.owner_id}#{entry.seq}".encode()) % SHARDS
        puts = [Put.new(f"line:{line.leg}", row_of(line)) for line in lines]
        counters = [
            _count(account, shard, minor, sum(account == _of(line) for line in lines))
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
        """Before the first line: an account or a day without lines does no harm, the reverse
        would. A day is named again on each day of the clock, so that a closing need not look
        further back than the one before it."""
        on = self._clock.now().astimezone(UTC).date()
        if on != self._on:
            self._on = on
            self._touched.clear()
        for account in accounts:
            if account not in self._known:
                since = AccountRow.since.set(AccountRow.since | day.isoformat())
                sk = f"{account.account}#{account.asset}"
                self._database.write(Update("house_account", AccountRow, ACCOUNTS, sk, (since,)))
                self._known.add(account)
            if (account, day) not in self._touched:
                pk = proof_partition(account.account, account.asset)
                row = TouchedRow(pk=pk, sk=touched_place(on, day), day=day.isoformat())
                self._database.write(Put("house_touched", row))
                self._touched.add((account, day))


def _count(account: HouseAccount, shard: int, minor: int, lines: int) -> Update:
    key = balance_key(account.account, account.asset, shard)
    actions = (BalanceRow.minor.add(minor), BalanceRow.lines.add(lines))
    return Update(f"balance:{account.account}:{account.asset}", BalanceRow, key.pk, key.sk, actions)


def _of(line: HouseLine) -> HouseAccount:
    return HouseAccount(line.account, line.asset)
