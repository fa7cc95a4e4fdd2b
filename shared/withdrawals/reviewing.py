"""A withdrawal in review: a member of staff agrees, or two, or one of them does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.cases.model import CaseKind, CaseStatus, case_id_of
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.requests import PayoutRequests
from shared.platform.contention import full_jitter
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)
from shared.withdrawals.errors import NotInReview, PayoutsBlocked
from shared.withdrawals.events import WithdrawalRejectedV1
from shared.withdrawals.model import Verdict, approvals_needed

_TRIES = 4
_OURS = frozenset({"payout", "wallet", "case"})
"""Writes whose conditions fail when somebody else was faster."""

type Record = Callable[[Payout, Payout], Sequence[Write]]
"""The writes that belong to the same fact, from the payout before and after."""
type _Change = tuple[Payout, list[Write], list[Event]]


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The ports of this use case."""

    payouts: Payouts
    requests: PayoutRequests
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    approval_minor: int
    pause: Callable[[int], None] = full_jitter

    def decide(
        self, user_id: str, payout_id: str, verdict: Verdict, by: str, record: Record
    ) -> Payout:
        """Agree or not; ``by`` is who decides, and has been found to be allowed to.

        From ten times the approval amount on two different people have to agree: the first one's
        word is kept with the payout. Deciding again alike is success and changes nothing. Raises
        NotFound, NotInReview once it was decided otherwise or taken back, and PayoutsBlocked when
        meanwhile nothing may leave the person's account.
        """

        def attempt() -> Payout:
            try:
                return self._decide(user_id, payout_id, verdict, by, record)
            except ConditionFailed as failed:
                if _OURS & failed.found.keys():
                    raise LostRace from None
                raise

        return retry_lost_race(attempt, tries=_TRIES, pause=self.pause)

    def _decide(
        self, user_id: str, payout_id: str, verdict: Verdict, by: str, record: Record
    ) -> Payout:
        before, wallet = self.payouts.with_wallet(user_id, payout_id)
        if before is None or before.purpose is not Purpose.WITHDRAWAL:
            raise NotFound(what="The withdrawal")
        if before.status is not PayoutStatus.IN_REVIEW:
            if self._decided_so(before, verdict):
                return before
            raise NotInReview(status=before.status.value)
        if verdict is Verdict.APPROVE and before.agreed_by == by:
            return before
        after, writes, events = (
            self._approved(before, wallet, by)
            if verdict is Verdict.APPROVE
            else self._rejected(before, wallet)
        )
        if after.status is not PayoutStatus.IN_REVIEW:
            writes += self._closing(after, verdict, by)
        self.facts.commit([*writes, *record(before, after)], *events)
        return after

    def _decided_so(self, payout: Payout, verdict: Verdict) -> bool:
        """Whether staff had decided like this: it was in review, and went on or did not."""
        if verdict is Verdict.REJECT:
            return payout.status is PayoutStatus.REJECTED
        was_held = any(one.status is PayoutStatus.IN_REVIEW for one in payout.moves)
        untouched = frozenset({PayoutStatus.REJECTED, PayoutStatus.CANCELLED})
        return was_held and payout.status not in untouched

    def _approved(self, before: Payout, wallet: Wallet, by: str) -> _Change:
        if wallet.blocks or wallet.owed:
            raise PayoutsBlocked()
        # Holds nothing more: a dispute of this very moment makes the condition fail.
        still_free = self.ledger.reserve(wallet, 0, orders=0, to_leave=True)
        minor, estimated = before.debited.minor, before.estimated
        needed = approvals_needed(minor, self.approval_minor, estimated=estimated)
        if needed > 1 and before.agreed_by is None:
            noted = before.noted(agreed_by=by)
            return noted, [self.payouts.save(before, noted), still_free], []
        after, writes, event = self.requests.agreed(before)
        return after, [*writes, still_free], [event]

    def _rejected(self, before: Payout, wallet: Wallet) -> _Change:
        after, writes = self.requests.rejected(before, wallet)
        event = WithdrawalRejectedV1(
            user_id=after.user_id,
            payout_id=after.payout_id,
            debited_minor=after.debited.minor,
        )
        return after, writes, [event]

    def _closing(self, payout: Payout, verdict: Verdict, by: str) -> list[Write]:
        """The case of the rules, where there is one, is answered by the decision."""
        case = self.cases.get(case_id_of(CaseKind.WITHDRAWAL_REVIEW, payout.payout_id))
        if case is None or case.status is not CaseStatus.OPEN:
            return []
        done = case.resolved(self.clock.now(), by, f"withdrawal: {verdict.value}")
        return [self.cases.resolve(case, done)]
