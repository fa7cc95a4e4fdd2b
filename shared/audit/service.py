"""The audit trail: entries that are written in the same transaction as what they tell of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.audit.model import Action, Actor, Entry, Recorded, tampered, values
from shared.audit.ports import Entries, TrailPage
from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.platform.correlation import correlation_id
from shared.platform.work import Write

_PAGE = 100


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The ports of the trail."""

    entries: Entries
    clock: Clock
    ids: Ids

    def entry(
        self,
        actor: Actor,
        action: Action,
        subject: str,
        reason: str,
        *,
        before: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> Write:
        """A new entry about ``subject``, chained to the newest one; costs one read.

        Commit it with the change itself, or alone before personal data is shown. Raises
        ValueError when ``before`` or ``after`` hold anything but codes, numbers and ids.
        """
        newest = self.entries.newest(subject)
        return self.entries.add(
            Entry(
                id=self.ids.new(Kind.AUDIT),
                subject=subject,
                actor=actor,
                action=action,
                reason=reason,
                before=values(before or {}),
                after=values(after or {}),
                correlation_id=correlation_id(),
                at=self.clock.now(),
                previous="" if newest is None else newest.stored_digest,
            )
        )

    def page(self, subject: str, limit: int, after: str | None = None) -> TrailPage:
        """What was done to somebody, newest first."""
        return self.entries.page(subject, limit, after)

    def whole(self, subject: str) -> Iterator[Recorded]:
        """Everything that was done to somebody, newest first."""
        after: str | None = None
        while True:
            page = self.entries.page(subject, _PAGE, after)
            yield from (recorded for _, recorded in page.entries)
            if page.after is None:
                return
            after = page.after

    def broken(self, subject: str) -> list[str]:
        """Ids of entries about somebody that are not as they were recorded, or whose
        predecessor is missing."""
        return tampered(self.whole(subject))
