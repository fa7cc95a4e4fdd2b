"""What holds for every order of events, crashes, and words of staff about stuck payouts."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError
from shared.kernel.money import Money
from shared.payouts.findings import Found
from shared.payouts.model import PayoutStatus
from shared.payouts.ports import NotPaid, PaidOut
from shared.payouts.reviewing import Reviewing
from shared.payouts.states import NOT_PAID as ENDED
from tests.payouts.test_properties_of_payouts import KINDS, Play, check_now

S = PayoutStatus
STEPS = st.sampled_from(
    [
        "recall",
        "send",
        "sweep",
        "signal",
        "decide_paid",
        "decide_refused",
        "told_paid",
        "told_refused",
        "other_amount",
        "release",
        "found_paid",
        "found_unpaid",
        "confirmed_paid",
        "confirmed_unpaid",
        "cancel",
        "day",
        "days",
        "die_before",
        "die_after",
        "lose_order",
        "crash_order",
        "never_sent",
        "silence",
        "refuse_journal",
        "refuse_for_long",
    ]
)


class Staffed(Play):
    """Two members of staff who look at the gateway before they say anything."""

    def __init__(self, world, kind, approval):
        super().__init__(world, kind)
        self.reviewing = Reviewing(world.payouts, world.facts, approval, lambda _: None)
        self.acts = 0

    def record(self, before, after):
        self.acts += 1
        return []

    def settle(self, found, by):
        named = (self.world.user_id, self.payout.payout_id)
        settled = self.reviewing.settle(*named, (found, "SKE1AB2CD3"), by, self.record)
        if settled.found_out and found is Found.PAID:
            self.told.add("PaidOut")

    def do_other_amount(self):
        if self.rail.orders:
            amount = Money(self.payout.amount.minor - 1, self.payout.amount.currency)
            self.world.told(self.payout, PaidOut("po_1", amount))

    def do_told_paid(self):
        # What is held hears nothing: it is told again when somebody has looked.
        self.do_decide_paid()
        paid = any(isinstance(one, PaidOut) for one in self.rail.orders.values())
        if paid and not self.world.now(self.payout).review:
            super().do_told_paid()

    # Gateways are late and repeat themselves, but never deny what they have said.

    def do_decide_paid(self):
        if not any(isinstance(one, NotPaid) for one in self.rail.orders.values()):
            super().do_decide_paid()

    def do_told_refused(self):
        self.do_decide_refused()
        if not any(isinstance(one, PaidOut) for one in self.rail.orders.values()):
            super().do_told_refused()

    def do_release(self):
        self.reviewing.release(self.world.user_id, self.payout.payout_id, self.record)

    def do_found_paid(self, by="usr_t1_A"):
        self.do_decide_paid()
        if any(isinstance(one, PaidOut) for one in self.rail.orders.values()):
            self.settle(Found.PAID, by)

    def do_found_unpaid(self, by="usr_t1_A"):
        self.do_decide_refused()
        if not any(isinstance(one, PaidOut) for one in self.rail.orders.values()):
            self.settle(Found.NOT_PAID, by)

    def do_confirmed_paid(self):
        self.do_found_paid("usr_t1_B")

    def do_confirmed_unpaid(self):
        self.do_found_unpaid("usr_t1_B")

    def do_days(self):
        for _ in range(3):
            self.do_day()
            self.do_sweep()

    def do_refuse_for_long(self):
        self.world.broker.script = ["refused"] * 14
        for _ in range(14):
            with suppress(BaobabError, RuntimeError):
                self.do_recall()

    def drain(self):
        """A gateway that answers by messages tells a refusal in the end as it tells a payment."""
        super().drain()
        if any(isinstance(one, NotPaid) for one in self.rail.orders.values()):
            self.act("told_refused")
            super().drain()

    def end(self):
        """Faults are over, and staff look at what is still held."""
        for _ in range(2):
            self.drain()
            self.act("release")
        self.drain()


@pytest.mark.parametrize("approval", [1, 1_000_000])
@settings(max_examples=40, deadline=None)
@example(kind="phone", steps=["days", "decide_refused"])
@given(kind=KINDS, steps=st.lists(STEPS, max_size=16))
def test_whatever_staff_say_money_leaves_once_or_stays(approval, kind, steps, make_world):
    play = Staffed(make_world(), kind, approval)
    for step in steps:
        play.act(step)
        check_now(play)
    play.end()
    check_now(play)
    world, payout = play.world, play.world.now(play.payout)
    paid = payout.status is S.PAID
    assert not payout.review
    assert paid or payout.status in ENDED or not play.rail.orders
    if any(isinstance(one, PaidOut) for one in play.rail.orders.values()):
        assert paid, "what the gateway has paid has left"
    assert world.events().count("payouts.payout_paid.v1") == paid
    assert world.wallet().posted == 10_000 - (payout.debited.minor if paid else 0)
    assert world.wallet().owed == 0
    if payout.status in ENDED | {S.PAID}:
        listed = [one.payout_id for _, one in world.payouts.stuck(5).entries]
        # What a payer is owed is on the list until somebody has said how it goes back.
        assert listed == ([payout.payout_id] if payout.undelivered else [])
