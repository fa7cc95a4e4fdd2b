"""The audit trail: what members of staff did to a person."""

import re
from datetime import datetime

import strawberry

from graphql_api.context import Context
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import AuditEntryId, Cursor, UserId
from shared.audit.alerts import ALERTED
from shared.audit.model import Action, Entry, Recorded
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.users.roles import Role

strawberry.enum(Action, name="StaffAction", description="What members of staff do.")
strawberry.enum(Role, description="What a person may do beyond looking after their own money.")
PLACE = re.compile(r"[0-9]{4}-[0-9T:.-]{20,22}Z#[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)


@object_type(description="A value before and after what was done; never personal data.")
class AuditChange:
    """See the description."""

    name: str = field(INHERITED, "What changed.")
    before: str | None = field(INHERITED, "As it was.")
    after: str | None = field(INHERITED, "As it became.")


@object_type(description="Who did what, when and why.")
class AuditEntry:
    """See the description."""

    entry_id: AuditEntryId = field(INHERITED, "Identifier.")
    at: datetime = field(INHERITED, "When.")
    actor: str = field(INHERITED, "User id of who did it, or `operator:` and a name.")
    actor_role: Role = field(INHERITED, "In which role; SYSTEM for the operators' tool.")
    subject: UserId = field(INHERITED, "To whom.")
    action: Action = field(INHERITED, "What.")
    reason: str = field(INHERITED, "Why, in the actor's words.")
    changes: list[AuditChange] = field(INHERITED, "What it changed.")
    correlation_id: str = field(INHERITED, "Finds the lines in the log.")
    intact: bool = field(INHERITED, "Whether the entry is as it was written.")


def trail_of(context: Context) -> AuditTrail:
    """Over the database of this request."""
    app = context.app
    return AuditTrail(AuditStore(app.database), app.clock, app.ids)


def audit_page(
    context: Context, user_id: str, first: int, after: Cursor | None
) -> Connection[AuditEntry]:
    """What was done to somebody, newest first."""
    size = page_size(first)
    place = None if after is None else from_cursor(after, PLACE)
    context.count_read()
    page = trail_of(context).page(user_id, size, place)
    # Of an alert nobody learns who is its subject, also no member of staff.
    hidden = ALERTED if user_id == context.user_id else frozenset()
    shown = [(at, each) for at, each in page.entries if each.entry.action not in hidden]
    return connection_of([(at, _view(each)) for at, each in shown], page.after)


def _view(recorded: Recorded) -> AuditEntry:
    entry = recorded.entry
    return AuditEntry(
        entry_id=AuditEntryId(entry.id),
        at=entry.at,
        actor=entry.actor.id,
        actor_role=entry.actor.role,
        subject=UserId(entry.subject),
        action=entry.action,
        reason=entry.reason,
        changes=changes_of(entry),
        correlation_id=entry.correlation_id,
        intact=recorded.intact,
    )


def changes_of(entry: Entry) -> list[AuditChange]:
    """What an entry says was changed, by name."""
    names = sorted(entry.before.keys() | entry.after.keys())
    return [
        AuditChange(name=name, before=entry.before.get(name), after=entry.after.get(name))
        for name in names
    ]
