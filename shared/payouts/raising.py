"""Raising the cash of a withdrawal that the wallet does not cover: sales, their settlement, a hold.

A look may be repeated and come in any order: it is about what is stored, not about what was told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.investing.inputs import Cause
from shared.investing.model import Order, Side
from shared.investing.plan import PlanOutcome, plan_id
from shared.investing.ports import Plans
from shared.kernel.clock import Clock
from shared.ledger.goal_cash import settled_cash
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.market_data.calendar import settlement_day
from shared.payments.ports import People, Purposes
from shared.payments.races import on_fresh_state
from shared.payouts import telling
from shared.payouts.closing import Closing
from shared.payouts.holding import held, settled_for, settling_of
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.patience import settles_at
from shared.payouts.ports import Payouts, Sales
from shared.payouts.reasons import PayoutReason
from shared.payouts.requests import gone_on
from shared.payouts.returning import released, stopped
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork
from shared.strategies.goals import GoalStatus

CHECK = "raise"
MAX_PLANS = 3
"""Of one withdrawal: what the first one did not bring, because prices fell or an order was
refused, the next ones try."""
LOOKED_AGAIN = timedelta(minutes=15)
"""After a look at one that waits for a plan or for orders, if no news of them comes before."""
PATIENCE = timedelta(days=10)
"""So long a plan that is asked for may wait for the market; then the withdrawal is given up."""


@dataclass(frozen=True, slots=True)
class Raising:
    """The use case behind every event and check about a withdrawal that is RAISING.

    The state is written first, and whoever finds it asks for the plan of its number: a plan has
    one identity, and is only made while the withdrawal still wants it. What sales brought is held
    once it has settled, in the write that lets the withdrawal go on. ``settled_on`` is the last
    day of which all that settles has settled.
    """

    payouts: Payouts
    plans: Plans
    ledger: Ledger
    people: People
    facts: UnitOfWork
    sales: Sales
    goals: Purposes
    closing: Closing
    settled_on: Callable[[], date]
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def planned(self, user_id: str, plan_id: str) -> None:
        """A plan was made, or its orders have ended: look at the withdrawal that it is for."""
        plan = self.plans.plan(user_id, plan_id)
        if plan is not None and plan.cause is Cause.WITHDRAWAL:
            self.look(user_id, plan.cause_id)

    def look(self, user_id: str, payout_id: str) -> Payout | None:
        """Move on as far as possible. The payout as it is then; None when there is none."""

        def once() -> Payout | None:
            payout, wallet = self.payouts.with_wallet(user_id, payout_id)
            if payout is None:
                metric("UnknownPayout")
                return None
            if payout.status is not PayoutStatus.RAISING:
                return payout
            continue_trace(payout.trace)
            return self._step(payout, wallet)

        return on_fresh_state(once, self.pause)

    def ended(self, user_id: str, payout_id: str) -> None:
        """It came to nothing, and what it held is free: open sales for it are stopped where that
        is still possible. What they have brought stays cash."""
        payout = self.payouts.get(user_id, payout_id)
        if payout is None or not payout.raised_first or payout.status is PayoutStatus.RAISING:
            return
        for name in plans_of(payout):
            plan = self.plans.plan(user_id, name)
            for order in [] if plan is None else self.plans.orders(user_id, plan.order_ids):
                if not order.final:
                    self.sales.stop(user_id, order.order_id)

    def _step(self, payout: Payout, wallet: Wallet) -> Payout:
        approved = self.people.standing(payout.user_id).identity_approved
        if stopped(payout, wallet) or not approved:
            return self._later(payout, PayoutReason.UNDER_REVIEW)
        plan = self.plans.plan(payout.user_id, plans_of(payout)[-1])
        if payout.everything is not None and not payout.everything.sells:
            return self._closed(payout, wallet)
        if plan is None:
            return self._ask(payout, wallet)
        if plan.decision.outcome is PlanOutcome.REFUSED:
            return self._stuck(payout, wallet)
        orders = self.plans.orders(payout.user_id, plan.order_ids)
        if len(orders) < len(plan.order_ids) or not all(order.final for order in orders):
            return self._later(payout, PayoutReason.CASH_RAISED)
        if not payout.estimated:
            return self._traded(payout, wallet, orders)
        unsold = any(one.side is Side.SELL and one.filled_nanos < one.nanos for one in orders)
        if unsold and payout.raises < MAX_PLANS:
            return self._once_more(payout, wallet, 0, self.settled_on())
        return self._closed(payout, wallet)

    def _ask(self, payout: Payout, wallet: Wallet) -> Payout:
        if self.clock.now() >= payout.entered_at + PATIENCE * payout.raises:
            return self._stuck(payout, wallet)
        # Noted first: when the message is lost, the sweep's next look sends another one.
        noted = self._later(payout, PayoutReason.CASH_RAISED)
        self.sales.plan(noted, plans_of(noted)[-2] if noted.raises > 1 else "")
        return noted

    def _later(self, payout: Payout, reason: PayoutReason) -> Payout:
        look_at = self.clock.now() + LOOKED_AGAIN
        return self._save(payout, payout.noted(reason=reason, look_at=look_at))

    def _traded(self, payout: Payout, wallet: Wallet, orders: Sequence[Order]) -> Payout:
        """All orders have ended: what has settled is held, or waited for, or was too little."""
        today = self.settled_on()
        free = self._free(payout, wallet, payout.lacks_minor, today)
        if free >= payout.lacks_minor:
            return self._covered(payout, wallet, today)
        days = _settling(orders) | settling_of(payout, wallet)
        later = sorted(day for day in days if day > today)
        if later:
            return self._wait(payout, later)
        if payout.raises >= MAX_PLANS:
            return self._give_up(payout, wallet)
        return self._once_more(payout, wallet, free, today)

    def _wait(self, payout: Payout, later: Sequence[date]) -> Payout:
        look_at = max(settles_at(later[0]), self.clock.now() + LOOKED_AGAIN)
        reason = PayoutReason.CASH_RAISED
        waits = payout.noted(reason=reason, settles_on=later[-1], look_at=look_at)
        return self._save(payout, waits)

    def _free(self, payout: Payout, wallet: Wallet, wanted: int, today: date) -> int:
        """What may be held for it: of a goal that was given up since, the general goal has all
        that was saved for it, and perhaps has taken it over already."""
        free = settled_for(payout, wallet, today)
        if free < wanted and payout.goal_id:
            goal = self.goals.get(payout.user_id, payout.goal_id)
            if goal is not None and goal.tag and goal.status is GoalStatus.ARCHIVED:
                return free + settled_cash(wallet, "", today)
        return free

    def _closed(self, payout: Payout, wallet: Wallet) -> Payout:
        """Of everything: all that could be sold is sold. The last fee comes first, then it goes
        on, with what it came to."""
        today, known = self.settled_on(), payout.everything
        sold = self._sold(payout)
        days = _settling(sold)
        if known is not None and known.later_on is not None:
            days = {*days, known.later_on}
        later = sorted(day for day in days if day > today)
        if later:
            return self._wait(payout, later)
        if known is not None and known.fee_minor is None:
            self.closing.charged(payout, wallet, sold, today)
            again, wallet = self.payouts.with_wallet(payout.user_id, payout.payout_id)
            if again is None or not again.estimated or again.status is not PayoutStatus.RAISING:
                return payout if again is None else again
            payout = again
        free = self._free(payout, wallet, payout.debited.minor, today)
        ended = self.closing.ended(payout, wallet, sold, free, today)
        return self._give_up(payout, wallet) if ended is None else ended

    def _sold(self, payout: Payout) -> list[Order]:
        """What all plans for it have sold."""
        found = []
        for name in plans_of(payout) if payout.everything and payout.everything.sells else []:
            plan = self.plans.plan(payout.user_id, name)
            found += [] if plan is None else self.plans.orders(payout.user_id, plan.order_ids)
        return [order for order in found if order.side is Side.SELL and order.filled_nanos]

    def _stuck(self, payout: Payout, wallet: Wallet) -> Payout:
        """No plan is made. Of everything what was sold before is paid out."""
        if payout.estimated and self._sold(payout):
            return self._closed(payout, wallet)
        return self._give_up(payout, wallet)

    def _covered(self, payout: Payout, wallet: Wallet, today: date) -> Payout:
        full, hold = held(self.ledger, payout, wallet, payout.lacks_minor, today)
        after = gone_on(replace(full, lacks_minor=0, settles_on=None), self.clock.now())
        self.facts.commit([self.payouts.save(payout, after), hold], telling.requested(after))
        metric("CashRaised", plans=str(payout.raises))
        return after

    def _once_more(self, payout: Payout, wallet: Wallet, free: int, today: date) -> Payout:
        """Another plan, for what is still lacking."""
        full, hold = held(self.ledger, payout, wallet, free, today)
        after = full.noted(
            lacks_minor=payout.lacks_minor - free,
            raises=payout.raises + 1,
            settles_on=None,
            look_at=self.clock.now() + LOOKED_AGAIN,
        )
        self.facts.commit([self.payouts.save(payout, after), hold])
        self.sales.plan(after, plans_of(after)[-2])
        return after

    def _give_up(self, payout: Payout, wallet: Wallet) -> Payout:
        """It cannot be raised: the person has all of it, in cash and shares."""
        reason = PayoutReason.CASH_NOT_RAISED
        after = payout.moved(PayoutStatus.FAILED, self.clock.now(), reason=reason)
        writes = [self.payouts.save(payout, after), *released(self.ledger, after, wallet)]
        self.facts.commit(writes, telling.failed(after, reason))
        metric("CashNotRaised")
        return after

    def _save(self, before: Payout, after: Payout) -> Payout:
        self.facts.commit([self.payouts.save(before, after)])
        return after


def _settling(orders: Sequence[Order]) -> set[date]:
    """Days on which what these have sold settles."""
    traded = {one.traded_on for one in orders if one.side is Side.SELL and one.filled_nanos}
    return {settlement_day(day) for day in traded if day is not None}


def plans_of(payout: Payout) -> list[str]:
    """Identifiers of the plans that raise its cash, the one that is next, or open, last."""
    names = [plan_id(payout.payout_id)]
    while len(names) < payout.raises:
        names.append(plan_id(names[-1]))
    return names
