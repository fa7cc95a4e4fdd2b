"""An action for one person, when it takes effect: shares that change, a dividend that is theirs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from fractions import Fraction

from shared.corporate_actions import dividends, splits
from shared.corporate_actions.events import DividendDeclaredV1, SharesChangedV1
from shared.corporate_actions.model import (
    DIVIDENDS,
    LATE_AFTER,
    ActionStatus,
    PersonAction,
    action_id,
)
from shared.corporate_actions.ports import Actions, OpenOrders, Situation
from shared.corporate_actions.taxing import changed_shares
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.ledger.ports import Ledger
from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.calendar import OutsideCalendar, next_session, previous_session, session_on
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.portfolio.ports import Positions

TRIES = 12
BEFORE_OPEN = timedelta(hours=1)
"""So long before the first trade without a dividend nobody's open orders are waited for any more:
what was traded before has been told, and what they sell from then on had its dividend."""


class Outcome(Enum):
    """What came of one person."""

    BOOKED = auto()
    NOTHING = auto()
    """It was booked before, or nothing was held."""
    WAITING = auto()
    """Orders are open."""


def begins(effective: date) -> datetime:
    """From when on nobody can trade for the old terms any more: the close before that day."""
    try:
        return previous_session(effective).close
    except OutsideCalendar:
        return datetime.combine(effective, datetime.min.time(), tzinfo=UTC)


def trades(effective: date) -> datetime:
    """When the first trade under the new terms may happen."""
    try:
        return (session_on(effective) or next_session(effective)).open
    except OutsideCalendar:
        return datetime.combine(effective, datetime.min.time(), tzinfo=UTC) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Declaring:
    """Books an action for one person, once."""

    actions: Actions
    ledger: Ledger
    positions: Positions
    orders: OpenOrders
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def book(self, user_id: str, announced: Announcement, business_now: datetime) -> Outcome:
        """One read and one write; a repetition is one read.

        Raises ValueError for an announcement without what its kind needs, and
        TemporarilyUnavailable when others kept interfering.
        """
        return retry_lost_race(
            lambda: self._attempt(user_id, announced, business_now), tries=TRIES, pause=self.pause
        )

    def _attempt(self, user_id: str, announced: Announcement, business_now: datetime) -> Outcome:
        name = action_id(user_id, announced.id, announced.effective)
        becomes = announced.new_symbol if announced.kind is ActionKind.NAME_CHANGE else None
        known = self.actions.load(user_id, announced.symbol, [name], becomes=becomes or "")
        nanos = dividends.entitled(known.position.lots, announced.effective)
        if name in known.actions or not nanos:
            return Outcome.NOTHING
        paying = announced.kind in DIVIDENDS
        if known.wallet.open_orders and not (
            paying and business_now >= trades(announced.effective) - BEFORE_OPEN
        ):
            # What is still to be traded was ordered under the old terms.
            if not paying:
                self.orders.cancel(user_id, announced.symbol)
            return Outcome.WAITING
        action = PersonAction(
            action_id=name,
            user_id=user_id,
            announcement_id=announced.id,
            kind=announced.kind,
            symbol=announced.symbol,
            effective=announced.effective,
            status=ActionStatus.DECLARED if paying else ActionStatus.APPLIED,
            entitled_nanos=nanos,
            payable=announced.payable_date,
            at=self.clock.now(),
        )
        if paying:
            return self._declare(known, action, announced, business_now)
        return self._change(known, action, announced)

    def _declare(
        self,
        known: Situation,
        action: PersonAction,
        announced: Announcement,
        business_now: datetime,
    ) -> Outcome:
        if announced.cash is None:
            raise ValueError("a dividend has an amount")
        sure, more = dividends.expected(action.entitled_nanos, announced.cash)
        action = replace(
            action,
            expected_minor=sure,
            rounded_minor=more,
            due=self.clock.now() + waits(action, business_now),
        )
        draft = dividends.declared(action, self.clock.now(), announced.cash)
        if draft is None:
            return Outcome.NOTHING
        told = DividendDeclaredV1(
            user_id=action.user_id,
            action_id=action.action_id,
            symbol=action.symbol,
            entitled_nanos=action.entitled_nanos,
            expected_minor=sure,
        )
        return self._commit(
            [*self.ledger.post(known.wallet, draft), self.actions.save(action)], told
        )

    def _change(self, known: Situation, action: PersonAction, announced: Announcement) -> Outcome:
        before, now = known.position, self.clock.now()
        if known.other is not None:
            after, other = splits.renamed(before, known.other)
            action = replace(action, after_nanos=before.quantity_nanos)
            symbol, saved, ratio = other.symbol, [self.positions.save(other)], Fraction(1)
            draft = splits.renamed_entry(action, symbol, before.quantity_nanos, now)
        else:
            ratio = splits.ratio_of(announced)
            after = splits.split(before, ratio, announced.effective)
            action = replace(action, after_nanos=after.quantity_nanos)
            symbol, saved = before.symbol, []
            delta = after.quantity_nanos - before.quantity_nanos
            draft = splits.split_entry(action, delta, now, ratio)
        told = SharesChangedV1(
            user_id=action.user_id,
            action_id=action.action_id,
            kind=action.kind.value,
            symbol=action.symbol,
            new_symbol=symbol,
            before_nanos=before.quantity_nanos,
            after_nanos=action.after_nanos,
        )
        posted = [] if draft is None else self.ledger.post(known.wallet, draft)
        shares = [self.positions.save(after), *saved]
        lines = changed_shares(action, before, after, symbol, ratio)
        return self._commit([*posted, *shares, self.actions.save(action), *lines], told)

    def _commit(self, writes: list[Write], told: Event) -> Outcome:
        try:
            self.facts.commit(writes, told)
        except ConditionFailed as failed:
            if "action" in failed.found:
                return Outcome.NOTHING
            raise LostRace from failed
        return Outcome.BOOKED


def waits(action: PersonAction, business_now: datetime) -> timedelta:
    """How long a dividend may stay unpaid before somebody looks at it."""
    payable = action.payable or action.effective
    return max(payable - business_now.date(), timedelta(0)) + LATE_AFTER
