"""News of disputes come late, twice, in any order, and about payments nobody knows yet."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind
from shared.disputes.model import TRANSITIONS, DisputeStatus, dispute_id_of
from shared.disputes.signals import unpacked
from shared.kernel.errors import IllegalTransition
from shared.kernel.money import Currency, Money
from shared.kernel.states import advance
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.platform.queues import CheckMessage

D, S = DisputeStatus, DepositStatus
USD = Currency.USD
KES = Currency.KES


@pytest.mark.parametrize("source", D)
@pytest.mark.parametrize("target", D)
def test_only_listed_moves_are_possible(source, target):
    if target in TRANSITIONS[source]:
        assert advance(TRANSITIONS, source, target) is target
    else:
        with pytest.raises(IllegalTransition):
            advance(TRANSITIONS, source, target)


def test_a_dispute_comes_back_as_it_was_kept(world):
    deposit = world.deposit()
    due = world.clock.now() + timedelta(days=7)
    world.tell(world.reading(fee_minor=1_500, evidence_due=due))
    dispute = world.dispute(deposit)
    assert dispute.dispute_id == dispute_id_of(deposit.deposit_id, Gateway.STRIPE, "dp_1")
    assert (dispute.deposit_id, dispute.user_id) == (deposit.deposit_id, world.user_id)
    assert (dispute.worth_minor, dispute.reserved_minor, dispute.fee_minor) == (10_000,) * 2 + (
        1_500,
    )
    assert (dispute.taken, dispute.kept_minor, dispute.answered_minor) == (True, 0, 0)
    assert dispute.look_at == world.clock.now() + timedelta(days=1)
    assert (dispute.version, dispute.opened_at) == (1, world.clock.now())
    assert world.disputes.debts(world.user_id).disputes == ()


def test_the_same_news_twice_change_nothing(world):
    deposit = world.deposit()
    for _ in range(3):
        world.tell(world.reading())
    assert (world.facts.commits, world.dispute(deposit).version) == (1, 1)
    for _ in range(3):
        world.tell(world.reading(D.LOST))
    assert (world.facts.commits, world.dispute(deposit).version) == (2, 2)


@pytest.mark.parametrize("late", [D.WARNING, D.OPEN, D.UNDER_REVIEW, D.CLOSED])
@pytest.mark.parametrize("final", [D.WON, D.LOST])
def test_older_news_do_not_take_a_decision_back(world, final, late):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(final))
    purse, books = world.purse(), world.books()
    world.tell(world.reading(late))
    assert world.dispute(deposit).status is final
    assert (world.purse(), world.books(), world.facts.commits) == (purse, books, 2)


def test_a_win_that_comes_before_the_dispute_leaves_nothing_to_set_aside(world):
    deposit = world.deposit()
    purse, books = world.purse(), world.books()
    world.tell(world.reading(D.WON))
    world.tell(world.reading(D.OPEN))
    assert (world.purse(), world.books()) == (purse, books)
    assert world.now(deposit).status is S.FUNDED
    assert world.events() == []


def test_while_the_broker_is_being_asked_money_is_set_aside_and_the_deposit_says_so_when_it_arrives(
    world,
):
    deposit = world.deposit(S.FUNDING)
    world.deposit(payment="pi_2", amount=Money(3_000, USD))
    world.tell(world.reading())
    assert world.purse() == (13_000, 13_000, 1, 7_000)
    assert world.now(deposit).status is S.FUNDING
    assert world.dispute(deposit).look_at == world.clock.now() + timedelta(days=1)
    world.forward(deposit)
    assert world.now(deposit).status is S.DISPUTED
    world.collecting.freed(world.user_id, deposit.deposit_id)
    assert world.purse() == (13_000, 10_000, 1, 0)
    world.tell(world.reading(D.WON))
    assert world.purse() == (13_000, 0, 0, 0)
    assert world.now(deposit).status is S.FUNDED


def test_lost_while_the_broker_is_being_asked_is_paid_when_the_cash_is_there(world):
    deposit = world.deposit(S.FUNDING)
    world.tell(world.reading(D.LOST))
    assert world.purse() == (10_000, 10_000, 0, 10_000)
    world.forward(deposit)
    world.collecting.freed(world.user_id, deposit.deposit_id)
    assert world.purse() == (0, 0, 0, 0)
    assert world.now(deposit).status is S.DISPUTED
    assert world.dispute(deposit).look_at is None


def test_a_refunded_deposit_that_is_disputed_too_is_owed(world):
    deposit = world.deposit()
    world.invest(10_000)
    before = world.now(deposit)
    refunded = before.moved(S.REFUNDED, world.clock.now(), before=S.FUNDED, refunded_minor=10_000)
    world.commit(world.deposits.save(before, refunded))
    world.tell(world.reading())
    assert world.purse() == (0, 0, 1, 10_000)
    assert world.now(deposit).before is S.REFUNDED
    world.tell(world.reading(D.WON))
    assert world.now(deposit).status is S.REFUNDED
    assert world.purse() == (0, 0, 0, 0)


def test_a_second_payment_is_disputed_without_touching_the_deposit(world):
    deposit = world.deposit()
    world.commit(*world.deposits.claim_payment(deposit, "pi_surplus"))
    world.tell(world.reading(payment="pi_surplus"))
    assert world.now(deposit).status is S.FUNDED
    assert world.purse() == (10_000, 10_000, 1, 0)


def test_methods_that_know_no_disputes_are_not_marked_but_money_is_set_aside(world):
    deposit = world.deposit(method=Method.BANK_TRANSFER)
    world.tell(world.reading())
    assert world.now(deposit).status is S.FUNDED
    assert world.purse() == (10_000, 10_000, 1, 0)
    assert world.dispute(deposit).look_at == world.clock.now() + timedelta(days=1)


def test_of_two_disputes_of_one_payment_the_last_won_frees_the_deposit(world):
    deposit = world.deposit()
    half = Money(5_000, USD)
    world.tell(world.reading(amount=half))
    world.tell(world.reading(reference="dp_2", amount=half))
    assert world.purse() == (10_000, 10_000, 2, 0)
    world.tell(world.reading(D.WON, amount=half))
    assert world.now(deposit).status is S.DISPUTED
    assert world.purse() == (10_000, 5_000, 1, 0)
    world.tell(world.reading(D.WON, reference="dp_2", amount=half))
    assert world.now(deposit).status is S.FUNDED
    assert world.purse() == (10_000, 0, 0, 0)


def test_of_two_disputes_one_lost_leaves_the_deposit_disputed(world):
    deposit = world.deposit()
    half = Money(5_000, USD)
    world.tell(world.reading(amount=half))
    world.tell(world.reading(D.LOST, reference="dp_2", amount=half))
    world.tell(world.reading(D.WON, amount=half))
    assert world.now(deposit).status is S.DISPUTED
    assert world.purse() == (5_000, 0, 0, 0)


def test_a_dispute_faster_than_its_payment_is_sought_and_then_shown_to_people(world):
    reading = world.reading(reference="dp_9", payment="pi_9")
    world.tell(reading)
    ((first, delay),) = world.queue.sent
    assert first == CheckMessage("dispute_sought", {"gateway": "STRIPE", "reference": "dp_9"}, 0)
    assert delay == 2
    assert world.open_cases() == []
    for attempt in range(1, 13):
        assert world.open_cases() == []
        world.disputing.signalled(Gateway.STRIPE, "dp_9", attempt)
    assert len(world.queue.sent) == 12
    (case,) = world.open_cases()
    assert (case.kind, case.subject, case.user_id) == (CaseKind.DISPUTE, "STRIPE.dp_9", None)
    world.deposit(payment="pi_9")
    world.tell(reading)
    assert world.purse() == (10_000, 10_000, 1, 0)


def test_a_signed_message_faster_than_its_payment_is_believed_again(world):
    due = world.clock.now() + timedelta(days=7)
    reading = world.reading(gateway=Gateway.ADYEN, evidence_due=due, fee_minor=5)
    world.disputing.proved(reading)
    ((check, delay),) = world.queue.sent
    assert isinstance(check, CheckMessage)
    assert (check.check, check.attempt, delay) == ("dispute_proved", 0, 2)
    assert unpacked(check.subject) == reading
    world.disputing.proved(reading, 12)
    assert [one.subject for one in world.open_cases()] == ["ADYEN.dp_1"]


def test_a_dispute_that_the_gateway_does_not_know_changes_nothing(world):
    world.disputing.signalled(Gateway.STRIPE, "dp_none")
    assert (world.queue.sent, world.open_cases(), world.facts.commits) == ([], [], 0)


def test_a_gateway_that_is_down_is_asked_again_later(world):
    world.deposit()
    world.desk.down = True
    with pytest.raises(GatewayUnavailable):
        world.tell(world.reading())
    assert world.facts.commits == 0


def test_a_check_finds_what_no_message_told(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.desk.readings["dp_1"] = world.reading(D.LOST)
    world.clock.advance(timedelta(days=1))
    world.disputing.checked(world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    assert world.purse() == (0, 0, 0, 0)
    assert world.dispute(deposit).look_at is None


def test_a_check_that_finds_nothing_new_looks_again_a_day_later(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.clock.advance(timedelta(days=1))
    world.disputing.checked(world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    assert world.dispute(deposit).look_at == world.clock.now() + timedelta(days=1)
    assert world.facts.commits == 2
    world.disputing.checked(world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    assert world.facts.commits == 2


def test_somebody_is_reminded_once_before_evidence_is_due(world, caplog):
    deposit = world.deposit()
    due = world.clock.now() + timedelta(days=2, hours=3)
    world.tell(world.reading(evidence_due=due))
    assert world.dispute(deposit).look_at == due - timedelta(days=2)
    world.clock.advance(timedelta(hours=3))
    for _ in range(2):
        world.disputing.checked(
            world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id
        )
    assert world.dispute(deposit).reminded
    assert world.dispute(deposit).look_at == world.clock.now() + timedelta(days=1)
    assert world.facts.commits == 2


def test_nobody_is_reminded_of_evidence_that_was_sent(world):
    deposit = world.deposit()
    due = world.clock.now() + timedelta(days=2, hours=3)
    world.tell(world.reading(D.UNDER_REVIEW, evidence_due=due))
    world.clock.advance(timedelta(hours=3))
    world.disputing.checked(world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    assert not world.dispute(deposit).reminded


def test_a_check_of_what_is_not_there_does_nothing(world):
    deposit = world.deposit()
    dispute_id = dispute_id_of(deposit.deposit_id, Gateway.STRIPE, "dp_1")
    world.disputing.checked(world.user_id, deposit.deposit_id, dispute_id)
    assert world.facts.commits == 0


def test_an_amount_that_changes_after_money_was_set_aside_changes_nothing(world):
    deposit = world.deposit()
    world.tell(world.reading())
    world.tell(world.reading(D.UNDER_REVIEW, amount=Money(4_000, USD)))
    assert world.dispute(deposit).amount == Money(10_000, USD)
    assert world.purse() == (10_000, 10_000, 1, 0)


def test_a_lost_race_is_decided_again_on_what_is_there(quick):
    deposit = quick.deposit()
    inner, raced = quick.facts.inner.commit, []

    def commit(writes, *events):
        if not raced:
            raced.append(1)
            quick.invest(6_000)
        inner(writes, *events)

    quick.facts.inner.commit = commit
    quick.tell(quick.reading())
    assert quick.purse() == (4_000, 4_000, 1, 6_000)
    assert quick.now(deposit).status is S.DISPUTED
