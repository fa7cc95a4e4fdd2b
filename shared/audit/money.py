"""What members of staff do about people's money; each act and its audit entry are one fact."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.cases.model import CaseKind, MoneyCase
from shared.cases.service import Resolving
from shared.disputes.asking import Asking
from shared.disputes.model import Dispute
from shared.kernel.errors import NotFound
from shared.kernel.money import Money
from shared.money_monitoring.errors import AlertClosesCase
from shared.payments.model import Deposit
from shared.payments.releasing import Releasing
from shared.payouts.model import Payout
from shared.platform.work import Write
from shared.refunds.service import Refunds
from shared.users.model import User

_NO_CODE = re.compile(r"[^A-Za-z0-9_:.#-]", re.ASCII)
"""What an audit entry does not take."""


def nothing_follows(case: MoneyCase) -> Sequence[Write]:
    """Most cases only say that somebody has looked."""
    return ()


@dataclass(frozen=True, slots=True)
class MoneyDuties:
    """Everything here raises NotFound, OwnAccount, StaffProtected, Forbidden when the actor's
    role was lost meanwhile, InvalidValue for a reason that is none, and TemporarilyUnavailable;
    in each case nothing was changed and nothing recorded.

    What is so already is success, and is not recorded again. ``person`` reads a profile; None
    when there is nobody.
    """

    person: Callable[[str], User | None]
    trail: AuditTrail
    refunds: Refunds
    releasing: Releasing
    asking: Asking
    resolving: Resolving
    following: Callable[[MoneyCase], Sequence[Write]] = nothing_follows
    """What else ends when a person resolves a case, such as a stop of automatic trading."""

    def refund(
        self, by: Acting, user_id: str, key: str, wish: tuple[str, Money | None], reason: str
    ) -> Payout:
        """Give a deposit, or a part of it, back. Raises what Refunds.by_staff raises."""
        words = self._allowed(by, user_id, reason)

        def record(deposit: Deposit, refund: Payout) -> Sequence[Write]:
            facts = {
                "deposit": deposit.deposit_id,
                "refund": refund.payout_id,
                "amount_minor": str(refund.amount.minor),
                "currency": refund.amount.currency.value,
            }
            entry = self.trail.entry(by.actor, Action.DEPOSIT_REFUNDED, user_id, words, after=facts)
            return [entry, *by.conditions]

        return self.refunds.by_staff(by.actor.id, user_id, key, wish, record)

    def release(self, by: Acting, user_id: str, deposit_id: str, reason: str) -> Deposit:
        """Let a deposit go on that was held for somebody to look at."""
        words = self._allowed(by, user_id, reason)

        def record(before: Deposit, after: Deposit) -> Sequence[Write]:
            why = "NONE" if before.reason is None else before.reason.value
            entry = self.trail.entry(
                by.actor,
                Action.DEPOSIT_REVIEWED,
                user_id,
                words,
                before={"deposit": deposit_id, "status": before.status.value, "reason": why},
                after={"deposit": deposit_id, "status": after.status.value},
            )
            return [entry, *by.conditions]

        return authorised(lambda: self.releasing.release(user_id, deposit_id, record))

    def collect(self, by: Acting, user_id: str, reason: str) -> Money:
        """Have what somebody owes taken out of their cash: how much that is. Raises
        NothingToCollect."""
        words = self._allowed(by, user_id, reason)

        def record(before: int, after: int) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                Action.RECEIVABLE_COLLECTED,
                user_id,
                words,
                before={"owed_minor": str(before)},
                after={"owed_minor": str(after)},
            )
            return [entry, *by.conditions]

        return authorised(lambda: self.asking.collect(user_id, record))

    def concede(self, by: Acting, user_id: str, dispute: tuple[str, str], reason: str) -> Dispute:
        """Have a dispute given up, named by its deposit's id and its own. Raises GatewayDecides
        and IllegalTransition."""
        words = self._allowed(by, user_id, reason)

        def record(before: Dispute) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                Action.DISPUTE_CONCEDED,
                user_id,
                words,
                before={"dispute": before.dispute_id, "status": before.status.value},
                after={"dispute": before.dispute_id, "status": "LOST"},
            )
            return [entry, *by.conditions]

        return authorised(lambda: self.asking.concede(user_id, *dispute, record))

    def resolve(self, by: Acting, case_id: str, note: str) -> MoneyCase:
        """Done with a case. What is about no person stands under the case in the trail. Raises
        AlertClosesCase for one that two people end, with its alert."""
        words = checked_reason(note)

        def record(before: MoneyCase, after: MoneyCase) -> Sequence[Write]:
            if before.kind is CaseKind.MONEY_ALERT:
                if before.user_id == by.actor.id:
                    raise NotFound(what="The case")
                raise AlertClosesCase()
            named = _NO_CODE.sub("_", before.case_id)[:80]
            if before.user_id is not None:
                self._person(by, before.user_id, "The case")
            entry = self.trail.entry(
                by.actor,
                Action.CASE_RESOLVED,
                before.user_id or named,
                words,
                before={"case": named, "status": before.status.value},
                after={"case": named, "status": after.status.value},
            )
            return [entry, *self.following(before), *by.conditions]

        return authorised(lambda: self.resolving.resolve(case_id, by.actor.id, words, record))

    def _allowed(self, by: Acting, user_id: str, reason: str) -> str:
        words = checked_reason(reason)
        self._person(by, user_id, "The person")
        return words

    def _person(self, by: Acting, user_id: str, what: str) -> None:
        not_oneself(by, user_id)
        user = self.person(user_id)
        if user is None:
            raise NotFound(what=what)
        not_above(by, user)
