"""The pool of round-ups, the purchases that fill it and the transfers that empty it. Pure.

At every moment: what was counted of purchases and not taken out again is what is in the pool, in
the open transfer and in paid transfers together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.money import Currency, Money
from shared.kernel.states import Transitions, advance
from shared.payments.methods import Method
from shared.payments.requests import LIMITS
from shared.recurring.dates import Zone, charged_at, local_day
from shared.roundups.reasons import ReturnReason

RETURNS_KEPT = 5
_DAY = timedelta(days=1)
_STEPS = {Method.MPESA: 100}
"""Minor units of what a method can move, where that is not one: whole shillings."""


class RoundUpsStatus(StrEnum):
    """Where a person's round-ups stand."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    """Nothing is counted and nothing collected; what is in the pool stays."""
    STOPPED = "STOPPED"
    """The pool has ended with it: nothing of it had moved. May be started again."""


_S = RoundUpsStatus
ROUND_UPS_MOVES: Transitions[RoundUpsStatus] = {
    _S.ACTIVE: frozenset({_S.PAUSED, _S.STOPPED}),
    _S.PAUSED: frozenset({_S.ACTIVE, _S.STOPPED}),
    _S.STOPPED: frozenset({_S.ACTIVE}),
}


class PurchaseStatus(StrEnum):
    """What became of a purchase's round-up."""

    COUNTED = "COUNTED"
    """It went into the pool."""
    NOT_COUNTED = "NOT_COUNTED"
    """Round-ups were paused when it was reported."""
    REMOVED = "REMOVED"
    """Refunded while it was in the pool: it is out again."""
    REFUNDED_LATER = "REFUNDED_LATER"
    """Refunded when it was no longer in the pool: what was collected stays saved."""


class TransferStatus(StrEnum):
    """Where one collection stands."""

    CHARGING = "CHARGING"
    """Its payment is being asked for, or has no certain end yet."""
    PAID = "PAID"
    RETURNED = "RETURNED"
    """Not paid: the amount is in the pool again, or ended with it."""


TRANSFER_MOVES: Transitions[TransferStatus] = {
    TransferStatus.CHARGING: frozenset({TransferStatus.PAID, TransferStatus.RETURNED}),
    TransferStatus.PAID: frozenset(),
    TransferStatus.RETURNED: frozenset({TransferStatus.PAID}),
}
"""From RETURNED to PAID: proof of payment of what had counted as unpaid."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is charged: a phone or a kept card, sealed, and the same masked."""

    method: Method
    sealed: bytes
    shown_as: str


@dataclass(frozen=True, slots=True)
class Habits:
    """What a person may change at any time; purchases count by what holds when they come."""

    multiplier: int = 1
    whole_units: bool = False
    goal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something that was bought, by the name that its reporter gives it."""

    user_id: str
    purchase_id: str
    amount: Money
    at: datetime
    round_up: Money
    """As it counts, with the multiplier."""
    pool: int
    """Number of the pool into which it went."""
    status: PurchaseStatus = PurchaseStatus.COUNTED

    @property
    def refunded(self) -> bool:
        """Whether it was undone."""
        return self.status in (PurchaseStatus.REMOVED, PurchaseStatus.REFUNDED_LATER)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One collection of the pool: it becomes one deposit at most."""

    user_id: str
    round_ups_id: str
    number: int
    """Of the pool that it empties; the next transfer has a higher one."""
    amount: Money
    source: Source
    begun_at: datetime
    goal_id: str | None = None
    status: TransferStatus = TransferStatus.CHARGING
    deposit_id: str | None = None
    reason: ReturnReason | None = None
    detail: str | None = None
    """The code of the refusal, where a rule refused it."""
    version: int = 1

    @property
    def key(self) -> str:
        """The idempotency key of its deposit."""
        return f"{self.round_ups_id}:{self.number}"

    def noted(self, **changes: Any) -> "Transfer":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def moved(self, target: TransferStatus, **changes: Any) -> "Transfer":
        """In another state, if that is legal."""
        return self.noted(status=advance(TRANSFER_MOVES, self.status, target), **changes)


@dataclass(frozen=True, slots=True)
class RoundUps:
    """A person's round-ups: settings, the pool, and the transfer that is open, if one is."""

    user_id: str
    round_ups_id: str
    started_at: datetime
    whole: Money
    threshold: Money
    source: Source
    zone: Zone
    habits: Habits
    status: RoundUpsStatus = RoundUpsStatus.ACTIVE
    pool: int = 0
    """Minor units of ``currency``. Less than nothing when a payment that had counted as failed
    came after all: the next round-ups make up for it."""
    number: int = 1
    """Of the pool that is being filled."""
    since: int = 1
    """The first pool whose purchases were not paid with a transfer."""
    first: int = 1
    """The first pool since they were last started."""
    open: int | None = None
    """Number of the transfer that has no end yet: there is one at most."""
    open_amount: Money | None = None
    """Its amount, in its own currency: a new start may be in another one before it ends."""
    due: datetime | None = None
    """When the pool is collected, or the open transfer looked at again."""
    charged_on: date | None = None
    """The day on which a transfer was begun last: there is one a day at most."""
    failures: int = 0
    """Transfers in a row that were not paid."""
    returned: tuple[int, ...] = ()
    """Transfers of late that went back: whether they were paid after all is looked at again."""
    trace: str = ""
    version: int = 1

    @property
    def currency(self) -> Currency:
        """Of the pool and of all that fills it."""
        return self.threshold.currency

    @property
    def pooled(self) -> Money:
        """What is in the pool."""
        return Money(self.pool, self.currency)

    @property
    def under_way(self) -> Money:
        """What is being collected, of an ended pool too."""
        return self.open_amount or Money.zero(self.currency)

    @property
    def subject(self) -> Mapping[str, str]:
        """As checks name it."""
        return {"user_id": self.user_id}

    @property
    def amount_to_charge(self) -> Money:
        """As much of the pool as one payment can move; nothing below the threshold."""
        if self.pooled < self.threshold:
            return Money.zero(self.currency)
        step = _STEPS.get(self.source.method, 1)
        largest = LIMITS[(self.source.method, self.currency)].maximum
        return Money(min(self.pool - self.pool % step, largest.minor), self.currency)

    def has(self, purchase: Purchase) -> bool:
        """Whether a purchase's round-up is in the pool now."""
        counted = purchase.status is PurchaseStatus.COUNTED
        return counted and purchase.pool >= self.since and purchase.pool > (self.open or 0)

    def noted(self, **changes: Any) -> "RoundUps":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def moved(self, target: RoundUpsStatus, now: datetime, **changes: Any) -> "RoundUps":
        """In another state, if that is legal."""
        status = advance(ROUND_UPS_MOVES, self.status, target)
        return self.noted(status=status, **changes).timed(now)

    def timed(self, now: datetime) -> "RoundUps":
        """With the time at which the pool is collected; the open transfer keeps its own."""
        if self.open is not None:
            return self
        if self.status is not RoundUpsStatus.ACTIVE or not self.amount_to_charge.minor:
            return replace(self, due=None)
        return self if self.due is not None else replace(self, due=self._next_time(now))

    def filled(self, minor: int, now: datetime) -> "RoundUps":
        """With so much more in the pool; or less."""
        return self.noted(pool=self.pool + minor).timed(now)

    def stopped(self, now: datetime) -> "RoundUps":
        """Ended, with what is in the pool. An open transfer goes on: a gateway was asked."""
        following = self.number + 1
        ended = {"pool": 0, "number": following, "since": following, "first": following}
        return self.moved(RoundUpsStatus.STOPPED, now, returned=(), **ended)

    def begun(self, now: datetime, look_again: datetime) -> tuple["RoundUps", Transfer]:
        """The pool is being collected: it is out of the pool before anybody is asked for it."""
        transfer = Transfer(
            user_id=self.user_id,
            round_ups_id=self.round_ups_id,
            number=self.number,
            amount=self.amount_to_charge,
            source=self.source,
            begun_at=now,
            goal_id=self.habits.goal_id,
        )
        after = self.noted(
            pool=self.pool - transfer.amount.minor,
            number=self.number + 1,
            open=transfer.number,
            open_amount=transfer.amount,
            due=look_again,
            charged_on=local_day(now, self.zone),
        )
        return after, transfer

    def closed(self, transfer: Transfer, now: datetime) -> "RoundUps":
        """The open transfer was paid."""
        since = max(self.since, transfer.number + 1)
        after = self.noted(open=None, open_amount=None, since=since, failures=0, due=None)
        return after.timed(now)

    def taken_back(self, transfer: Transfer, now: datetime, *, failures: int) -> "RoundUps":
        """The open transfer certainly came to nothing: its amount is in the pool again, unless
        its pool has ended meanwhile."""
        after = self.noted(open=None, open_amount=None, due=None)
        if transfer.number >= self.first:
            kept = (*self.returned, transfer.number)[-RETURNS_KEPT:]
            more = self.pool + transfer.amount.minor
            after = replace(after, pool=more, returned=kept, failures=failures)
        return after.timed(now)

    def proved(self, transfer: Transfer, now: datetime) -> "RoundUps":
        """A transfer that went back to the pool was paid after all."""
        left = tuple(number for number in self.returned if number != transfer.number)
        since = max(self.since, transfer.number + 1)
        return self.noted(
            pool=self.pool - transfer.amount.minor, since=since, returned=left, failures=0
        ).timed(now)

    def _next_time(self, now: datetime) -> datetime:
        """Nine o'clock to come, on a day without a transfer."""
        day = local_day(now, self.zone)
        if charged_at(day, self.zone) <= now or (self.charged_on or day - _DAY) >= day:
            day += _DAY
        return charged_at(day, self.zone)
