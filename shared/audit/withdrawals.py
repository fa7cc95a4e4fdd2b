"""What members of staff decide about withdrawals; a decision and its audit entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import NotFound
from shared.payouts.model import Payout
from shared.platform.work import Write
from shared.users.model import User
from shared.withdrawals.model import Verdict
from shared.withdrawals.reviewing import Reviewing


@dataclass(frozen=True, slots=True)
class WithdrawalDuties:
    """``person`` reads a profile; None when there is nobody."""

    person: Callable[[str], User | None]
    reviewing: Reviewing
    trail: AuditTrail

    def decide(
        self, by: Acting, user_id: str, payout_id: str, verdict: Verdict, reason: str
    ) -> Payout:
        """Agree to a withdrawal in review, or not.

        Raises OwnAccount, StaffProtected, Forbidden when the actor's role was lost meanwhile,
        InvalidValue for a reason that is none, NotFound, NotInReview, PayoutsBlocked and
        TemporarilyUnavailable; nothing was changed and nothing recorded then.
        """
        words = checked_reason(reason)
        not_oneself(by, user_id)
        user = self.person(user_id)
        if user is None:
            raise NotFound(what="The withdrawal")
        not_above(by, user)

        def record(before: Payout, after: Payout) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                Action.WITHDRAWAL_DECIDED,
                user_id,
                words,
                before=_facts(before),
                after=_facts(after) | {"verdict": verdict.value},
            )
            return [entry, *by.conditions]

        return authorised(
            lambda: self.reviewing.decide(user_id, payout_id, verdict, by.actor.id, record)
        )


def _facts(payout: Payout) -> dict[str, str]:
    return {
        "payout": payout.payout_id,
        "status": payout.status.value,
        "debited": str(payout.debited.minor),
        "agreed_by": payout.agreed_by or "NONE",
    }
