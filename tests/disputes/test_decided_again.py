"""A bank that has decided decides otherwise: only news that are surely newer turn it round."""

from dataclasses import replace
from itertools import permutations

import pytest

from shared.disputes.conceding import Conceding
from shared.disputes.model import DisputeStatus
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.payments.model import DepositStatus
from shared.payments.surplus import second_payment
from tests.disputes.twins import Crash
from tests.disputes.worked import START

D, S = DisputeStatus, DepositStatus
USD = Currency.USD
ALL = Money(10_000, USD)
WON, LOST = "disputes.dispute_won.v1", "disputes.dispute_lost.v1"
STEPS = {D.WARNING: 1, D.OPEN: 2, D.WON: 3, D.LOST: 4}
"""Of messages of a gateway that cannot be asked."""


def lose(world, invested=0):
    deposit = world.deposit()
    if invested:
        world.invest(invested)
    world.tell(world.reading())
    world.tell(world.reading(D.LOST))
    return deposit


def test_what_the_person_gave_is_theirs_again_and_held_until_it_is_at_the_broker(world):
    deposit = lose(world, invested=7_000)
    world.fetch()
    assert world.purse() == (0, 0, 0, 7_000)
    for _ in range(2):
        world.tell(world.reading(D.WON))
    assert world.purse() == (3_000, 3_000, 0, 0)
    assert world.now(deposit).status is S.FUNDED
    assert world.given_back() == [3_000]
    assert world.events().count(WON) == 1
    world.fetch()
    assert world.purse() == (3_000, 0, 0, 0)
    assert world.books() == {
        "gateway_clearing:stripe:USD": 10_000,
        "cash:USD": -3_000,
        "customers_cash_at_broker:USD": 3_000,
        "firm_cash_at_broker:USD": -10_000,
    }


def test_what_was_paid_of_the_debt_meanwhile_comes_back_in_cash(world):
    lose(world, invested=10_000)
    world.sell(4_000)
    world.collecting.freed(world.user_id, "order")
    world.fetch()
    assert world.purse() == (0, 0, 0, 6_000)
    world.tell(world.reading(D.WON))
    world.fetch()
    assert world.purse() == (4_000, 0, 0, 0)


def test_what_comes_back_pays_first_what_else_is_owed_for_good(world):
    lose(world)
    world.deposit(payment="pi_2", amount=Money(6_000, USD))
    world.invest(6_000)
    world.tell(world.reading(D.LOST, Money(6_000, USD), "dp_2", "pi_2"))
    world.deposit(payment="pi_3", amount=Money(3_000, USD))
    world.invest(3_000)
    world.tell(world.reading(D.OPEN, Money(3_000, USD), "dp_3", "pi_3"))
    assert world.purse() == (0, 0, 1, 9_000)
    world.tell(world.reading(D.WON))
    # What is owed for a dispute that is open is not forgiven: it may still be won.
    assert world.purse() == (4_000, 4_000, 1, 3_000)
    world.fetch()
    world.collecting.freed(world.user_id, "payout")
    assert world.purse() == (4_000, 3_000, 1, 0)


def test_what_had_not_been_forwarded_goes_on_with_its_deposit(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading(D.LOST))
    assert (world.purse(), world.now(deposit).due) == ((0, 0, 0, 0), None)
    world.tell(world.reading(D.WON))
    assert world.purse() == (10_000, 10_000, 0, 0)
    assert (world.now(deposit).status, world.given_back()) == (S.SETTLED, [])
    world.forward(deposit)
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


def test_it_is_lost_and_won_as_often_as_the_gateway_says(world):
    deposit = lose(world)
    for _ in range(2):
        for status in (D.WON, D.LOST):
            world.tell(world.reading(status))
            world.fetch()
    assert world.purse() == (0, 0, 0, 0)
    assert world.now(deposit).status is S.DISPUTED
    world.tell(world.reading(D.WON))
    world.fetch()
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


@pytest.mark.parametrize(("known", "old"), [(D.LOST, D.WON), (D.WON, D.LOST)])
def test_an_answer_that_is_older_than_the_decision_does_not_turn_it_round(world, known, old):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(known))
    purse, books, commits = world.purse(), world.books(), world.facts.commits
    world.disputing.told(world.reading(old))
    assert world.dispute(deposit).status is known
    assert (world.purse(), world.books(), world.facts.commits) == (purse, books, commits)


def test_who_meets_another_decision_while_asking_asks_again(quick):
    deposit = lose(quick)
    stale = quick.reading(D.WON)
    quick.desk.readings["dp_1"] = stale
    inner, asked, faster = quick.facts.inner.commit, quick.desk.asked, []

    def commit(writes, *events):
        if not faster:
            # Another worker hears of a win and then of a loss, and writes both down.
            faster.append(quick.desk.asked - asked)
            quick.disputing.told(stale)
            quick.tell(quick.reading(D.LOST))
        inner(writes, *events)

    quick.facts.inner.commit = commit
    quick.disputing.told(stale)
    assert faster == [1]
    assert quick.dispute(deposit).status is D.LOST
    assert quick.events().count(LOST) == 2
    quick.fetch()
    quick.collecting.freed(quick.user_id, "payout")
    assert quick.purse() == (0, 0, 0, 0)


def test_a_gateway_that_cannot_be_asked_again_leaves_it_as_it_is(quick):
    deposit = lose(quick)
    quick.desk.down = True
    with pytest.raises(GatewayUnavailable):
        quick.disputing.told(quick.reading(D.WON))
    assert quick.dispute(deposit).status is D.LOST


def test_news_that_are_no_other_decision_ask_nobody_again(quick):
    lose(quick)
    asked = quick.desk.asked
    for status in (D.LOST, D.OPEN, D.UNDER_REVIEW):
        quick.disputing.told(quick.reading(status))
    assert quick.desk.asked == asked


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_gives_it_back_once(quick, moment):
    lose(quick, invested=2_000)
    quick.fetch()
    quick.facts.script = [moment]
    with pytest.raises(Crash):
        quick.tell(quick.reading(D.WON))
    quick.tell(quick.reading(D.WON))
    assert quick.purse() == (8_000, 8_000, 0, 0)
    # The event of the fact after which the process died was told with it.
    assert [one.debited.minor for one in quick._claims() if one.leg == 1] == [8_000]


def test_a_second_payment_that_is_won_after_all_waits_in_suspense_again(world):
    made = world.deposit()
    draft = second_payment(made, Gateway.STRIPE, "pi_2", ALL, world.clock.now())
    world.commit(
        *world.deposits.claim_payment(made, "pi_2"), *world.ledger.post(world.wallet(), draft)
    )
    world.tell(world.reading(D.LOST, payment="pi_2"))
    assert "suspense:USD" not in world.books()
    world.tell(world.reading(D.WON, payment="pi_2"))
    assert world.books()["suspense:USD"] == -10_000
    assert world.books()["gateway_clearing:stripe:USD"] == 20_000
    assert (world.purse(), world.given_back()) == ((10_000, 0, 0, 0), [])


def at_adyen(world, status):
    return world.reading(
        status,
        gateway=Gateway.ADYEN,
        payment="PSP1",
        taken=status is not D.WARNING,
        step=STEPS[status],
    )


def paid_at_adyen(world):
    made = replace(world.deposit(payment="PSP1"), gateway=Gateway.ADYEN)
    before = world.now(made)
    world.commit(world.deposits.save(before, made), *world.deposits.claim_payment(made, "PSP1"))
    return made


@pytest.mark.parametrize("order", list(permutations([D.WARNING, D.OPEN, D.WON, D.LOST])))
def test_signed_messages_in_any_order_end_with_the_last_step(quick, order):
    deposit = paid_at_adyen(quick)
    for status in (*order, *order):
        quick.disputing.proved(at_adyen(quick, status))
    assert quick.dispute(deposit).status is D.LOST
    assert quick.purse() == (0, 0, 0, 0)
    assert quick.events().count(LOST) == 1
    assert quick.now(deposit).status is S.DISPUTED


@pytest.mark.parametrize("order", list(permutations([D.WARNING, D.OPEN, D.WON])))
def test_without_a_second_chargeback_it_stays_won(quick, order):
    deposit = paid_at_adyen(quick)
    for status in (*order, *order):
        quick.disputing.proved(at_adyen(quick, status))
    assert quick.dispute(deposit).status is D.WON
    assert quick.purse() == (10_000, 0, 0, 0)
    assert quick.now(deposit).status is S.FUNDED


def test_what_staff_gave_up_is_won_by_the_next_step_and_by_no_older_one(quick):
    deposit = paid_at_adyen(quick)
    quick.disputing.proved(at_adyen(quick, D.OPEN))
    dispute_id = quick.dispute(deposit).dispute_id
    Conceding(quick.recording).concede(quick.user_id, deposit.deposit_id, dispute_id)
    quick.disputing.proved(at_adyen(quick, D.OPEN))
    assert quick.dispute(deposit).status is D.LOST
    quick.disputing.proved(at_adyen(quick, D.WON))
    quick.fetch()
    assert quick.dispute(deposit).status is D.WON
    assert quick.purse() == (10_000, 0, 0, 0)
    quick.disputing.proved(at_adyen(quick, D.OPEN))
    assert quick.dispute(deposit).status is D.WON
