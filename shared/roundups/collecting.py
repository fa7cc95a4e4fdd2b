"""Collecting the pool: each pool is collected once, and what is not paid goes back into it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import BaobabError
from shared.kernel.events import Event
from shared.payments.errors import DepositLapsed, PaymentRefused
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.races import on_fresh_state
from shared.payments.states import CREDITED, DepositStatus
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.work import UnitOfWork
from shared.recurring.dates import awake_from
from shared.recurring.endings import Standing, ending_of
from shared.recurring.retrying import FAILURES_ALLOWED, TOO_LATE
from shared.roundups.model import RoundUps, RoundUpsStatus, Transfer, TransferStatus
from shared.roundups.ports import Charges, Pools
from shared.roundups.reasons import NO_FAILURE, ReturnReason
from shared.roundups.rows import CHECK
from shared.roundups.telling import changed_event, returned_event
from shared.strategies.errors import GoalArchived

LOOK_AGAIN = timedelta(minutes=15)
"""When the sweep takes over from the chain of checks of a transfer."""


@dataclass(frozen=True, slots=True)
class Collecting:
    """The use case behind the check ``round_ups``.

    One transaction takes the amount out of the pool and records the transfer, before anybody is
    asked; its deposit has a key made of the pool's number; one transaction ends the transfer and
    puts the amount back where it was not paid. So a crash between any two lines continues the
    same transfer, and an amount is in the pool, under way or paid, and never in two of them.
    """

    pools: Pools
    charges: Charges
    facts: UnitOfWork
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def checked(self, user_id: str, attempt: int) -> None:
        """Move a person's open transfer on, or begin one when it is time; schedule the next
        check while an answer is awaited within minutes. The rest is found by the sweep."""

        def step() -> RoundUps | None:
            stored = self.pools.get(user_id)
            if stored is None:
                return None
            continue_trace(stored.trace)
            if stored.open is None:
                begun = self._begun(stored)
                if begun is None:
                    return None
                stored, transfer = begun
            else:
                found = self.pools.transfer(user_id, stored.open)
                if found is None:
                    raise LookupError(f"transfer {stored.open} has no row")
                transfer = found
            return self._charge(stored, transfer)

        awaited = on_fresh_state(step, self.pause)
        if awaited is not None and awaited.due is not None and self.clock.now() < awaited.due:
            self.checks.schedule(CHECK, awaited.subject, attempt + 1)

    def _begun(self, stored: RoundUps) -> tuple[RoundUps, Transfer] | None:
        """The pool's transfer, recorded; None when none is made now."""
        now = self.clock.now()
        if stored.due is None or now < stored.due or self._paid_after_all(stored):
            return None
        opens = _opens(stored, now)
        if opens > now:
            self.facts.commit([self.pools.save(stored, stored.noted(due=opens))])
            return None
        after, transfer = stored.begun(now, now + LOOK_AGAIN)
        self.facts.commit([self.pools.save(stored, after), self.pools.begin(transfer)])
        return after, transfer

    def _paid_after_all(self, stored: RoundUps) -> bool:
        """Whether a transfer that went back to the pool was paid late: it is taken out again."""
        for number in stored.returned:
            transfer = self.pools.transfer(stored.user_id, number)
            if transfer is None or transfer.deposit_id is None:
                continue
            deposit = self.charges.deposit(stored.user_id, transfer.deposit_id)
            if deposit is not None and deposit.status in CREDITED:
                paid = transfer.moved(TransferStatus.PAID, reason=None)
                after = stored.proved(transfer, self.clock.now())
                metric("RoundUpsPaidAfterAll", method=transfer.source.method.value)
                self.facts.commit(
                    [self.pools.save(stored, after), self.pools.save_transfer(transfer, paid)]
                )
                return True
        return False

    def _charge(self, stored: RoundUps, transfer: Transfer) -> RoundUps | None:
        """The round-ups while their transfer awaits an answer, else None."""
        deposit = None
        if transfer.deposit_id is not None:
            deposit = self.charges.deposit(stored.user_id, transfer.deposit_id)
        if deposit is None:
            deposit = self.charges.begun(transfer)
            if deposit is None or deposit.status is DepositStatus.CREATED:
                started = self._begin(stored, transfer, deposit)
                if not isinstance(started, Deposit):
                    return started
                deposit = started
        if transfer.deposit_id is None:
            noted = transfer.noted(deposit_id=deposit.deposit_id)
            self.facts.commit([self.pools.save_transfer(transfer, noted)])
            transfer = noted
        return self._follow(stored, transfer, deposit)

    def _begin(
        self, stored: RoundUps, transfer: Transfer, begun: Deposit | None
    ) -> Deposit | RoundUps | None:
        """The transfer's deposit; else the round-ups when it is to be tried again in a moment,
        or None when nothing is awaited now."""
        if begun is None and not self._may_ask(stored, transfer):
            return None
        try:
            return self.charges.begin(transfer)
        except (PaymentRefused, DepositLapsed):
            return self.charges.begun(transfer) or stored
        except GoalArchived:
            return self._for_the_general_goal(stored, transfer)
        except BaobabError as error:
            if error.retryable:
                logger("round_ups").warning("not charged yet", extra={"error": error.code})
                return stored
            self._return(stored, transfer, ReturnReason.REFUSED, error.code)
            return None

    def _for_the_general_goal(self, stored: RoundUps, transfer: Transfer) -> RoundUps:
        """Its goal was given up: this transfer and all later ones are for the general one, as is
        all else that was saved for it. No deposit was recorded, so another wish under the
        transfer's key is its first; its check follows in a moment."""
        after = stored
        writes = [self.pools.save_transfer(transfer, transfer.noted(goal_id=None))]
        if stored.habits.goal_id == transfer.goal_id:
            after = stored.noted(habits=replace(stored.habits, goal_id=None))
            writes.append(self.pools.save(stored, after, changed_event(after, "GOAL_ARCHIVED")))
        self.facts.commit(writes)
        return after

    def _may_ask(self, stored: RoundUps, transfer: Transfer) -> bool:
        """Whether somebody is asked whom nobody has asked yet."""
        now = self.clock.now()
        opens = _opens(stored, now)
        ended = transfer.number < stored.first
        if stored.status is not RoundUpsStatus.ACTIVE or ended:
            self._return(stored, transfer, ReturnReason.STOPPED)
        elif now >= transfer.begun_at + TOO_LATE:
            metric("RoundUpsTooLate", method=transfer.source.method.value)
            self._return(stored, transfer, ReturnReason.TOO_LATE)
        elif opens > now:
            self._look_at(stored, opens)
        else:
            return True
        return False

    def _follow(self, stored: RoundUps, transfer: Transfer, deposit: Deposit) -> RoundUps | None:
        now = self.clock.now()
        ending = ending_of(deposit, now)
        match ending.standing:
            case Standing.AWAITED:
                return stored
            case Standing.PAID:
                paid = transfer.moved(TransferStatus.PAID)
                self.facts.commit(
                    [
                        self.pools.save(stored, stored.closed(transfer, now)),
                        self.pools.save_transfer(transfer, paid),
                    ]
                )
            case Standing.WATCHED:
                self._look_at(stored, ending.look_at or now)
            case Standing.STAYS_OPEN:
                metric("RoundUpsStayOpen", method=transfer.source.method.value)
                self._look_at(stored, ending.look_at or now)
            case Standing.DECLINED:
                self._return(stored, transfer, ReturnReason.DECLINED_BY_PERSON)
            case Standing.UNPAID:
                self._return(stored, transfer, ReturnReason.NOT_PAID)
        return None

    def _look_at(self, stored: RoundUps, at: datetime) -> None:
        if stored.due is None or stored.due < at - LOOK_AGAIN:
            self.facts.commit([self.pools.save(stored, stored.noted(due=at))])

    def _return(
        self,
        stored: RoundUps,
        transfer: Transfer,
        reason: ReturnReason,
        detail: str | None = None,
    ) -> None:
        """The transfer certainly came to nothing; too many in a row pause the round-ups."""
        now = self.clock.now()
        failures = stored.failures + (reason not in NO_FAILURE)
        after = stored.taken_back(transfer, now, failures=failures)
        back = transfer.moved(TransferStatus.RETURNED, reason=reason, detail=detail)
        told: Event | None = None
        if transfer.number >= stored.first and reason not in NO_FAILURE:
            told = returned_event(transfer, reason)
            if failures >= FAILURES_ALLOWED and after.status is RoundUpsStatus.ACTIVE:
                metric("RoundUpsGivenUp", method=transfer.source.method.value)
                after = after.moved(RoundUpsStatus.PAUSED, now)
                told = changed_event(after, "FAILED")
        self.facts.commit(
            [self.pools.save(stored, after), self.pools.save_transfer(transfer, back, told)]
        )


def _opens(stored: RoundUps, now: datetime) -> datetime:
    """When the person may be asked: a card is charged at any hour."""
    return awake_from(now, stored.zone) if stored.source.method is Method.MPESA else now
