"""Looking after actions that are not complete: unpaid dividends, plans, and what is set aside."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.cases.model import CaseKind, MoneyCase, new_case
from shared.cases.ports import Cases
from shared.corporate_actions import dividends
from shared.corporate_actions.model import (
    DIVIDENDS,
    TAX_AWAITED,
    TOLERATED_MINOR,
    TRANSITIONS,
    ActionStatus,
    PersonAction,
)
from shared.corporate_actions.ports import Actions, Announced, Market, Reinvesting
from shared.kernel.clock import Clock
from shared.kernel.states import advance
from shared.ledger.ports import Ledger
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

TRIES = 8
AGAIN = timedelta(minutes=15)
GIVEN_UP = timedelta(days=10)
"""A dividend that could not be invested for so long stays cash."""


@dataclass(frozen=True, slots=True)
class Chasing:
    """Takes an action one step on."""

    actions: Actions
    announced: Announced
    ledger: Ledger
    cases: Cases
    reinvesting: Reinvesting
    market: Market
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def look(self, user_id: str, action_id: str) -> None:
        """A repetition, and a look at what is complete, change nothing.

        Raises TemporarilyUnavailable.
        """
        retry_lost_race(lambda: self._attempt(user_id, action_id), tries=TRIES, pause=self.pause)

    def _attempt(self, user_id: str, action_id: str) -> None:
        action, has_plan = self.actions.planned(user_id, action_id)
        if action is None or action.due is None or action.due > self.clock.now():
            return
        if action.status is ActionStatus.PAID:
            self._paid(action, has_plan)
        elif action.status is ActionStatus.DECLARED:
            self._unpaid(action)
        else:
            after = replace(action, due=None)
            self._commit([*self._without_dividend(after), self.actions.save(after)])

    def _unpaid(self, action: PersonAction) -> None:
        announced = self.announced.announcements(action.symbol)
        gone = any(one.id == action.announcement_id and one.withdrawn for one in announced)
        if not gone:
            case = self._case(action, "NOT_PAID")
            self._commit([self.cases.open(case), self.actions.save(replace(action, due=None))])
            return
        status = advance(TRANSITIONS, action.status, ActionStatus.WITHDRAWN)
        after = replace(action, status=status, due=None)
        writes = [*self._without_dividend(after), self.actions.save(after)]
        draft = dividends.withdrawn(action, self.clock.now())
        if draft is not None:
            known = self.actions.load(action.user_id, action.symbol, [])
            writes += self.ledger.post(known.wallet, draft)
        self._commit(writes)

    def _without_dividend(self, action: PersonAction) -> list[Write]:
        """A tax on what nobody has paid: whether the dividend comes, or the tax is given back, a
        person finds out. What it took beyond the cash that was there is owed meanwhile."""
        if action.status is not ActionStatus.WITHDRAWN or action.withheld_minor <= 0:
            return []
        taken = {"withheld": action.withheld_minor, "owed": action.owed_minor}
        facts = {f"{name}_minor": str(minor) for name, minor in taken.items()}
        return [self.cases.open(self._case(action, "TAX_WITHOUT_DIVIDEND", **facts))]

    def _paid(self, action: PersonAction, has_plan: bool) -> None:
        now = self.clock.now()
        since = action.at or now
        planned = action.planned or has_plan or not action.net_minor or now >= since + GIVEN_UP
        after, writes = replace(action, planned=planned), list[Write]()
        if action.held_minor and now >= since + TAX_AWAITED:
            wallet = self.actions.load(action.user_id, action.symbol, []).wallet
            writes.append(self.ledger.release(wallet, action.held_minor, orders=0))
            after = replace(after, held_minor=0)
        if after.complete:
            after = replace(
                after, status=advance(TRANSITIONS, after.status, ActionStatus.DONE), due=None
            )
            differs = abs(after.paid_minor - after.expected_minor - after.rounded_minor)
            if after.kind in DIVIDENDS and differs > TOLERATED_MINOR:
                writes.append(self.cases.open(self._case(after, "AMOUNT_DIFFERS")))
        else:
            waits = AGAIN if not planned else timedelta(days=1)
            opens = timedelta(0) if planned else self.market.opens_in()
            after = replace(after, due=now + opens + waits)
        self._commit([*writes, self.actions.save(after)])
        if not planned:
            self.reinvesting.ask(action.user_id, action.action_id, action.net_minor)

    def _commit(self, writes: list[Write]) -> None:
        try:
            self.facts.commit(writes)
        except ConditionFailed as failed:
            raise LostRace from failed

    def _case(self, action: PersonAction, what: str, **facts: str) -> MoneyCase:
        return new_case(
            CaseKind.CORPORATE_ACTION,
            action.action_id,
            self.clock.now(),
            user_id=action.user_id,
            what=what,
            symbol=action.symbol,
            announcement=action.announcement_id,
            expected_minor=str(action.expected_minor),
            paid_minor=str(action.paid_minor),
            **facts,
        )
