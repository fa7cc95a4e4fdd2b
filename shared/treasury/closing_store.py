"""Rows of closings: one per account and day, and the sums that they are made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.platform.tables import Database, Put, Row, Table, WholeAttribute
from shared.platform.work import ConditionFailed
from shared.treasury.model import Closing, Proof
from shared.treasury.store import proof_partition

_BEGUN = "CLOSINGS"
_PROOF = "PROOF"
_SUMS = "SUM#"


class ClosingRow(Row):
    """One account at the end of one day."""

    KIND: ClassVar[str] = "house_closing"

    account = UnicodeAttribute()
    asset = UnicodeAttribute()
    minor = NumberAttribute()
    moved = NumberAttribute()
    lines = NumberAttribute()
    total_lines = NumberAttribute()
    late = WholeAttribute(default=0)
    """Rows from before there was this have none."""


class SumRow(Row):
    """The lines of one day, as they were summed last."""

    KIND: ClassVar[str] = "house_sum"

    minor = WholeAttribute()
    lines = WholeAttribute()


class ProofRow(Row):
    """All sums of an account together."""

    KIND: ClassVar[str] = "house_proof"

    minor = WholeAttribute()
    lines = WholeAttribute()
    since = UnicodeAttribute(null=True)
    version = WholeAttribute()


class BegunRow(Row):
    """A day that every account was asked to close."""

    KIND: ClassVar[str] = "house_closing_begun"


def _closing_of(row: ClosingRow) -> Closing:
    return Closing(
        account=row.account,
        asset=row.asset,
        day=date.fromisoformat(row.sk),
        minor=int(row.minor),
        moved=int(row.moved),
        lines=int(row.lines),
        total_lines=int(row.total_lines),
        late=int(row.late),
    )


class ClosingStore:
    """See Closings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, account: str, asset: str, until: date) -> Closing | None:
        """See Closings."""
        page = self._database.query(
            Table.CORE,
            proof_partition(account, asset),
            "0",
            until.isoformat(),
            newest_first=True,
            limit=1,
        )
        row = page.first(ClosingRow)
        return None if row is None else _closing_of(row)

    def keep(self, closing: Closing) -> Closing:
        """See Closings."""
        pk = proof_partition(closing.account, closing.asset)
        row = ClosingRow(
            pk=pk,
            sk=closing.day.isoformat(),
            account=closing.account,
            asset=closing.asset,
            minor=closing.minor,
            moved=closing.moved,
            lines=closing.lines,
            total_lines=closing.total_lines,
            late=closing.late,
        )
        try:
            self._database.write(Put.new("closing", row))
        except ConditionFailed:
            known = self._database.get(ClosingRow, pk, row.sk)
            return closing if known is None else _closing_of(known)
        return closing

    def proof(self, account: str, asset: str) -> Proof:
        """See Closings."""
        row = self._database.get(ProofRow, proof_partition(account, asset), _PROOF)
        if row is None:
            return Proof(account, asset)
        since = None if row.since is None else date.fromisoformat(row.since)
        return Proof(account, asset, int(row.minor), int(row.lines), since, int(row.version))

    def prove(self, proof: Proof, day: date, summed: tuple[int, int]) -> Proof:
        """See Closings."""
        pk, sk = proof_partition(proof.account, proof.asset), f"{_SUMS}{day.isoformat()}"
        # Read after the proof: if it changed since, then so did the proof's version.
        row = self._database.get(SumRow, pk, sk)
        before = (0, 0) if row is None else (int(row.minor), int(row.lines))
        if before == summed:
            return proof
        after = replace(
            proof,
            minor=proof.minor + summed[0] - before[0],
            lines=proof.lines + summed[1] - before[1],
            version=proof.version + 1,
        )
        day_row = SumRow(pk=pk, sk=sk, minor=summed[0], lines=summed[1])
        self._database.transact([_saved(proof, after), Put("house_sum", day_row)])
        return after

    def days(self, account: str, asset: str, after: date) -> Mapping[date, tuple[int, int]]:
        """See Closings."""
        first = f"{_SUMS}{(after + timedelta(days=1)).isoformat()}"
        pk = proof_partition(account, asset)
        page = self._database.query(Table.CORE, pk, first, f"{_SUMS}~")
        return {
            date.fromisoformat(row.sk.removeprefix(_SUMS)): (int(row.minor), int(row.lines))
            for row in page.rows(SumRow)
        }

    def since(self, proof: Proof, since: date) -> None:
        """See Closings."""
        if since != proof.since:
            after = replace(proof, since=since, version=proof.version + 1)
            self._database.write(_saved(proof, after))

    def begun(self, day: date) -> bool:
        """See Closings."""
        return self._database.get(BegunRow, _BEGUN, day.isoformat()) is not None

    def begin(self, day: date) -> None:
        """See Closings."""
        self._database.write(Put("begun", BegunRow(pk=_BEGUN, sk=day.isoformat())))


def _saved(before: Proof, after: Proof) -> Put:
    row = ProofRow(
        pk=proof_partition(after.account, after.asset),
        sk=_PROOF,
        minor=after.minor,
        lines=after.lines,
        since=None if after.since is None else after.since.isoformat(),
        version=after.version,
    )
    unchanged = (
        ProofRow.pk.does_not_exist() if before.version == 0 else ProofRow.version == before.version
    )
    return Put("house_proof", row, unchanged)
