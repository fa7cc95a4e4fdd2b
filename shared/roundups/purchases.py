"""Purchases fill the pool: each of them once, whoever reports it and however often."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.clock import Clock, to_text
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.money import Currency, Money
from shared.payments.races import on_fresh_state
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import UnitOfWork, Write
from shared.roundups.errors import PurchaseDiffers, PurchaseInOtherCurrency, RoundUpsNotRunning
from shared.roundups.model import Purchase, PurchaseStatus, RoundUps, RoundUpsStatus
from shared.roundups.ports import Pools
from shared.roundups.rounding import round_up
from shared.roundups.terms import AT_MOST_AHEAD, AT_MOST_OLD, BATCH

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reported:
    """A purchase as its reporter tells it. Without a ``currency`` it is that of the pool."""

    purchase_id: str
    amount: str
    at: datetime
    currency: Currency | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The pool, and the purchases in the order in which they were reported."""

    round_ups: RoundUps
    purchases: tuple[Purchase, ...]


@dataclass(frozen=True, slots=True)
class Purchases:
    """The use cases of the API about purchases."""

    pools: Pools
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def record(self, user_id: str, *, key: str, reported: Sequence[Reported]) -> Recorded:
        """All of these in the pool, each once for ever, or none of them.

        One that was recorded before with the same amount is success and counts no more. Raises
        PurchaseDiffers for another amount under a known identifier, PurchaseInOtherCurrency,
        RoundUpsNotRunning, and InvalidValue for what is none, lies ahead of now or more than
        60 days back. While round-ups are paused, purchases are recorded and not counted.
        """
        if not 1 <= len(reported) <= BATCH:
            raise InvalidValue(field="purchases", reason=f"must be 1 to {BATCH}")
        owned = self._owned(user_id)
        wanted = [_purchase(user_id, one, owned.currency) for one in reported]
        names = tuple(dict.fromkeys(one.purchase_id for one in wanted))
        # The currency as it was named: that of the pool may be another one by the time of a replay.
        content = sorted(
            f"{one.purchase_id} {one.amount.minor} {as_told.currency or ''} {to_text(one.at)}"
            for one, as_told in zip(wanted, reported, strict=True)
        )
        intent = Intent(user_id, "record_purchases", key, tuple(content))
        return self._once(intent, names, lambda: self._added(user_id, wanted))

    def refund(self, user_id: str, *, key: str, purchase_id: str) -> Recorded:
        """The purchase was undone: its round-up is taken out of the pool while it is there, and
        stays where it was collected, or is being collected, already. NotFound for one that was
        never recorded; again, or for one that was not counted, is success and changes nothing."""
        intent = Intent(user_id, "refund_purchase", key, (_checked_id(purchase_id),))
        return self._once(intent, (purchase_id,), lambda: self._undone(user_id, purchase_id))

    def _once(
        self, intent: Intent, names: Sequence[str], make: Callable[[], Sequence[Write]]
    ) -> Recorded:
        user_id = intent.user_id

        def read(_: str = "") -> Recorded:
            found = self.pools.purchases(user_id, names)
            return Recorded(self._owned(user_id), tuple(found[name] for name in names))

        def attempt() -> bool:
            return once(
                self.keys,
                self.facts,
                intent,
                make=lambda: (True, user_id, make()),
                read=lambda _: False,
            )[0]

        on_fresh_state(attempt, self.pause)
        return read()

    def _added(self, user_id: str, wanted: Sequence[Purchase]) -> Sequence[Write]:
        before = self._owned(user_id)
        if before.status is RoundUpsStatus.STOPPED:
            raise RoundUpsNotRunning()
        now = self.clock.now()
        known = dict(self.pools.purchases(user_id, [one.purchase_id for one in wanted]))
        writes, minor = [], 0
        for one in wanted:
            same = known.get(one.purchase_id)
            if same is not None:
                if same.amount != one.amount:
                    raise PurchaseDiffers(purchase_id=one.purchase_id)
                continue
            _check_new(one, before, now)
            counted = _counted(one, before)
            known[one.purchase_id] = counted
            minor += counted.round_up.minor
            writes.append(self.pools.record(counted))
        if minor:
            writes.append(self.pools.save(before, before.filled(minor, now)))
        return writes

    def _undone(self, user_id: str, purchase_id: str) -> Sequence[Write]:
        before = self._owned(user_id)
        found = self.pools.purchases(user_id, [purchase_id]).get(purchase_id)
        if found is None:
            raise NotFound(what="The purchase")
        if found.refunded or found.status is PurchaseStatus.NOT_COUNTED:
            return []
        if not before.has(found):
            after = replace(found, status=PurchaseStatus.REFUNDED_LATER)
            return [self.pools.save_purchase(found, after)]
        removed = replace(found, status=PurchaseStatus.REMOVED)
        # Also when its round-up was nothing: the pool must not be collected in between.
        less = before.filled(-found.round_up.minor, self.clock.now())
        return [self.pools.save_purchase(found, removed), self.pools.save(before, less)]

    def _owned(self, user_id: str) -> RoundUps:
        found = self.pools.get(user_id)
        if found is None:
            raise RoundUpsNotRunning()
        return found


def _purchase(user_id: str, reported: Reported, usual: Currency) -> Purchase:
    """As reported, before anything of it is counted."""
    currency = reported.currency or usual
    amount = Money.parse(reported.amount, currency)
    if amount.minor <= 0:
        raise InvalidValue(field="amount", reason="must be positive")
    return Purchase(
        user_id=user_id,
        purchase_id=_checked_id(reported.purchase_id),
        amount=amount,
        at=reported.at,
        round_up=Money.zero(currency),
        pool=0,
        status=PurchaseStatus.NOT_COUNTED,
    )


def _checked_id(purchase_id: str) -> str:
    if not _ID.fullmatch(purchase_id):
        raise InvalidValue(
            field="purchaseId", reason="must be 1 to 64 letters, digits, dots, colons or dashes"
        )
    return purchase_id


def _check_new(purchase: Purchase, pool: RoundUps, now: datetime) -> None:
    if purchase.amount.currency is not pool.currency:
        raise PurchaseInOtherCurrency(
            purchase_id=purchase.purchase_id, currency=pool.currency.value
        )
    if purchase.at > now + AT_MOST_AHEAD:
        raise InvalidValue(field="at", reason="must not lie ahead of now")
    if purchase.at < now - AT_MOST_OLD:
        raise InvalidValue(
            field="at", reason=f"must not be longer ago than {AT_MOST_OLD.days} days"
        )


def _counted(purchase: Purchase, pool: RoundUps) -> Purchase:
    if pool.status is not RoundUpsStatus.ACTIVE:
        return replace(purchase, pool=pool.number)
    once_ = round_up(purchase.amount, pool.whole, whole_units=pool.habits.whole_units)
    return replace(
        purchase,
        round_up=Money(once_.minor * pool.habits.multiplier, once_.currency),
        pool=pool.number,
        status=PurchaseStatus.COUNTED,
    )
