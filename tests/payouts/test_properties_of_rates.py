"""Whatever rates, people, crashes and time do: one amount is ordered, and not one that was refused.

What is ordered is within the tolerance of what the person last agreed to, or better; it never
changes once the gateway may have it; and the books are true.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.money import Money
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.ports import PaidOut
from shared.payouts.requoting import agreed
from tests.payouts.conftest import World
from tests.payouts.twins import TOLERANCE, Crash

S = PayoutStatus
STEPS = st.one_of(
    st.tuples(st.just("rate"), st.sampled_from(["110", "125", "128.5", "129.5", "131", "none"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 30, 80])),
    st.tuples(st.sampled_from(["send", "recall", "agree", "cancel", "paid", "silence"]), st.none()),
    st.tuples(st.just("crash"), st.sampled_from(["before", "after"])),
    st.tuples(st.just("never_sent"), st.none()),
)


@dataclass
class Play:
    """One withdrawal, and what its owner has agreed to."""

    world: World
    payout: Payout
    accepted: int
    ordered: set[int] = field(default_factory=set)

    def act(self, step: str, detail: object) -> None:
        world, rail = self.world, self.world.rails[self.payout.rail]
        match step:
            case "rate":
                world.rates.none = detail == "none"
                world.rates.rate = None if detail == "none" else str(detail)
            case "wait":
                world.clock.advance(timedelta(hours=int(str(detail))))
            case "crash":
                world.facts.script = [str(detail)]
            case "never_sent" | "silence":
                rail.script = [step]
            case "send":
                with suppress(Crash):
                    world.send(self.payout)
            case "recall":
                with suppress(Crash):
                    world.recall(self.payout)
            case "agree":
                known = world.now(self.payout)
                if known.offer is not None and world.clock.now() < known.offer.ends_at:
                    self.accepted = known.offer.amount.minor
                    after = agreed(known, world.clock.now())
                    world.commit(world.payouts.save(known, after))
            case "cancel":
                with suppress(PayoutNotCancellable, Crash):
                    world.requests.cancel(world.user_id, self.payout.payout_id)
            case "paid":
                known = world.now(self.payout)
                if rail.orders:
                    with suppress(Crash):
                        world.told(self.payout, PaidOut("po_1", known.amount))
        self.look()

    def look(self) -> None:
        known = self.world.now(self.payout)
        if known.asked_at is not None:
            self.ordered.add(known.amount.minor)
            lost = self.accepted - known.amount.minor
            assert lost * 10_000 <= TOLERANCE * self.accepted
        assert len(self.ordered) <= 1
        assert known.debited == Money(4_000, known.debited.currency)
        assert (known.offer is not None) is (known.status is S.AWAITING_CONSENT)
        assert not (known.offer and self.world.rails[known.rail].sent)
        if known.status not in (S.PAID, S.CANCELLED, S.FAILED, S.RETURNED):
            assert known.due is not None
        self.world.check_conserved(moving=True)


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=60, deadline=None)
def test_one_amount_is_ordered_and_never_one_that_was_not_agreed_to(
    make_world: Callable[[], World], steps: list[tuple[str, object]]
) -> None:
    world = make_world()
    world.deposit()
    payout = world.withdrawal(begin=False)
    play = Play(world, payout, payout.amount.minor)
    for step, detail in steps:
        play.act(step, detail)
    world.facts.script, world.rails[payout.rail].script = [], []
    world.rates.none = False
    # Everybody goes on until nothing is left to do; the gateway says that it paid what it has.
    for _ in range(6):
        play.act("recall", None)
        play.act("send", None)
        play.act("paid", None)
        play.act("wait", 80)
    ended = world.now(payout)
    ends = (S.PAID, S.CANCELLED, S.SENDING)
    assert ended.status in ends
    if ended.status is S.PAID:
        assert world.money() == (6_000, 0, 0)
        assert play.ordered == {ended.amount.minor}
    if ended.status is S.CANCELLED:
        assert world.money() == (10_000, 0, 0)
    world.check_conserved(moving=ended.status is S.SENDING)
