"""A deposit says DISPUTED exactly while a bank claims some of it and none of it is on its way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.disputes.model import DisputeStatus
from shared.disputes.parts import disputed_in_all, is_own
from shared.kernel.money import Currency, Money
from shared.payments.model import DepositStatus
from tests.disputes.world import World

D, S = DisputeStatus, DepositStatus
NEWS = st.tuples(
    st.sampled_from(["dp_0", "dp_1"]),
    st.sampled_from([D.WARNING, D.OPEN, D.UNDER_REVIEW, D.WON, D.LOST, D.CLOSED]),
)
STEPS = st.lists(st.one_of(NEWS, st.sampled_from(["ask", "arrive", "fetch", "freed"])), max_size=14)
AMOUNTS = st.sampled_from([10_000, 5_000, 3_333])


def says_the_truth(world: World, deposit) -> None:
    now = world.deposits.get(world.user_id, deposit.deposit_id)
    assert now is not None
    disputes = world.disputes.of_deposit(world.user_id, deposit.deposit_id)
    assert now.disputed_minor == disputed_in_all(disputes, now)
    own = any(one.claimed and is_own(one, now) for one in disputes)
    assert bool(now.disputed_minor) is own
    rest = now.forwarded.minor > 0 and not now.refunding_minor
    on_its_way = now.status is S.FUNDING or (now.status is S.SETTLED and rest)
    assert (now.status is S.DISPUTED) is (own and not on_its_way)
    assert 0 <= now.withheld_minor <= now.credited.minor
    assert now.refundable_minor == 0 or not own


@settings(max_examples=150, deadline=None)
@given(amounts=st.tuples(AMOUNTS, AMOUNTS), steps=STEPS)
def test_whatever_two_disputes_of_a_deposit_do(make_world, amounts, steps):
    world = make_world()
    deposit = world.deposit(S.SETTLED)
    sizes = dict(zip(("dp_0", "dp_1"), amounts, strict=True))
    for step in steps:
        match step:
            case "ask":
                world.forward(deposit, S.FUNDING)
            case "arrive":
                world.forward(deposit)
            case "fetch":
                world.fetch()
            case "freed":
                world.collecting.freed(world.user_id, "test")
            case (reference, status):
                amount = Money(sizes[reference], Currency.USD)
                world.tell(world.reading(status, amount, reference, taken=status is not D.WARNING))
        says_the_truth(world, deposit)
        wallet = world.wallet()
        assert min(wallet.held, wallet.available, wallet.blocks, wallet.owed) >= 0
        # Of one payment nobody loses or owes more than was credited.
        open_and_lost = [
            one.worth_minor
            for one in world.disputes.of_deposit(world.user_id, deposit.deposit_id)
            if one.claimed
        ]
        assert sum(open_and_lost) <= deposit.credited.minor
        world.books()
