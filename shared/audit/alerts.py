"""What members of staff make of alerts; a word and its audit entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import NotFound
from shared.money_monitoring.disposing import Disposing, Record
from shared.money_monitoring.model import Alert, Disposition
from shared.platform.work import Write
from shared.users.model import User

ALERTED = frozenset({Action.MONEY_ALERT_PROPOSED, Action.MONEY_ALERT_DECIDED})
"""Entries that nobody may read of themselves: the law forbids that a person learns of an alert,
also a member of staff of their own."""


@dataclass(frozen=True, slots=True)
class AlertDuties:
    """``person`` reads a profile. Everything here raises NotFound (of one's own alert too: for
    whom it is about there is none), StaffProtected, Forbidden when the actor's role was lost
    meanwhile, InvalidValue for a reason that is none, and what Disposing raises; nothing was
    changed and nothing recorded then."""

    person: Callable[[str], User | None]
    disposing: Disposing
    trail: AuditTrail

    def propose(self, by: Acting, name: str, disposition: Disposition, reason: str) -> Alert:
        """See Disposing.propose."""
        words = checked_reason(reason)
        self._allowed(by, name)
        record = self._record(by, Action.MONEY_ALERT_PROPOSED, words)
        return authorised(
            lambda: self.disposing.propose(name, disposition, by.actor.id, words, record)
        )

    def decide(
        self, by: Acting, name: str, disposition: Disposition, agreed: bool, reason: str
    ) -> Alert:
        """See Disposing.decide."""
        words = checked_reason(reason)
        self._allowed(by, name)
        record = self._record(by, Action.MONEY_ALERT_DECIDED, words)
        return authorised(
            lambda: self.disposing.decide(name, disposition, agreed, by.actor.id, record)
        )

    def _allowed(self, by: Acting, name: str) -> None:
        alert = self.disposing.find(name)
        if alert.user_id == by.actor.id:
            raise NotFound(what="The alert")
        user = self.person(alert.user_id)
        if user is not None:
            not_above(by, user)

    def _record(self, by: Acting, action: Action, words: str) -> Record:
        def record(before: Alert, after: Alert) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                action,
                after.user_id,
                words,
                before=_facts(before),
                after=_facts(after),
            )
            return [entry, *by.conditions]

        return record


def _facts(alert: Alert) -> dict[str, str]:
    facts = {
        "alert": alert.name,
        "status": alert.status.value,
        "rule_version": str(alert.rule_version),
        "sum_minor": str(alert.minor),
    }
    if alert.proposal is None:
        return facts
    return facts | {"proposed": alert.proposal.disposition.value}
