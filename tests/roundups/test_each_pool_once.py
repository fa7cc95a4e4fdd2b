"""Whatever is repeated, lost, late or dies: no cent is lost, doubled or collected twice."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError
from shared.payments.ports import Lapsed, Waiting
from shared.payments.states import CREDITED
from shared.recurring.dates import local_day
from shared.roundups.model import Habits, PurchaseStatus, RoundUpsStatus, TransferStatus
from tests.recurring.acts import Acts
from tests.roundups.conftest import Coins

STEPS = st.sampled_from(
    [
        *("buy", "buy", "buy", "same", "refund", "minutes", "hour", "nine", "nine", "days"),
        *("sweep", "sweep", "checks", "checks", "again", "pay", "fail", "decline", "silence"),
        *("lapse", "look", "pay_late", "not_sent", "no_word", "refused", "pause", "resume"),
        *("more", "restart", "die_before", "die_after", "die_at_gateway"),
    ]
)


class Play(Acts):
    """Round-ups, and what shops and people do."""

    def __init__(self, *, card: bool) -> None:
        self.coins = Coins()
        super().__init__(self.coins, card=card)
        (self.coins.start if card else self.coins.start_phone)(habits=Habits(multiplier=5))
        self.told: list[Any] = []
        self.days: dict[int, datetime] = {}

    def ends(self, outcome: Any) -> None:
        """And says so."""
        if self.latest is not None and self.latest.status not in CREDITED:
            super().ends(outcome)
            self.coins.world.signal(self.latest)

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

    def do_nine(self) -> None:
        self.coins.tomorrow()
        self.do_sweep()

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
