"""What the broker booked in a person's account, booked here: each line once, in any order."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.cases.model import CaseKind, MoneyCase, new_case
from shared.cases.ports import Cases
from shared.corporate_actions.declaring import Declaring, Outcome
from shared.corporate_actions.effects import Effect, effect_of
from shared.corporate_actions.errors import OwnerUnknown
from shared.corporate_actions.events import DividendPaidV1, DividendTaxedV1
from shared.corporate_actions.matching import chosen, near, unannounced
from shared.corporate_actions.model import (
    TAX_AWAITED,
    ActionStatus,
    Activity,
    ActivityKind,
    PersonAction,
    action_id,
)
from shared.corporate_actions.ports import (
    Actions,
    Announced,
    Market,
    Owners,
    Reinvesting,
    Restrictions,
    Situation,
)
from shared.corporate_actions.taxing import credited
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.ledger.ports import Ledger
from shared.market_data.announcements import Announcement
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.portfolio.dividing import divided
from shared.portfolio.ports import Positions

TRIES = 12
AFTER_OPEN = timedelta(minutes=5)
ONE_SHARE = 10**9
UNANNOUNCED = "UNANNOUNCED"


@dataclass(frozen=True, slots=True)
class Crediting:
    """Books the broker's lines: three reads and one write."""

    owners: Owners
    announced: Announced
    actions: Actions
    ledger: Ledger
    positions: Positions
    cases: Cases
    declaring: Declaring
    restrictions: Restrictions
    reinvesting: Reinvesting
    market: Market
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def apply(self, line: Activity) -> None:
        """Book a line; one that was booked before changes nothing.

        Raises OwnerUnknown for an account that is nobody's, and TemporarilyUnavailable.
        """
        user_id = self.owners.owner_of(line.account_id)
        if user_id is None:
            raise OwnerUnknown()
        announced = near(self.announced.announcements(line.symbol), line)
        if line.kind is ActivityKind.SPLIT:
            self._compare(user_id, line, announced)
            return
        if line.kind is ActivityKind.BY_PEOPLE:
            self._hand_over(user_id, line)
            return
        action = retry_lost_race(
            lambda: self._attempt(user_id, line, announced), tries=TRIES, pause=self.pause
        )
        # Also after a duplicate: whoever booked it may have died before this.
        if action is not None and action.status is ActionStatus.PAID and action.net_minor:
            self.reinvesting.ask(user_id, action.action_id, action.net_minor)

    def _attempt(
        self, user_id: str, line: Activity, announced: Sequence[Announcement]
    ) -> PersonAction | None:
        other, name, kind = unannounced(user_id, line)
        names = [action_id(user_id, one.id, one.effective) for one in announced]
        known = self.actions.load(user_id, line.symbol, [*names, other], activity_id=line.id)
        one = chosen(line, user_id, announced, known.actions)
        place = other if one is None else action_id(user_id, one.id, one.effective)
        before = known.actions.get(place) or PersonAction(
            action_id=place,
            user_id=user_id,
            announcement_id=name if one is None else one.id,
            kind=kind if one is None else one.kind,
            symbol=line.symbol,
            effective=line.settled if one is None else one.effective,
            # There is no claim that it could end.
            status=ActionStatus.WITHDRAWN,
            payable=None if one is None else one.payable_date,
        )
        if known.booked:
            return before
        now = self.clock.now()
        if not line.executed:
            self._doubt(user_id, line, before)
            return None
        effect = effect_of(line, before, known, now)
        after = replace(effect.action, due=self._due(before, effect.action, now))
        try:
            self.facts.commit(self._writes(line, known, effect, after), *_told(line, after))
        except ConditionFailed as failed:
            raise LostRace from failed
        return after

    def _due(self, before: PersonAction, after: PersonAction, now: datetime) -> datetime | None:
        """Plans are made while the market is open. A tax that comes first changes nothing about
        when the dividend is late; where none is awaited it is from then on."""
        if after.status is not ActionStatus.PAID:
            awaits = before.due is None and after.withheld_minor > 0
            return now + TAX_AWAITED if awaits else before.due
        return now + self.market.opens_in() + AFTER_OPEN

    def _writes(
        self, line: Activity, known: Situation, effect: Effect, after: PersonAction
    ) -> list[Write]:
        writes = [self.actions.save(after), self.actions.booked(line.id, after.action_id)]
        if effect.drafts:
            writes += self.ledger.post(
                known.wallet,
                *effect.drafts,
                posted=effect.posted,
                held=effect.held,
                owed=effect.owed,
                purses=divided(known.position.lots, effect.posted - effect.held),
            )
        if effect.position != known.position:
            writes.append(self.positions.save(effect.position))
            writes += credited(line, after, known.position, effect.position)
        if effect.doubt:
            writes.append(self.cases.open(self._case(after, line, effect.doubt)))
        return writes

    def _compare(self, user_id: str, line: Activity, announced: Sequence[Announcement]) -> None:
        """The broker has split: so do we, if the run over all has not come here yet."""
        business_now = self.market.business_now()
        if not announced or not (announced[-1].old_rate and announced[-1].new_rate):
            self._hand_over(user_id, line)
            return
        one = announced[-1]
        if business_now is None:
            # The run over all comes here by itself.
            return
        if self.declaring.book(user_id, one, business_now) is Outcome.WAITING or line.nanos <= 0:
            return
        place = action_id(user_id, one.id, one.effective)
        action = self.actions.load(user_id, line.symbol, [place]).actions.get(place)
        ours = 0 if action is None else action.after_nanos
        # What is less than a share may be paid out in cash.
        if not 0 <= ours - line.nanos < ONE_SHARE:
            doubtful = action or _nobody(user_id, line, place, one)
            self._open(self._case(doubtful, line, "SHARES_DIFFER"))

    def _hand_over(self, user_id: str, line: Activity) -> None:
        """Each line once: a late delivery of one that staff have seen stops nothing again."""
        place, name, kind = unannounced(user_id, line)
        if self.actions.load(user_id, line.symbol, [place], activity_id=line.id).booked:
            return
        self.restrictions.stop(line.symbol, UNANNOUNCED)
        action = PersonAction(
            place, user_id, name, kind, line.symbol, line.settled, ActionStatus.WITHDRAWN
        )
        case = self.cases.open(self._case(action, line, UNANNOUNCED))
        with suppress(ConditionFailed):
            # Another delivery of the same line was faster.
            self.facts.commit([case, self.actions.booked(line.id, place)])

    def _doubt(self, user_id: str, line: Activity, action: PersonAction) -> None:
        """A line that the broker takes back or corrects, without saying by how much: it must not
        be booked any more if it comes late, and a person looks at what was booked."""
        case = self.cases.open(self._case(action, line, "TAKEN_BACK_BY_BROKER"))
        try:
            self.facts.commit([case, self.actions.booked(line.id, action.action_id)])
        except ConditionFailed:
            self._open(self._case(action, line, "TAKEN_BACK_BY_BROKER"))

    def _open(self, case: MoneyCase) -> None:
        self.facts.commit([self.cases.open(case)])

    def _case(self, action: PersonAction, line: Activity, what: str) -> MoneyCase:
        return new_case(
            CaseKind.CORPORATE_ACTION,
            action.action_id,
            self.clock.now(),
            user_id=action.user_id,
            what=what,
            symbol=line.symbol,
            announcement=action.announcement_id,
            activity=line.id,
            line=line.word or line.kind.value,
            amount=f"{line.amount:f}",
            nanos=str(line.nanos),
        )


def _nobody(user_id: str, line: Activity, place: str, one: Announcement) -> PersonAction:
    return PersonAction(
        place, user_id, one.id, one.kind, line.symbol, one.effective, ActionStatus.APPLIED
    )


def _told(line: Activity, action: PersonAction) -> list[Event]:
    if line.kind is ActivityKind.TAX:
        return [
            DividendTaxedV1(
                user_id=action.user_id,
                action_id=action.action_id,
                symbol=action.symbol,
                withheld_minor=action.withheld_minor,
            )
        ]
    return [
        DividendPaidV1(
            user_id=action.user_id,
            action_id=action.action_id,
            symbol=action.symbol,
            amount_minor=action.paid_minor,
        )
    ]
