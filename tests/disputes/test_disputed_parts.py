"""A part of a payment is disputed before the broker has it: that part stays, the rest goes on."""

from itertools import permutations

import pytest

from shared.disputes.model import DisputeStatus
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.model import DepositStatus
from tests.disputes.twins import Crash
from tests.disputes.worked import START

D, S = DisputeStatus, DepositStatus
USD, KES = Currency.USD, Currency.KES
PART = Money(4_000, USD)


def test_the_rest_goes_to_the_broker_and_is_free_there(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading(amount=PART))
    now = world.now(deposit)
    assert (now.status, now.forwarded.minor, now.disputed_minor) == (S.SETTLED, 6_000, 4_000)
    assert world.purse() == (10_000, 10_000, 1, 0)
    world.forward(deposit)
    assert world.purse() == (10_000, 4_000, 1, 0)
    assert world.books()["customers_cash_at_broker:USD"] == 6_000
    there = world.now(deposit)
    assert (there.status, there.investable) == (S.DISPUTED, True)


def test_lost_it_is_taken_from_what_stayed_behind_and_nothing_is_fetched(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading(amount=PART))
    world.forward(deposit)
    world.invest(6_000)
    world.tell(world.reading(D.LOST, amount=PART))
    assert (world.purse(), world.claimed()) == ((0, 0, 0, 0), [])
    assert world.now(deposit).status is S.DISPUTED


def test_lost_before_the_rest_was_forwarded_the_rest_still_goes_on(world):
    deposit = world.deposit(S.SETTLED)
    for status in (D.OPEN, D.LOST):
        world.tell(world.reading(status, amount=PART))
    assert world.purse() == (6_000, 6_000, 0, 0)
    world.forward(deposit)
    assert world.purse() == (6_000, 0, 0, 0)
    assert world.books()["customers_cash_at_broker:USD"] == 6_000


def test_won_in_time_all_of_it_is_forwarded(world):
    deposit = world.deposit(S.SETTLED)
    for status in (D.OPEN, D.WON):
        world.tell(world.reading(status, amount=PART))
    assert world.now(deposit).forwarded == deposit.credited
    world.forward(deposit)
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


@pytest.mark.parametrize("until", [S.FUNDING, S.FUNDED])
def test_won_later_the_part_follows_and_is_held_until_it_is_there(world, until):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading(amount=PART))
    world.forward(deposit, until)
    world.tell(world.reading(D.WON, amount=PART))
    assert world.given_back() == [4_000]
    world.forward(deposit)
    assert world.now(deposit).status is S.FUNDED
    assert world.purse() == (10_000, 4_000, 0, 0)
    world.fetch()
    assert (world.purse(), world.books()) == ((10_000, 0, 0, 0), START)


def test_two_parts_that_are_all_of_it_keep_all_of_it_back(world):
    deposit = world.deposit(S.SETTLED)
    world.tell(world.reading(amount=PART))
    world.tell(world.reading(amount=Money(6_000, USD), reference="dp_2"))
    assert (world.now(deposit).status, world.now(deposit).due) == (S.DISPUTED, None)
    assert world.purse() == (10_000, 10_000, 2, 0)
    world.tell(world.reading(D.WON, amount=PART))
    now = world.now(deposit)
    assert (now.status, now.forwarded.minor) == (S.SETTLED, 4_000)
    assert now.due is not None


def test_parts_of_a_payment_are_worth_exactly_what_was_credited(world):
    # 10.00 shillings are 15.5 cents, credited as 16: five parts of 3.1 cents.
    deposit = world.deposit(amount=Money(1_000, KES), rate="0.0155")
    assert deposit.credited.minor == 16
    for number in range(5):
        world.tell(world.reading(amount=Money(200, KES), reference=f"dp_{number}"))
    assert world.purse() == (16, 16, 5, 0)
    for number in range(5):
        world.tell(world.reading(D.LOST, Money(200, KES), f"dp_{number}"))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books().keys() <= {"customers_cash_at_broker:USD", "firm_cash_at_broker:USD"}


@pytest.mark.parametrize("won", [0, 1])
def test_two_disputes_of_all_of_it_cost_the_person_it_once(world, won):
    """A bank takes the same money twice: the second time is the firm's to answer for."""
    deposit = world.deposit()
    for reference in ("dp_0", "dp_1"):
        world.tell(world.reading(reference=reference))
    assert world.purse() == (10_000, 10_000, 2, 0)
    assert world.books()["disputed:stripe:USD"] == 20_000
    world.tell(world.reading(D.WON, reference=f"dp_{won}"))
    assert world.purse() == (10_000, 10_000, 1, 0)
    world.tell(world.reading(D.LOST, reference=f"dp_{1 - won}"))
    assert world.purse() == (0, 0, 0, 0)
    assert "losses:USD" not in world.books()
    assert world.now(deposit).status is S.DISPUTED


def test_both_lost_the_second_is_the_firms_loss_and_a_case_says_so(world):
    world.deposit()
    for reference in ("dp_0", "dp_1"):
        world.tell(world.reading(D.LOST, reference=reference))
    assert world.purse() == (0, 0, 0, 0)
    assert world.books()["losses:USD"] == 10_000
    (case,) = world.open_cases()
    assert dict(case.facts)["answered"] == "100.00 USD"
    assert dict(case.facts)["status"] == "LOST"


def test_methods_that_know_no_disputes_are_forwarded_whole(world):
    deposit = world.deposit(S.SETTLED, method=Method.BANK_TRANSFER)
    world.deposit(payment="pi_2", amount=Money(5_000, USD))
    world.tell(world.reading(amount=PART))
    assert (world.now(deposit).forwarded, world.now(deposit).status) == (
        deposit.credited,
        S.SETTLED,
    )
    assert world.purse() == (15_000, 14_000, 1, 0)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("way", list(permutations([D.OPEN, D.WON, D.LOST])))
def test_a_crash_at_any_news_leaves_one_truth(quick, way, moment):
    deposit = quick.deposit(S.SETTLED)
    for number, status in enumerate(way):
        quick.facts.script = [moment]
        try:
            quick.tell(quick.reading(status, amount=PART))
        except Crash:
            quick.tell(quick.reading(status, amount=PART))
        quick.facts.script.clear()
        if number == 1:
            quick.forward(deposit)
    quick.fetch()
    lost = quick.dispute(deposit).status is D.LOST
    live = quick.dispute(deposit).live
    left = 6_000 if lost else 10_000
    assert quick.purse()[:1] + quick.purse()[3:] == (left, 0)
    assert quick.wallet().held == (4_000 if live else 0)
    if not live:
        assert quick.books().get("customers_cash_at_broker:USD", 0) == left
