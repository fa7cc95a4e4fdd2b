"""Rows of the audit trail, in a table of their own that nobody may rewrite."""

from typing import ClassVar

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from shared.audit.model import Action, Actor, Entry, Recorded
from shared.audit.ports import TrailPage
from shared.kernel.clock import to_text
from shared.kernel.ids import ulid_of
from shared.platform.tables import Database, InstantAttribute, Put, Row, Table
from shared.platform.work import Write
from shared.users.roles import Role

_FIRST, _LAST = "0", "9~"


class AuditRow(Row):
    """One entry, beside the digest that it had when it was written."""

    TABLE: ClassVar[Table] = Table.AUDIT
    KIND: ClassVar[str] = "audit_entry"

    id = UnicodeAttribute()
    actor = UnicodeAttribute()
    role = UnicodeAttribute()
    action = UnicodeAttribute()
    reason = UnicodeAttribute()
    before = JSONAttribute()
    after = JSONAttribute()
    correlation_id = UnicodeAttribute()
    at = InstantAttribute()
    previous = UnicodeAttribute(null=True)
    digest = UnicodeAttribute()


def _recorded(row: AuditRow) -> Recorded:
    entry = Entry(
        id=row.id,
        subject=row.pk,
        actor=Actor(row.actor, Role(row.role)),
        action=Action(row.action),
        reason=row.reason,
        before=dict(row.before),
        after=dict(row.after),
        correlation_id=row.correlation_id,
        at=row.at,
        previous=row.previous or "",
    )
    return Recorded(entry, row.digest)


class AuditStore:
    """See Entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, subject: str) -> Recorded | None:
        """See Entries."""
        entries = self.page(subject, 1).entries
        return entries[0][1] if entries else None

    def add(self, entry: Entry) -> Write:
        """See Entries."""
        row = AuditRow(
            pk=entry.subject,
            sk=f"{to_text(entry.at)}#{ulid_of(entry.id)}",
            id=entry.id,
            actor=entry.actor.id,
            role=entry.actor.role.value,
            action=entry.action.value,
            reason=entry.reason,
            before=dict(entry.before),
            after=dict(entry.after),
            correlation_id=entry.correlation_id,
            at=entry.at,
            previous=entry.previous or None,
            digest=entry.digest(),
        )
        return Put.new("audit", row)

    def page(self, subject: str, limit: int, after: str | None = None) -> TrailPage:
        """See Entries."""
        page = self._database.query(
            Table.AUDIT, subject, _FIRST, _LAST, newest_first=True, limit=limit, after=after
        )
        entries = tuple((row.sk, _recorded(row)) for row in page.rows(AuditRow))
        return TrailPage(entries, page.after)
