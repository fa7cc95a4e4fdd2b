"""What a person can do about round-ups. Each act is done once per idempotency key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency, Money
from shared.payments.errors import MethodNotOffered
from shared.payments.methods import Method
from shared.payments.paying_in import check_may_pay_in, saved_for
from shared.payments.ports import Deposits, People, Purposes
from shared.payments.races import on_fresh_state
from shared.payments.requests import DepositRequest, checked_request
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import UnitOfWork, Write
from shared.recurring.dates import Zone, local_day
from shared.recurring.instruments import instrument
from shared.recurring.ports import CardKeeper, Instruments
from shared.recurring.retrying import RETRIES
from shared.roundups.errors import RoundUpsNotRunning, RoundUpsRunning
from shared.roundups.events import RoundUpsStartedV1
from shared.roundups.model import Habits, RoundUps, RoundUpsStatus, Source
from shared.roundups.ports import Pools, TransferPage
from shared.roundups.telling import changed_event
from shared.roundups.terms import MULTIPLIERS, terms_on


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. ``phone`` for M-Pesa; for a card ``card_of``, the deposit with
    which it was kept. Without a ``threshold`` the usual one holds."""

    currency: Currency
    method: Method
    habits: Habits = field(default_factory=Habits)
    threshold: Money | None = None
    zone: Zone = Zone.NAIROBI
    phone: str | None = None
    card_of: str | None = None


@dataclass(frozen=True, slots=True)
class RoundUpsService:
    """The use cases of the API about settings."""

    pools: Pools
    deposits: Deposits
    goals: Purposes
    keys: IdempotencyKeys
    facts: UnitOfWork
    people: People
    instruments: Instruments
    cards: Callable[[], CardKeeper]
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def start(self, user_id: str, *, key: str, wish: Wish) -> RoundUps:
        """Round-ups from now on, with an empty pool. Raises the typed errors of deposits,
        CardNotKept, and RoundUpsRunning for who has them already; nothing is recorded then."""
        content = (
            wish.method.value,
            wish.currency.value,
            None if wish.threshold is None else wish.threshold.minor,
            *_content(wish.habits),
            wish.zone.value,
            wish.phone,
            wish.card_of,
        )

        def changed(before: RoundUps | None) -> tuple[RoundUps, Event]:
            if before is not None and before.status is not RoundUpsStatus.STOPPED:
                raise RoundUpsRunning()
            after = self._started(user_id, key, wish, before)
            return after, RoundUpsStartedV1(
                user_id=user_id,
                round_ups_id=after.round_ups_id,
                method=after.source.method.value,
                multiplier=after.habits.multiplier,
                currency=after.currency.value,
                amount_minor=after.threshold.minor,
            )

        return self._act(Intent(user_id, "start_round_ups", key, content), changed)

    def change(self, user_id: str, *, key: str, habits: Habits) -> RoundUps:
        """Other settings for purchases that come from now on, and for the next transfer."""
        intent = Intent(user_id, "change_round_ups", key, _content(habits))

        def changed(before: RoundUps) -> tuple[RoundUps, Event] | None:
            wanted = self._checked(user_id, habits)
            if before.habits == wanted:
                return None
            after = before.noted(habits=wanted)
            return after, changed_event(after, "SETTINGS_CHANGED")

        return self._change(intent, changed)

    def pause_all(self, user_id: str, *, key: str) -> RoundUps:
        """Nothing is counted and nothing collected until they are resumed; what is being
        collected now still is."""
        return self._change(Intent(user_id, "pause_round_ups", key, ()), self._to("PAUSED"))

    def resume(self, user_id: str, *, key: str) -> RoundUps:
        """They run again; purchases that were reported meanwhile are not counted."""
        return self._change(Intent(user_id, "resume_round_ups", key, ()), self._to("ACTIVE"))

    def stop(self, user_id: str, *, key: str) -> RoundUps:
        """They end, and the pool with them: nothing of it had moved."""

        def changed(before: RoundUps) -> tuple[RoundUps, Event] | None:
            after = before.stopped(self.clock.now())
            return after, changed_event(after, "STOPPED")

        return self._change(Intent(user_id, "stop_round_ups", key, ()), changed, ended_is_fine=True)

    def of_person(self, user_id: str) -> RoundUps | None:
        """This person's, ended ones too; None when they never had any."""
        return self.pools.get(user_id)

    def transfers(self, user_id: str, *, limit: int, after: str | None = None) -> TransferPage:
        """This person's collections, newest first."""
        return self.pools.transfers(user_id, limit=limit, after=after)

    def _to(self, status: str) -> Callable[[RoundUps], tuple[RoundUps, Event] | None]:
        target = RoundUpsStatus(status)

        def changed(before: RoundUps) -> tuple[RoundUps, Event] | None:
            if before.status is target:
                return None
            after = before.moved(target, self.clock.now(), failures=0)
            return after, changed_event(after, "RESUMED" if status == "ACTIVE" else status)

        return changed

    def _change(
        self,
        intent: Intent,
        changed: Callable[[RoundUps], tuple[RoundUps, Event] | None],
        *,
        ended_is_fine: bool = False,
    ) -> RoundUps:
        def of_running(before: RoundUps | None) -> tuple[RoundUps, Event] | None:
            if before is None:
                raise RoundUpsNotRunning()
            if before.status is RoundUpsStatus.STOPPED:
                if ended_is_fine:
                    return None
                raise RoundUpsNotRunning()
            return changed(before)

        return self._act(intent, of_running)

    def _act(
        self,
        intent: Intent,
        changed: Callable[[RoundUps | None], tuple[RoundUps, Event] | None],
    ) -> RoundUps:
        def make() -> tuple[RoundUps, str, Sequence[Write]]:
            before = self.pools.get(intent.user_id)
            outcome = changed(before)
            if outcome is None:
                unchanged = _there(before)
                return unchanged, unchanged.round_ups_id, []
            after, tells = outcome
            return after, after.round_ups_id, [self.pools.save(before, after, tells)]

        def read(_: str) -> RoundUps:
            return _there(self.pools.get(intent.user_id))

        def attempt() -> RoundUps:
            return once(self.keys, self.facts, intent, make=make, read=read)[0]

        return on_fresh_state(attempt, self.pause)

    def _started(self, user_id: str, key: str, wish: Wish, before: RoundUps | None) -> RoundUps:
        if wish.method not in RETRIES:
            raise MethodNotOffered(method=wish.method.value)
        now = self.clock.now()
        terms = terms_on(wish.currency, local_day(now, wish.zone))
        threshold = wish.threshold or terms.threshold
        request = checked_request(user_id, key, wish.method, threshold, wish.phone)
        habits = self._checked(user_id, wish.habits)
        check_may_pay_in(self.people.standing(user_id))
        source = self._source(request, wish)
        if before is None:
            return RoundUps(
                user_id=user_id,
                round_ups_id=self.ids.new(Kind.ROUND_UPS),
                started_at=now,
                whole=terms.whole,
                threshold=threshold,
                source=source,
                zone=wish.zone,
                habits=habits,
                trace=correlation_id(),
            )
        again = replace(
            before,
            started_at=now,
            whole=terms.whole,
            threshold=threshold,
            source=source,
            zone=wish.zone,
            habits=habits,
            failures=0,
            trace=correlation_id(),
        )
        return again.moved(RoundUpsStatus.ACTIVE, now)

    def _checked(self, user_id: str, habits: Habits) -> Habits:
        """As they are recorded: the general goal is none, by its name too."""
        if habits.multiplier not in MULTIPLIERS:
            raise InvalidValue(field="multiplier", reason=f"must be 1 to {MULTIPLIERS[-1]}")
        purpose = saved_for(self.goals, user_id, habits.goal_id)
        return replace(habits, goal_id=purpose or None)

    def _source(self, request: DepositRequest, wish: Wish) -> Source:
        secret, shown_as = instrument(request, wish.card_of, self.deposits, self.cards)
        return Source(wish.method, self.instruments.seal(request.user_id, secret), shown_as)


def _content(habits: Habits) -> tuple[str | int | None, ...]:
    return (habits.multiplier, int(habits.whole_units), habits.goal_id)


def _there(found: RoundUps | None) -> RoundUps:
    if found is None:
        raise NotFound(what="Your round-ups")
    return found
