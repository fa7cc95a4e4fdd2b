"""Alerts: what a rule found of a person, and what two members of staff make of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.cases.model import CaseKind, case_id_of
from shared.kernel.states import Transitions, advance
from shared.money_monitoring.names import Rule

EVIDENCE_MOST = 120
"""Movements that one alert names; the oldest go first."""


class AlertStatus(StrEnum):
    """Where an alert stands."""

    OPEN = "OPEN"
    PROPOSED = "PROPOSED"
    """One member of staff has said what to make of it; another one confirms it or not."""
    ESCALATED = "ESCALATED"
    """Somebody else has to look further: it still waits."""
    CLEARED = "CLEARED"
    REPORTED = "REPORTED"


class Disposition(StrEnum):
    """What is made of an alert."""

    CLEARED = "CLEARED"
    """There is an explanation."""
    ESCALATED = "ESCALATED"
    """It is looked into further."""
    REPORTED = "REPORTED"
    """A report was filed with the authority, outside of this platform."""


TRANSITIONS: Transitions[AlertStatus] = {
    AlertStatus.OPEN: frozenset({AlertStatus.PROPOSED}),
    AlertStatus.ESCALATED: frozenset({AlertStatus.PROPOSED}),
    AlertStatus.PROPOSED: frozenset(
        {
            # Not agreed to, or other movements joined it meanwhile.
            AlertStatus.OPEN,
            AlertStatus.ESCALATED,
            AlertStatus.CLEARED,
            AlertStatus.REPORTED,
        }
    ),
    AlertStatus.CLEARED: frozenset(),
    AlertStatus.REPORTED: frozenset(),
}
WAITING = frozenset({AlertStatus.OPEN, AlertStatus.PROPOSED, AlertStatus.ESCALATED})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the first member of staff says."""

    disposition: Disposition
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One per person and rule at a time. ``numbers`` are the newest pattern's: US cents, counts
    and codes, nothing personal."""

    user_id: str
    rule: Rule
    number: int
    rule_version: int
    opened_at: datetime
    found_at: datetime
    """When something was added to it last."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    minor: int = 0
    """The largest sum of money that one of its patterns was about."""
    evidence: tuple[str, ...] = ()
    """Identifiers of deposits, payouts and payout accounts."""
    status: AlertStatus = AlertStatus.OPEN
    escalated: bool = False
    """It was escalated once: not agreed to anything else it is so again."""
    proposal: Proposal | None = None
    """The newest, also of one that was not agreed to."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1

    @property
    def name(self) -> str:
        """What a case calls it."""
        return name_of(self.user_id, self.rule, self.number)

    @property
    def case_id(self) -> str:
        """Of the case, and of the alert itself in the back office."""
        return case_id_of(CaseKind.MONEY_ALERT, self.name)

    @property
    def waits_since(self) -> datetime:
        """For lists."""
        return self.opened_at if self.status in WAITING else self.decided_at or self.opened_at

    @property
    def _before(self) -> AlertStatus:
        return AlertStatus.ESCALATED if self.escalated else AlertStatus.OPEN

    def joined(
        self,
        version: int,
        numbers: Mapping[str, str],
        minor: int,
        evidence: Iterable[str],
        at: datetime,
    ) -> "Alert":
        """The same pattern with more movements. What somebody proposed was about less: it does
        not count any more."""
        status = self.status
        if status is AlertStatus.PROPOSED:
            status = advance(TRANSITIONS, status, self._before)
        return replace(
            self,
            rule_version=version,
            numbers=dict(numbers),
            minor=max(self.minor, minor),
            evidence=tuple(dict.fromkeys((*self.evidence, *evidence)))[-EVIDENCE_MOST:],
            found_at=at,
            status=status,
            version=self.version + 1,
        )

    def proposed(self, disposition: Disposition, reason: str, by: str, at: datetime) -> "Alert":
        """A member of staff says what to make of it."""
        status = advance(TRANSITIONS, self.status, AlertStatus.PROPOSED)
        proposal = Proposal(disposition, reason, by, at)
        return replace(self, status=status, proposal=proposal, version=self.version + 1)

    def confirmed(self, by: str, at: datetime) -> "Alert":
        """Another one agrees: it is what was proposed."""
        if self.proposal is None:
            raise ValueError("nothing was proposed")
        target = AlertStatus(self.proposal.disposition.value)
        status = advance(TRANSITIONS, self.status, target)
        return replace(
            self,
            status=status,
            escalated=self.escalated or target is AlertStatus.ESCALATED,
            decided_by=by,
            decided_at=at,
            version=self.version + 1,
        )

    def declined(self, by: str, at: datetime) -> "Alert":
        """Another one does not agree: it waits as before."""
        status = advance(TRANSITIONS, self.status, self._before)
        return replace(self, status=status, decided_by=by, decided_at=at, version=self.version + 1)


def name_of(user_id: str, rule: Rule, number: int) -> str:
    """The one name of an alert."""
    return f"{user_id}.{rule.value}.{number}"


def named_in(case_id: str) -> str | None:
    """The name of the alert whose case this is; None for a case about something else."""
    kind, _, name = case_id.partition(":")
    return name if kind == CaseKind.MONEY_ALERT.value and name.count(".") == 2 else None
