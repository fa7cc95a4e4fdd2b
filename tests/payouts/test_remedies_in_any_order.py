"""Whatever order things happen in, somebody or something looks after what a payer is owed."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cases.model import CaseKind
from shared.payouts.errors import PayoutNotStuck, TransferKnown
from shared.payouts.model import Payout, Rail
from shared.payouts.ports import CameBack, PaidOut
from shared.payouts.reasons import PayoutReason
from tests.payouts.conftest import World
from tests.payouts.remedy_desk import (
    AGAIN,
    BY_HAND,
    SUSPENSE,
    Desk,
    S,
    listed,
    undelivered,
)
from tests.payouts.twins import Crash

STEPS = st.sampled_from(
    ["A", "B", "again", "hand", "send", "refuse", "paid", "back", "old", "die", "died", "time"]
)


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(STEPS, max_size=24))
def test_in_any_order_what_is_owed_to_the_payer_has_somebody_or_something_that_looks(
    steps, make_world
):
    world = make_world()
    first, by, word = undelivered(world), "usr_t1_A", AGAIN
    desk = Desk(world)
    for step in steps:
        chain = chain_of(world, first)
        with suppress(Crash, PayoutNotStuck, TransferKnown):
            match step:
                case "A" | "B":
                    by = f"usr_t1_{step}"
                case "again" | "hand":
                    word = AGAIN if step == "again" else BY_HAND
                    desk.say(chain[-1], word, by=by)
                case "send":
                    world.send(chain[-1])
                case "refuse" | "paid":
                    world.rails[Rail.STRIPE_REFUND].script = [
                        "refused" if step == "refuse" else "paid"
                    ]
                case "back" if chain[-1].status in (S.PAID, S.SENT):
                    world.told(chain[-1], CameBack(PayoutReason.RETURNED_BY_BANK))
                case "old":
                    world.told(first, PaidOut("re_old", first.amount))
                case "die" | "died":
                    world.facts.script = ["before" if step == "die" else "after"]
                case "time":
                    world.clock.advance(timedelta(hours=9))
        looked_after(world, first)
    world.facts.script = []


def chain_of(world: World, first: Payout) -> list[Payout]:
    chain = [world.now(first)]
    while chain[-1].followed_by is not None and len(chain) < 20:
        if chain[-1].followed_by == first.payout_id:
            break
        chain.append(world.payouts.get(world.user_id, chain[-1].followed_by))
    return chain


def looked_after(world: World, first: Payout) -> None:
    chain = chain_of(world, first)
    paid = [one for one in chain if one.status is S.PAID]
    waiting = [one for one in chain if one.due is not None]
    mine = listed(world)
    assert paid or waiting or any(one.payout_id in mine for one in chain)
    suspense = world.books().get(SUSPENSE, 0)
    assert suspense == 10_000 * len(paid)
    if len(paid) > 1:
        kinds = [one.kind for one in world.open_cases()]
        assert CaseKind.PAYOUT_UNKNOWN in kinds
