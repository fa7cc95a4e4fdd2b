"""All ways in and out at one wallet, in any order, repeated and with crashes: the books are those
of the gateways and of the broker, nothing is negative, and nothing waits unseen."""

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cases.model import CaseStatus
from shared.disputes.model import DisputeStatus
from shared.kernel.money import Money
from shared.ledger.accounts import customer_cash, receivable
from shared.payments.states import AT_GATEWAY, CREDITED, OPEN, DepositStatus
from shared.payouts.model import HOLDING, PayoutStatus, Purpose
from shared.payouts.ports import PaidOut
from tests.disputes.test_what_a_deposit_says import says_the_truth
from tests.money.conftest import USD
from tests.money.play import Play

D, S = DisputeStatus, DepositStatus
NAMES = (
    "card",
    "card_twice_begun",
    "mpesa",
    "pay",
    "pay",
    "decline",
    "event",
    "event",
    "event",
    "repeat_event",
    "check",
    "check",
    "reserve",
    "fill",
    "release",
    "sell",
    "withdraw",
    "withdraw",
    "refund",
    "refund",
    "cancel",
    "open_dispute",
    "win",
    "lose",
    "think_again",
    "older_news",
    "pay_out",
    "pay_out",
    "do_not_pay_out",
    "send_back",
    "collect",
    "time",
    "sweep",
    "die_before",
    "die_after",
    "broker_dies",
    "broker_refuses",
    "rail_dies",
)
STEPS = st.sampled_from(NAMES)


def really_held(play: Play) -> dict[tuple[str, str], int]:
    """What each gateway has of our money, by its own word."""
    held: defaultdict[tuple[str, str], int] = defaultdict(int)

    def add(gateway: str, money: Money, sign: int) -> None:
        currency = money.currency
        place = f"house:gateway_clearing:{gateway.lower()}:{currency.value}"
        held[place, currency.asset] += sign * money.minor

    for (gateway, _), amount in play.paid.items():
        add(gateway.value, amount, 1)
    for name, rail in play.world.rails.items():
        for reference, outcome in rail.orders.items():
            if isinstance(outcome, PaidOut):
                add(name.value.split("_")[0], rail.amounts[reference], -1)
    for reading in play.readings.values():
        if reading.taken:
            add(reading.gateway.value, reading.amount, -1)
    return {place: minor for place, minor in held.items() if minor}


def held_for(play: Play) -> int:
    """All reasons why money is held, in cents."""
    # What is disputed before it was forwarded is held by whom it is held for.
    waiting = [one for one in play.deposits() if one.status in AT_GATEWAY]
    waiting += [
        one for one in play.deposits() if one.before is S.SETTLED and not one.refunded_minor
    ]
    deposits = sum(one.forwarded.minor for one in waiting)
    payouts = sum(
        one.debited.minor
        for one in play.payouts()
        if one.status in HOLDING and one.at_broker
        if one.purpose is not Purpose.CLAIM or one.status is PayoutStatus.RETURNING
    )
    disputes = sum(one.reserved_minor for one in play.disputes() if one.live)
    return deposits + payouts + disputes + sum(play.world.reserved)


def check_all(play: Play) -> None:
    world, wallet, books = play.world, play.world.wallet(), play.world.books()
    cash, debt = customer_cash(world.user_id), receivable(world.user_id)
    assert books.get((cash, USD), 0) == -wallet.posted
    assert books.get((debt, USD), 0) == wallet.owed
    clearing = {place: minor for place, minor in books.items() if "clearing" in place[0]}
    assert clearing == really_held(play)
    assert books.get(("house:customers_cash_at_broker", USD), 0) == world.recalls.sync()
    assert wallet.held == held_for(play)
    live = [one for one in play.disputes() if one.live]
    assert wallet.blocks == len(live)
    assert wallet.owed >= sum(one.shortfall_minor for one in live)
    taken = sum(minor for (account, _), minor in books.items() if "house:disputed" in account)
    assert taken == sum(one.amount.minor for one in live if one.taken)
    for one in play.deposits():
        says_the_truth(world, one)
    check_nobody_gained_or_lost(play)
    check_nothing_waits_unseen(play)


def check_nobody_gained_or_lost(play: Play) -> None:
    """What a person has and owes is what came less what went, whatever happened in between; and
    what belongs to nobody is all that came twice and has not left."""
    wallet, disputes = play.world.wallet(), play.disputes()
    short = sum(one.shortfall_minor for one in disputes if one.live)
    has = wallet.posted + play.world.shares - (wallet.owed - short)
    lost = [one for one in disputes if one.status is D.LOST]
    paid = [one for one in play.payouts() if one.status is PayoutStatus.PAID]
    went = sum(one.debited.minor for one in paid if one.purpose is not Purpose.CLAIM)
    taken = sum(one.reserved_minor + one.shortfall_minor for one in lost)
    own = {(one.gateway, one.payment) for one in play.deposits() if one.status in CREDITED}
    came = sum(one.credited.minor for one in play.deposits() if one.status in CREDITED)
    assert has == came - went - taken
    twice = sum(amount.minor for name, amount in play.paid.items() if name not in own)
    back = sum(one.amount.minor for one in paid if one.purpose is Purpose.SURPLUS)
    # What went back to the payer twice is nobody's debt.
    assert books_losses(play) == sum(one.answered_minor for one in lost)
    others = [one for one in lost if (one.gateway, one.payment) not in own]
    of_nobody = [one for one in others if not one.worth_minor]
    waits = twice - back - sum(one.amount.minor for one in of_nobody)
    assert play.world.books().get(("house:suspense", USD), 0) == -waits


def books_losses(play: Play) -> int:
    return play.world.books().get(("house:losses", USD), 0)


def check_nothing_waits_unseen(play: Play) -> None:
    cases = {one.subject for one in play.world.cases.listed(CaseStatus.OPEN)}
    for deposit in play.deposits():
        if deposit.status in OPEN | AT_GATEWAY:
            assert deposit.due is not None or deposit.deposit_id in cases, deposit
    over = {PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.CANCELLED, PayoutStatus.RETURNED}
    for payout in play.payouts():
        if payout.status not in over or payout.contradicted:
            assert payout.due is not None or payout.payout_id in cases, payout
    for dispute in play.disputes():
        assert dispute.look_at is not None or not dispute.undecided, dispute


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(STEPS, st.integers(0, 5)), min_size=5, max_size=60))
def test_any_order_of_everything_ends_in_books_that_are_true(make_everything, steps):
    play = Play(make_everything())
    play.card(0)
    for step, which in steps:
        play.act(step, which)
    play.drain()
    check_all(play)


BACK, LOST, OPENED = ("send_back", 3), ("lose", 0), ("open_dispute", 1)


@pytest.mark.parametrize(
    "then",
    [[("open_dispute", 0), BACK], [OPENED, BACK, LOST], [OPENED, LOST, BACK]],
)
def test_a_refund_that_comes_back_around_a_dispute_leaves_nothing_held_for_ever(
    make_everything, then
):
    whole = OPENED in then
    play = Play(make_everything())
    play.card(0)
    for step, which in [("pay", 5), ("refund", 4), ("event", 2), ("pay_out", 3), *then]:
        play.act(step, which)
    play.drain()
    check_all(play)
    assert [one.status for one in play.payouts() if one.purpose is Purpose.REFUND] == [
        PayoutStatus.RETURNED
    ]
    (deposit,) = play.deposits()
    assert (deposit.status, deposit.forwarded.minor) == (S.DISPUTED, 0 if whole else 5_000)
    assert deposit.before is (S.SETTLED if whole else S.FUNDED)


@pytest.mark.parametrize("seed", [20260302, 508, 29])
def test_a_long_time_of_everything_ends_in_books_that_are_true(make_everything, seed):
    chosen = random.Random(seed)
    play = Play(make_everything())
    for _ in range(150):
        play.act(chosen.choice(NAMES), chosen.randrange(6))
    play.drain()
    check_all(play)
