"""Payments that could not be sent back: two members of staff say what is done instead.

A new payout takes the failed one's place, so that every order at a gateway has an identity of its
own, and what is still told of the old one is told of it alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.cases.model import CaseKind, CaseStatus, case_id_of
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.events import Event
from shared.payouts import telling
from shared.payouts.errors import PayoutNotStuck, TakenByBank, TransferKnown
from shared.payouts.making import new_follower
from shared.payouts.model import Payout, Rail
from shared.payouts.ports import Claims, PayoutAccounts, Payouts
from shared.payouts.remedies import Remedy, RemedyWay
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4
_SHILLING = 100

type Record = Callable[[Payout, Payout], Sequence[Write]]
"""The writes that belong to the same fact, from the payout before and after."""


@dataclass(frozen=True, slots=True)
class Remedying:
    """The use case of staff. Who pays is the payouts' worker: it begins with an event, and the
    sweep is its net."""

    payouts: Payouts
    accounts: PayoutAccounts
    claims: Claims
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def remedy(
        self, user_id: str, payout_id: str, word: tuple[RemedyWay, str], by: str, record: Record
    ) -> Payout:
        """What ``by`` wants to be done, and with which target. It is done when a second person
        wants the same; until then another word takes its place. The same word again is success.

        Raises NotFound, PayoutNotStuck for one that is not undelivered or for which something
        else is being done, InvalidValue for an account that cannot take it, TakenByBank for what
        the payer would then have twice, TransferKnown, and ConditionFailed when a condition of
        ``record`` does not hold; nothing was changed then.
        """

        def once() -> Payout:
            before = self.payouts.get(user_id, payout_id)
            if before is None:
                raise NotFound(what="The payout")
            known = before.remedy
            if known is not None and known.says(*word) and (known.agreed or known.by == by):
                return before
            if not before.undelivered:
                raise PayoutNotStuck(status=before.status.value)
            if word[0] is not RemedyWay.BY_HAND and self._claimed(before):
                raise TakenByBank
            same = known is not None and known.says(*word)
            remedy = known.confirmed(by) if known and same else Remedy(*word, by=by)
            return self._commit(before, remedy, record)

        return retry_lost_race(once, tries=_TRIES, pause=self.pause)

    def _claimed(self, payout: Payout) -> bool:
        """Not asked about what people have paid: that is so, whoever claims it."""
        of = (payout.deposit_id or "", payout.source or "")
        return self.claims.against(payout.user_id, *of)

    def _commit(self, before: Payout, remedy: Remedy, record: Record) -> Payout:
        follower = self._follower(before, remedy)
        after, events = before.noted(remedy=remedy), list[Event]()
        writes: list[Write] = []
        if remedy.agreed:
            after = replace(after, followed_by=follower.payout_id)
            writes = [self.payouts.create(follower), *self._closed(before, remedy)]
            if follower.rail is Rail.BY_HAND:
                writes.append(self.payouts.transfer(remedy.target, follower.payout_id))
            events = [telling.requested(follower)]
        try:
            self.facts.commit(
                [self.payouts.save(before, after), *writes, *record(before, after)], *events
            )
        except ConditionFailed as failed:
            if "transfer" in failed.found:
                raise TransferKnown() from None
            if failed.found.keys() & {"payout", "case"}:
                raise LostRace from None
            raise
        return after

    def _follower(self, before: Payout, remedy: Remedy) -> Payout:
        at = self.clock.now()
        if remedy.way is RemedyWay.AGAIN:
            return new_follower(before, at)
        if remedy.way is RemedyWay.BY_HAND:
            return new_follower(before, at, rail=Rail.BY_HAND, reference=remedy.target)
        found = self.accounts.usable(before.user_id, remedy.target, at)
        if found is None or found.currency is not before.amount.currency:
            raise InvalidValue(field="payoutAccountId", reason="must be one that can take it")
        if found.rail is Rail.MPESA_B2C and before.amount.minor % _SHILLING:
            raise InvalidValue(field="payoutAccountId", reason="must be one that can take it")
        return new_follower(
            before, at, rail=found.rail, account_id=remedy.target, shown_as=found.shown_as
        )

    def _closed(self, before: Payout, remedy: Remedy) -> list[Write]:
        case = self.cases.get(case_id_of(CaseKind.PAYOUT_FAILED, before.payout_id))
        if case is None or case.status is not CaseStatus.OPEN:
            return []
        note = f"{remedy.way.value}: {before.payout_id} is followed by another payout."
        return [self.cases.resolve(case, case.resolved(self.clock.now(), remedy.also or "", note))]
