"""What members of staff decide about money in suspense; each act and its entry are one fact."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import NotFound
from shared.payments.methods import Gateway
from shared.payments.suspended import Suspended
from shared.platform.work import Write
from shared.treasury.suspending import Record, Suspending
from shared.treasury.suspense import Decision
from shared.users.model import User

_PLAIN = re.compile(r"[A-Za-z0-9_:.#-]{1,80}", re.ASCII)
_OTHER = re.compile(r"[^A-Za-z0-9_:.#-]", re.ASCII)

type Payment = tuple[Gateway, str]


@dataclass(frozen=True, slots=True)
class SuspenseDuties:
    """Everything here raises NotFound, OwnAccount, StaffProtected, Forbidden when the actor's role
    was lost meanwhile, InvalidValue for a reason that is none, and what Suspending raises;
    nothing was changed and nothing recorded then.

    An act stands under the person whose the money is, or is said to be, in the trail, and under
    ``house``, the firm's id, where that is nobody. ``person`` reads a profile.
    """

    house: str
    person: Callable[[str], User | None]
    suspending: Suspending
    trail: AuditTrail

    def match(self, by: Acting, key: str, of: Payment, user_id: str, reason: str) -> Decision:
        """Say whose it is. See Suspending.propose."""
        words = checked_reason(reason)
        self._person(by, user_id)
        record = self._recording(by, Action.SUSPENSE_DECIDED, words)
        return authorised(
            lambda: self.suspending.propose(by.actor.id, key, of, user_id, words, record)
        )

    def give_back(
        self, by: Acting, key: str, of: Payment, reason: str, transfer: str | None = None
    ) -> Decision:
        """Have it sent back to where it came from. See Suspending.propose."""
        words = checked_reason(reason)
        owner = self.suspending.find(*of)[0].owner
        if owner is not None:
            self._person(by, owner)
        record = self._recording(by, Action.SUSPENSE_DECIDED, words)
        return authorised(
            lambda: self.suspending.propose(by.actor.id, key, of, None, words, record, transfer)
        )

    def confirm(self, by: Acting, of: Payment, agreed: bool, reason: str) -> Decision:
        """A second person's word. See Suspending.decide."""
        words = checked_reason(reason)
        found, before = self.suspending.find(*of)
        concerned = found.owner if before is None else before.user_id or found.owner
        if concerned is not None:
            self._person(by, concerned)
        record = self._recording(by, Action.SUSPENSE_CONFIRMED, words)
        return authorised(lambda: self.suspending.decide(by.actor.id, of, agreed, record))

    def _person(self, by: Acting, user_id: str) -> None:
        not_oneself(by, user_id)
        user = self.person(user_id)
        if user is None:
            raise NotFound(what="The person")
        not_above(by, user)

    def _recording(self, by: Acting, action: Action, words: str) -> Record:
        def record(decision: Decision, found: Suspended) -> Sequence[Write]:
            subject = decision.user_id or found.owner or self.house
            entry = self.trail.entry(by.actor, action, subject, words, after=_facts(decision))
            return [entry, *by.conditions]

        return record


def _code(payment: str) -> str:
    """A bank's own name may hold signs that the trail does not take: told apart by a digest."""
    if _PLAIN.fullmatch(payment):
        return payment
    digest = hashlib.sha256(payment.encode()).hexdigest()[:12]
    return f"{_OTHER.sub('.', payment)[:60]}#{digest}"


def _facts(decision: Decision) -> dict[str, str]:
    facts = {
        "gateway": decision.gateway.value,
        "payment": _code(decision.payment),
        "way": decision.way.value,
        "status": decision.status.value,
        "currency": decision.amount.currency.value,
        "minor": str(decision.amount.minor),
    }
    if decision.transfer is not None:
        facts["transfer"] = decision.transfer
    return facts if decision.result is None else facts | {"result": decision.result}
