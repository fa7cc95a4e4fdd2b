"""What members of staff do about payouts that are stuck; each act and its entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.payouts.findings import Found, checked_reference
from shared.payouts.model import Payout
from shared.payouts.remedies import RemedyWay
from shared.payouts.reviewing import Record, Reviewing
from shared.platform.work import Write
from shared.users.model import User

if TYPE_CHECKING:
    from shared.payouts.remedying import Remedying


@dataclass(frozen=True, slots=True)
class PayoutDuties:
    """All raise OwnAccount, StaffProtected, Forbidden when the actor's role was lost meanwhile,
    InvalidValue, NotFound and TemporarilyUnavailable; nothing was changed and nothing recorded
    then. What is so already is success, and is not recorded again.

    ``person`` reads a profile; None when there is nobody.
    """

    person: Callable[[str], User | None]
    reviewing: Reviewing
    remedying: "Remedying"
    trail: AuditTrail

    def release(self, by: Acting, user_id: str, payout_id: str, reason: str) -> Payout:
        """Let a payout go on that was held for somebody to look at."""
        record = self._recording(by, Action.PAYOUT_RELEASED, user_id, reason)
        return authorised(lambda: self.reviewing.release(user_id, payout_id, record))

    def settle(
        self, by: Acting, user_id: str, payout_id: str, word: tuple[Found, str], reason: str
    ) -> Payout:
        """Say how a payout ended that its gateway leaves open. Raises PayoutNotStuck."""
        found, reference = word[0], checked_reference(word[1])
        record = self._recording(by, Action.PAYOUT_SETTLED, user_id, reason)
        return authorised(
            lambda: self.reviewing.settle(
                user_id, payout_id, (found, reference), by.actor.id, record
            )
        )

    def remedy(
        self, by: Acting, user_id: str, payout_id: str, word: tuple[RemedyWay, str], reason: str
    ) -> Payout:
        """Say how a payment goes back that could not be sent. See Remedying."""
        record = self._recording(by, Action.PAYOUT_REMEDIED, user_id, reason)
        return authorised(
            lambda: self.remedying.remedy(user_id, payout_id, word, by.actor.id, record)
        )

    def _recording(self, by: Acting, action: Action, user_id: str, reason: str) -> Record:
        words = checked_reason(reason)
        not_oneself(by, user_id)
        user = self.person(user_id)
        # A payment of nobody known goes back under an id that no profile has.
        if user is not None:
            not_above(by, user)

        def record(before: Payout, after: Payout) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor, action, user_id, words, before=_facts(before), after=_facts(after)
            )
            return [entry, *by.conditions]

        return record


def _facts(payout: Payout) -> dict[str, str]:
    finding = payout.finding
    facts = {
        "payout": payout.payout_id,
        "status": payout.status.value,
        "debited": str(payout.debited.minor),
        "reason": "NONE" if payout.reason is None else payout.reason.value,
        "held": "YES" if payout.review else "NO",
    }
    remedy = payout.remedy
    if remedy is not None:
        facts |= {
            "way": remedy.way.value,
            "target": remedy.target or "NONE",
            "wanted_by": remedy.by,
            "wanted_also": remedy.also or "NONE",
            "followed_by": payout.followed_by or "NONE",
        }
    if finding is not None:
        facts |= {
            "found": finding.found.value,
            "reference": finding.reference,
            "by": finding.by,
            "also": finding.also or "NONE",
            "counts": "YES" if finding.agreed else "NO",
        }
    return facts
