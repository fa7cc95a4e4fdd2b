"""Rows by which codes count once and not for ever: accepted ones, asked ones, recovery codes."""

from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from shared.platform.tables import Database, Delete, InstantAttribute, Put, Row, Update
from shared.platform.work import ConditionFailed, Write
from shared.users.ports import RecoveryCodes

_CODE = "CODE"
_RECOVERY = "RECOVERY"
_RESET = "RESET"


class UsedCodeRow(Row):
    """A code that was accepted: its key is a keyed hash of person and code."""

    KIND: ClassVar[str] = "used_code"

    expires_at = NumberAttribute()


class ResetRow(Row):
    """A code for a new password was asked for: its key is a keyed hash of the address."""

    KIND: ClassVar[str] = "reset"

    until = InstantAttribute()
    expires_at = NumberAttribute()


class RecoveryRow(Row):
    """A person's recovery codes, in a partition of their own: no screen reads them."""

    KIND: ClassVar[str] = "recovery"

    unused = UnicodeSetAttribute(null=True)
    begun = UnicodeAttribute(null=True)


class FactorStore:
    """See Factors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, code_hash: str, now: datetime, until: datetime) -> Write:
        """See Factors."""
        row = UsedCodeRow(pk=f"CODE#{code_hash}", sk=_CODE, expires_at=int(until.timestamp()))
        over = UsedCodeRow.expires_at <= int(now.timestamp())
        return Put("code", row, UsedCodeRow.pk.does_not_exist() | over)

    def reset_asked(self, account: str, until: datetime) -> Write:
        """See Factors."""
        expires_at = int(until.timestamp())
        row = ResetRow(pk=f"RESET#{account}", sk=_RESET, until=until, expires_at=expires_at)
        return Put("reset", row)

    def reset_until(self, account: str) -> datetime | None:
        """See Factors."""
        row = self._database.get(ResetRow, f"RESET#{account}", _RESET)
        return None if row is None else row.until

    def recovery(self, user_id: str) -> RecoveryCodes:
        """See Factors."""
        row = self._database.get(RecoveryRow, f"RECOVERY#{user_id}", _RECOVERY)
        if row is None:
            return RecoveryCodes(frozenset())
        return RecoveryCodes(frozenset(row.unused or ()), row.begun)

    def renewed(self, user_id: str, code_hashes: frozenset[str]) -> Write:
        """See Factors."""
        return Put(
            "recovery",
            RecoveryRow(pk=f"RECOVERY#{user_id}", sk=_RECOVERY, unused=set(code_hashes)),
        )

    def begin_recovery(self, user_id: str, code_hash: str) -> bool:
        """See Factors."""
        taken = Update(
            "recovery",
            RecoveryRow,
            f"RECOVERY#{user_id}",
            _RECOVERY,
            (RecoveryRow.begun.set(code_hash), RecoveryRow.unused.delete({code_hash})),
            RecoveryRow.pk.exists() & RecoveryRow.unused.contains(code_hash),
        )
        try:
            self._database.write(taken)
        except ConditionFailed:
            return False
        return True

    def recovered(self, user_id: str, code_hash: str) -> Write:
        """See Factors."""
        return Delete(
            "recovery",
            RecoveryRow,
            f"RECOVERY#{user_id}",
            _RECOVERY,
            RecoveryRow.begun == code_hash,
        )
