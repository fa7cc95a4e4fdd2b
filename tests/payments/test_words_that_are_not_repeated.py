"""Proofs that come once by message, and gateways that say for ever that they work on it."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.money import Currency, Money
from shared.payments.errors import RateUnavailable
from shared.payments.methods import Gateway
from shared.payments.ports import Failed, Lapsed, Paid, Processing
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES
from shared.payments.settlement import LATE, Hint
from shared.payments.states import DepositStatus
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.model import Book, Party

HUNDRED = Money(10_000, Currency.USD)
CLEARING = ("house:gateway_clearing:adyen:USD", "USD/2")
SUSPENSE = ("house:suspense", "USD/2")


def at_adyen(world, **asked):
    world.gateways[Gateway.STRIPE].start_script = ["not_sent"] * TRIES
    deposit = world.card(**asked)
    assert deposit.gateway is Gateway.ADYEN
    return deposit


def proved(world, deposit, payment="psp_1", amount=None):
    world.settlement.signalled(
        world.user_id,
        deposit.deposit_id,
        Hint(),
        Gateway.ADYEN,
        Paid(payment, amount or deposit.amount),
    )


def case_kinds(world):
    return [one.kind for one in world.cases.listed(CaseStatus.OPEN)]


def unknown(world, party):
    """What the report of a gateway lists as without a final word."""
    now = world.clock.now()
    breaks = Breaks(world.cases, world.facts, world.clock)
    return [one.subject for one in breaks.unknown(Book(party, Currency.USD), now.date())]


def late(world, deposit):
    world.clock.advance(deposit.lapses_at - world.clock.now() + LATE + timedelta(minutes=1))


def test_a_proof_that_finds_no_rate_is_delivered_again_until_there_is_one(world):
    deposit = at_adyen(world, amount="130000", currency=Currency.KES)
    world.settlement.settling.end(deposit, deposit.expired(world.clock.now()))
    world.clock.advance(timedelta(days=3))  # the rate is too old by now
    with pytest.raises(RateUnavailable):
        proved(world, deposit)
    assert world.now(deposit).status is DepositStatus.EXPIRED
    assert world.wallet().posted == 0
    world.rate()
    proved(world, deposit)
    proved(world, deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.wallet().posted == world.now(deposit).credited.minor > 0


def test_a_proof_about_a_deposit_that_a_person_looks_at_waits_in_suspense_once(world):
    deposit = at_adyen(world)
    proved(world, deposit, "psp_1", Money(500, Currency.USD))
    assert world.now(deposit).review
    proved(world, deposit, "psp_2")
    proved(world, deposit, "psp_2")
    assert world.books() == {CLEARING: 10_500, SUSPENSE: -10_500}
    assert world.wallet().posted == 0
    assert case_kinds(world) == [CaseKind.AMOUNT_MISMATCH]


def test_what_waits_in_suspense_credits_nobody_when_the_deposit_goes_on_and_it_is_told_again(world):
    deposit = at_adyen(world)
    proved(world, deposit, "psp_1", Money(500, Currency.USD))
    proved(world, deposit, "psp_2")
    held = world.now(deposit)
    world.settlement.settling.keep(held, held.reviewed())
    proved(world, deposit, "psp_2")
    assert world.now(deposit).review
    assert world.wallet().posted == 0
    assert world.books() == {CLEARING: 10_500, SUSPENSE: -10_500}
    assert CaseKind.PAYMENT_REUSED in case_kinds(world)


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_a_card_that_ended_here_stays_so_while_its_gateway_works_on_it(world, end):
    deposit = at_adyen(world)
    world.settlement.settling.end(deposit, getattr(deposit, end)(world.clock.now()))
    ended = world.now(deposit).status
    world.gateways[Gateway.ADYEN].set(deposit, Processing())
    world.check(deposit)
    assert world.now(deposit).status is ended
    assert world.checks_sent()[-1][:2] == ("payment", 1)
    proved(world, deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED


def test_a_used_page_that_is_never_said_to_be_paid_reaches_a_person(world):
    deposit = at_adyen(world)
    world.gateways[Gateway.ADYEN].set(deposit, Processing())
    world.check(deposit)
    assert world.now(deposit).status is DepositStatus.PENDING
    assert case_kinds(world) == []
    late(world, deposit)
    sent = len(world.checks_sent())
    world.check(deposit)
    world.check(deposit)
    assert case_kinds(world) == [CaseKind.PAYMENT_UNKNOWN]
    assert len(world.checks_sent()) == sent
    assert world.now(deposit).due is not None  # the sweep goes on asking
    assert unknown(world, Party.ADYEN) == [deposit.deposit_id]
    assert unknown(world, Party.STRIPE) == []


@pytest.mark.parametrize("word", ["paid", "lapsed"])
def test_when_the_word_comes_after_all_nobody_has_to_find_out_any_more(world, word):
    deposit = at_adyen(world)
    world.gateways[Gateway.ADYEN].set(deposit, Processing())
    world.check(deposit)
    late(world, deposit)
    world.check(deposit)
    (before,) = world.cases.listed(CaseStatus.OPEN)
    if word == "paid":
        proved(world, deposit)
    else:
        world.gateways[Gateway.ADYEN].set(deposit, Lapsed())
        world.check(deposit)
    assert world.now(deposit).status is (
        DepositStatus.SETTLED if word == "paid" else DepositStatus.EXPIRED
    )
    assert case_kinds(world) == []
    after = world.cases.get(before.case_id)
    assert (after.status, after.resolved_by) == (CaseStatus.RESOLVED, "settle_deposit")
    assert unknown(world, Party.ADYEN) == []
    proved(world, deposit, "psp_1")
    world.check(deposit)
    assert world.cases.get(before.case_id) == after


@pytest.mark.parametrize(
    "outcome", [Failed(Reason.CANCELLED_BY_PAYER), Lapsed()], ids=["failed", "lapsed"]
)
def test_a_lost_push_that_its_late_callback_says_was_not_paid_concerns_nobody_any_more(
    world, outcome
):
    world.nobody_answers("no_word")
    deposit = world.mpesa()
    world.clock.advance(deposit.lapses_at - world.clock.now())
    world.check(deposit)
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert case.kind is CaseKind.PAYMENT_UNKNOWN
    world.gateways[Gateway.MPESA].set(deposit, outcome)
    (reference,) = world.gateways[Gateway.MPESA].owners
    expired, told = world.now(deposit), world.events()
    for _ in range(2):
        world.signal(deposit, Hint(reference))
    assert case_kinds(world) == []
    assert world.cases.get(case.case_id).resolved_by == "settle_deposit"
    assert (world.now(deposit), world.events()) == (expired, told)


@pytest.mark.parametrize("amount", [Money(500, Currency.USD), None], ids=["another", "not told"])
def test_when_another_amount_comes_after_all_a_person_looks_at_that_only(world, amount):
    deposit = at_adyen(world)
    world.gateways[Gateway.ADYEN].set(deposit, Processing())
    world.check(deposit)
    late(world, deposit)
    world.check(deposit)
    assert case_kinds(world) == [CaseKind.PAYMENT_UNKNOWN]
    if amount is None:
        said = Hint(paid=Money(500, Currency.USD))
        world.settlement.signalled(world.user_id, deposit.deposit_id, said, Gateway.ADYEN)
    else:
        proved(world, deposit, amount=amount)
    assert world.now(deposit).review
    assert case_kinds(world) == [CaseKind.AMOUNT_MISMATCH]
    assert unknown(world, Party.ADYEN) == []


def test_a_used_page_of_one_gateway_reaches_a_person_when_the_other_was_paid(world):
    world.gateways[Gateway.STRIPE].start_script = ["no_word"] * TRIES
    deposit = world.card()
    (reference,) = world.gateways[Gateway.STRIPE].attempts
    world.gateways[Gateway.ADYEN].set(deposit, Processing())
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", HUNDRED))
    world.settlement.signalled(world.user_id, deposit.deposit_id, Hint(reference), Gateway.STRIPE)
    settled = world.now(deposit)
    assert [one.gateway for one in settled.open_attempts] == [Gateway.ADYEN]
    world.check(deposit)
    assert case_kinds(world) == []
    late(world, deposit)
    sent = len(world.checks_sent())
    world.check(deposit)
    assert case_kinds(world) == [CaseKind.PAYMENT_UNKNOWN]
    assert len(world.checks_sent()) == sent
    assert unknown(world, Party.ADYEN) == [deposit.deposit_id]
    assert unknown(world, Party.STRIPE) == []
    proved(world, deposit)
    assert case_kinds(world) == [CaseKind.SECOND_PAYMENT]
