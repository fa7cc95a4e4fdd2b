"""Whatever people, staff and the engine do in whatever order, and wherever a process dies."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError
from shared.payouts.model import HOLDING, Payout, PayoutStatus
from shared.payouts.states import AWAITED
from shared.platform.work import Write
from shared.withdrawals.limits import VELOCITIES
from shared.withdrawals.model import Verdict
from tests.withdrawals.conftest import AMERICAN, Crash, World

PAID_IN = 6_000_000
AMOUNTS = ("10.00", "250.00", "1900.00", "2000.00", "19000.00", "20000.00", "25000.00")
ONWARD = {
    PayoutStatus.READY: PayoutStatus.RECALLING,
    PayoutStatus.RECALLING: PayoutStatus.RECALLED,
    PayoutStatus.RECALLED: PayoutStatus.SENDING,
    PayoutStatus.COOLING: PayoutStatus.READY,
}
"""What the engine does without moving money in the books."""

STEPS = st.one_of(
    st.tuples(st.just("request"), st.integers(0, 5), st.sampled_from(AMOUNTS)),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("approve"), st.integers(0, 5), st.sampled_from(["usr_t1_A", "usr_t1_B"])),
    st.tuples(st.just("reject"), st.integers(0, 5), st.just("usr_t1_A")),
    st.tuples(st.just("engine"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 30), st.just(0)),
    st.tuples(st.just("remove"), st.integers(0, 1), st.just(0)),
)
CRASHES = st.sampled_from(["ok", "ok", "ok", "before", "after"])


def nothing_more(before: Payout, after: Payout) -> Sequence[Write]:
    return []


class Run:
    """One example."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accounts = [world.phone(key="phone"), world.bank(AMERICAN, key="bank")]
        world.cash(PAID_IN)

    def payouts(self) -> list[Payout]:
        return list(self.world.payouts.page(self.world.user_id, limit=50)[0])

    def step(self, name: str, number: int, more: Any) -> None:
        world, made = self.world, self.payouts()
        chosen = made[number] if number < len(made) else None
        if name == "request":
            world.withdraw(self.accounts[number % 2], more, key=f"request-{number}-{more}")
        elif name == "wait":
            world.clock.advance(timedelta(hours=number))
            world.rate()
        elif name == "remove":
            world.keeping.remove(world.user_id, self.accounts[number].account_id)
        elif chosen is None:
            return
        elif name == "cancel":
            world.withdrawals.cancel(
                world.user_id, idempotency_key=f"cancel-{more}", payout_id=chosen.payout_id
            )
        elif name == "engine":
            if chosen.status in ONWARD:
                world.save(chosen, chosen.moved(ONWARD[chosen.status], world.clock.now()))
        else:
            verdict = Verdict.APPROVE if name == "approve" else Verdict.REJECT
            world.reviewing.decide(world.user_id, chosen.payout_id, verdict, more, nothing_more)

    def check(self) -> None:
        world, made = self.world, self.payouts()
        wallet = world.wallet()
        holding = [one for one in made if one.status in HOLDING]
        assert wallet.held == sum(one.held_minor for one in holding)
        assert (wallet.posted, wallet.available >= 0) == (PAID_IN, True)
        waiting = {held.payout.payout_id for _, held in world.reader.page(50).entries}
        for one in made:
            assert (one.status is PayoutStatus.IN_REVIEW) == (one.payout_id in waiting)
            assert (one.status in AWAITED) == (one.due is not None)
            needed = 2 if one.debited.minor >= 2_000_000 else 1
            if needed == 2 and one.status in (PayoutStatus.READY, PayoutStatus.COOLING):
                assert one.agreed_by is not None
        for limit in VELOCITIES:
            for last in holding:
                within = [
                    one
                    for one in holding
                    if last.created_at - limit.window < one.created_at <= last.created_at
                ]
                assert len(within) <= limit.count
                assert sum(one.debited.minor for one in within) <= limit.total.minor
        for account in world.accounts.book(world.user_id).accounts:
            used = [one for one in holding if one.account_id == account.account_id]
            assert account.active or not used


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(STEPS, CRASHES), max_size=25))
def test_the_hold_is_always_what_is_on_its_way_and_nothing_is_forgotten(
    make_world: Callable[[], World], steps: list[tuple[tuple[str, int, Any], str]]
) -> None:
    run = Run(make_world())
    for step, crash in steps:
        run.world.facts.script[:] = [crash]
        with suppress(BaobabError, Crash):
            run.step(*step)
        run.world.facts.script.clear()
        run.check()


@settings(max_examples=40, deadline=None)
@given(
    wishes=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(AMOUNTS[:3])), max_size=12),
    crash=CRASHES,
)
def test_one_key_is_one_withdrawal_however_often_it_is_sent(
    make_world: Callable[[], World], wishes: list[tuple[int, str]], crash: str
) -> None:
    run = Run(make_world())
    answers: dict[tuple[int, str], set[str]] = {}
    for number, amount in wishes:
        run.world.facts.script[:] = [crash]
        for _ in range(2):
            with suppress(BaobabError, Crash):
                made = run.world.withdraw(run.accounts[1], amount, key=f"{number}-{amount}")
                answers.setdefault((number, amount), set()).add(made.payout_id)
    assert all(len(ids) == 1 for ids in answers.values())
    made_ids = [one.payout_id for one in run.payouts()]
    assert sorted(made_ids) == sorted(each for ids in answers.values() for each in ids)
    run.check()
