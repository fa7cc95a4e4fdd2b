"""Whatever is repeated, lost, late or dies: no cent is lost, doubled or collected twice."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError
from shared.payments.ports import Failed, Lapsed, NoAnswer, Paid, Waiting
from shared.payments.reasons import Reason
from shared.payments.settlement import LATE, Hint
from shared.payments.states import CREDITED
from shared.recurring.dates import local_day
from shared.roundups.model import Habits, PurchaseStatus, RoundUpsStatus, TransferStatus
from tests.roundups.conftest import Coins

STEPS = st.sampled_from(
    [
        *("buy", "buy", "buy", "same", "refund", "minutes", "hour", "nine", "nine", "days"),
        *("sweep", "sweep", "checks", "checks", "again", "pay", "fail", "decline", "silence"),
        *("lapse", "look", "pay_late", "not_sent", "no_word", "refused", "pause", "resume"),
        *("more", "restart", "die_before", "die_after", "die_at_gateway"),
    ]
)


class Play:
    """Acts one step after another, as deliveries, shops and people do."""

    def __init__(self, *, card: bool) -> None:
        self.coins, self.card, self.count = Coins(), card, 0
        (self.coins.start if card else self.coins.start_phone)(habits=Habits(multiplier=5))
        self.seen: list[Any] = []
        self.told: list[Any] = []
        self.days: dict[int, datetime] = {}

    def act(self, step: str) -> None:
        self.count += 1
        with suppress(BaobabError, RuntimeError):
            getattr(self, f"do_{step}")()
        self.coins.world.rate()

    @property
    def latest(self) -> Any:
        return next(iter(self.coins.made()), None)

    def do_buy(self) -> None:
        bought = [self.coins.bought("1.01", f"b{self.count}-{i}") for i in range(self.count % 4)]
        self.told += bought
        self.coins.reports(*bought, self.coins.bought("12.10", f"b{self.count}"))

    def do_same(self) -> None:
        """Purchases are reported again, with another key."""
        self.coins.reports(*self.told[-3:])

    def do_refund(self) -> None:
        if self.told:
            self.coins.refunds(self.told[self.count % len(self.told)].purchase_id)

    def do_minutes(self) -> None:
        self.coins.clock.advance(timedelta(minutes=7))

    def do_hour(self) -> None:
        self.coins.clock.advance(timedelta(hours=1, minutes=1))

    def do_nine(self) -> None:
        self.coins.tomorrow()
        self.do_sweep()

    def do_days(self) -> None:
        self.coins.clock.advance(timedelta(days=2))

    def do_sweep(self) -> None:
        self.seen += self.coins.swept()
        self.coins.run()

    def do_checks(self) -> None:
        self.coins.checks()

    def do_again(self) -> None:
        for message in self.seen[-5:]:
            self.coins.deliver(message)

    def _ends(self, outcome: Any) -> None:
        if self.latest is not None and self.latest.status not in CREDITED:
            self.coins.world.gateways[self.latest.gateway].set(self.latest, outcome)
            self.coins.world.signal(self.latest)

    def do_pay(self) -> None:
        if self.latest is not None:
            self._ends(Paid(f"paid-{self.latest.deposit_id}", self.latest.amount))

    def do_pay_late(self) -> None:
        """Any payment that no gateway has denied is proved, while gateways are still asked."""
        for deposit in self.coins.made():
            vendor = self.coins.world.gateways[deposit.gateway]
            for reference, owner in vendor.owners.items():
                denied = isinstance(vendor.attempts[reference], Failed)
                in_time = self.coins.clock.now() < deposit.lapses_at + LATE
                if owner == deposit.deposit_id and not denied and in_time:
                    vendor.attempts[reference] = Paid(reference, deposit.amount)
                    with suppress(BaobabError):
                        self.coins.world.signal(deposit, Hint(reference))

    def do_fail(self) -> None:
        self._ends(Failed(Reason.INSUFFICIENT_FUNDS))

    def do_decline(self) -> None:
        self._ends(Failed(Reason.CANCELLED_BY_PAYER))

    def do_silence(self) -> None:
        self._ends(NoAnswer())

    def do_lapse(self) -> None:
        self._ends(Lapsed())

    def do_look(self) -> None:
        if self.latest is not None:
            self.coins.world.check(self.latest)

    def _vendor(self, how: str, times: int) -> None:
        script = self.coins.keeper.script if self.card else self.coins.push.start_script
        script[:] = [how] * times

    def do_not_sent(self) -> None:
        self._vendor("not_sent", 3)

    def do_no_word(self) -> None:
        self._vendor("no_word", 3)

    def do_refused(self) -> None:
        self._vendor("refused", 1)

    def do_die_at_gateway(self) -> None:
        self._vendor("crash_after", 1)

    def do_die_before(self) -> None:
        self.coins.world.facts.script = ["ok"] * (self.count % 3) + ["before"]

    def do_die_after(self) -> None:
        self.coins.world.facts.script = ["ok"] * (self.count % 3) + ["after"]

    def do_pause(self) -> None:
        self.coins.service.pause_all(self.coins.user_id, key=f"p{self.count}")

    def do_resume(self) -> None:
        self.coins.service.resume(self.coins.user_id, key=f"r{self.count}")

    def do_more(self) -> None:
        habits = Habits(multiplier=1 + self.count % 10, whole_units=bool(self.count % 2))
        self.coins.service.change(self.coins.user_id, key=f"m{self.count}", habits=habits)

    def do_restart(self) -> None:
        if self.count % 3 == 0:
            self.coins.service.stop(self.coins.user_id, key=f"s{self.count}")
            start = self.coins.start if self.card else self.coins.start_phone
            start(key=f"a{self.count}", habits=Habits(multiplier=5))

    def check(self) -> None:
        stored, transfers = self.coins.now(), self.coins.transfers()
        names = list(dict.fromkeys(one.purchase_id for one in self.told))
        names += [f"b{number}" for number in range(self.count + 1)]
        found: list[Any] = []
        for start in range(0, len(names), 100):
            found += self.coins.store.purchases(
                self.coins.user_id, names[start : start + 100]
            ).values()
        counted = sum(
            one.round_up.minor
            for one in found
            if one.pool >= stored.first and one.status is not PurchaseStatus.REMOVED
        )
        mine = [one for one in transfers if one.number >= stored.first]
        open_ = [one for one in transfers if one.status is TransferStatus.CHARGING]
        paid = sum(one.amount.minor for one in mine if one.status is TransferStatus.PAID)
        under_way = sum(one.amount.minor for one in open_ if one.number >= stored.first)
        # What was counted is in the pool, under way or paid: to the cent, at any moment.
        assert counted == stored.pool + under_way + paid
        assert [one.number for one in open_] == ([] if stored.open is None else [stored.open])
        assert sum(one.amount.minor for one in open_) == stored.under_way.minor
        self.check_payments(transfers)

    def check_payments(self, transfers: Any) -> None:
        made = {one.deposit_id: one for one in self.coins.made()}
        named = [one.deposit_id for one in transfers if one.deposit_id]
        assert len(set(named)) == len(named)
        for one in transfers:
            deposit = made.get(one.deposit_id)
            assert deposit is None or deposit.amount == one.amount
            if one.status is TransferStatus.PAID:
                assert deposit is not None
                assert deposit.status in CREDITED
        # Every deposit is that of a transfer, which may not know it yet.
        assert len(made) <= len(transfers)
        zone = self.coins.now().zone
        days = [local_day(one.begun_at, zone) for one in transfers]
        assert len(set(days)) == len(days)
        vendor = self.coins.keeper.gateway if self.card else self.coins.push
        asked = [owner for owner in vendor.owners.values() if owner in made]
        assert len(asked) == len(set(asked))

    def end(self) -> None:
        """Nothing breaks any more: everything that was begun comes to an end."""
        self.coins.world.facts.script = []
        self.coins.keeper.script[:] = []
        self.coins.push.start_script[:] = []
        with suppress(BaobabError):
            self.coins.service.pause_all(self.coins.user_id, key="end")
        attempts = self.coins.keeper.gateway.attempts
        attempts |= {name: Lapsed() for name, one in attempts.items() if isinstance(one, Waiting)}
        for _ in range(12):
            self.coins.clock.advance(timedelta(hours=13))
            self.coins.world.rate()
            for deposit in self.coins.made():
                with suppress(BaobabError):
                    self.coins.world.check(deposit)
            self.coins.queue.sent.clear()
            self.coins.run()
            self.coins.checks()
        stored = self.coins.now()
        assert (stored.open, stored.due, self.coins.swept()) == (None, None, [])
        assert stored.status is not RoundUpsStatus.ACTIVE


@given(card=st.booleans(), steps=st.lists(STEPS, min_size=8, max_size=45))
@settings(max_examples=150, deadline=None)
def test_each_pool_is_collected_once_at_most_and_no_cent_is_lost(
    card: bool, steps: list[str]
) -> None:
    play = Play(card=card)
    for step in steps:
        play.act(step)
        play.check()
    play.end()
    play.check()
