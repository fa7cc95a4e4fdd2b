"""A refund and a dispute want the same money: whatever the order, nobody answers for it twice."""

from dataclasses import replace

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.states import DepositStatus
from shared.payouts.model import PayoutStatus, Purpose, Rail
from shared.payouts.ports import CameBack, NotPaid, PaidOut
from shared.payouts.reasons import PayoutReason
from shared.payouts.rows import PayoutRow
from shared.platform.tables import Put
from tests.money.both import ALL, Both
from tests.payments.twins import Crash

D, S, P = DisputeStatus, DepositStatus, PayoutStatus
REFUSED, BOUNCED = PayoutReason.GATEWAY_REFUSED, PayoutReason.RETURNED_BY_BANK


@pytest.fixture
def both(make_everything):
    return Both(make_everything())


@pytest.fixture
def settled(make_everything):
    return Both(make_everything(), forwarded=False)


def left(both):
    """The gateway has taken the refund and works on it."""
    both.ask()
    both.deliver()
    assert both.refund.status is P.SENT


def test_a_refund_that_has_not_left_is_stopped_and_the_dispute_takes_its_money(both):
    both.ask()
    both.told(D.OPEN)
    # The refund holds the money already: nothing is held or owed a second time.
    assert both.purse == (10_000, 10_000, 1, 0)
    both.deliver()
    assert (both.refund.status, both.refund.reason) == (P.CANCELLED, PayoutReason.DISPUTED)
    assert (both.orders, both.world.rails[Rail.STRIPE_REFUND].sent) == ({}, 0)
    assert both.purse == (10_000, 10_000, 1, 0)
    assert (both.dispute.worth_minor, both.dispute.answered_minor) == (10_000, 0)
    told = [one.data for one in both.world.events_told() if "payout_failed" in one.type]
    assert [one["reason"] for one in told] == ["DISPUTED"]
    both.told(D.LOST)
    both.deliver()
    assert (both.purse, both.losses) == ((0, 0, 0, 0), 0)


def test_before_it_was_forwarded_the_deposit_holds_it_for_one_of_them_at_a_time(settled):
    settled.ask()
    settled.told(D.OPEN)
    assert settled.deposit.status is S.DISPUTED
    settled.deliver()
    assert (settled.refund.status, settled.orders) == (P.CANCELLED, {})
    assert settled.purse == (10_000, 10_000, 1, 0)
    assert (settled.deposit.withheld_minor, settled.dispute.kept_minor) == (10_000, 10_000)
    settled.told(D.WON)
    settled.deliver()
    settled.world.funding.checked(settled.world.user_id, settled.deposit_id, 0)
    assert settled.deposit.status is S.FUNDED
    assert settled.purse == (10_000, 0, 0, 0)


def test_what_nobody_disputes_of_it_goes_on_once_its_refund_is_stopped(settled):
    settled.ask()
    settled.told(D.OPEN, Money(4_000, Currency.USD))
    settled.deliver()
    settled.world.funding.checked(settled.world.user_id, settled.deposit_id, 0)
    assert (settled.deposit.status, settled.deposit.forwarded.minor) == (S.DISPUTED, 6_000)
    assert settled.purse == (10_000, 4_000, 1, 0)


def test_a_person_who_cancels_it_first_leaves_the_money_to_the_dispute(settled):
    settled.ask()
    settled.told(D.OPEN)
    settled.world.requests.cancel(settled.world.user_id, settled.refund.payout_id)
    settled.deliver()
    assert settled.refund.reason is PayoutReason.CANCELLED
    assert (settled.dispute.kept_minor, settled.dispute.answered_minor) == (10_000, 0)


def test_a_refund_that_has_left_answers_the_dispute_and_a_case_names_it(both):
    left(both)
    both.told(D.OPEN)
    assert both.purse == (10_000, 10_000, 1, 0)
    assert (both.dispute.worth_minor, both.dispute.answered_minor) == (0, 10_000)
    case = both.case()
    assert (case["answered"], case["refunds"]) == ("100.00 USD", both.refund.reference)
    both.gateway_says(PaidOut)
    both.deliver()
    assert both.purse == (0, 0, 1, 0)
    both.told(D.WON)
    assert (both.purse, both.losses, both.deposit.status) == ((0, 0, 0, 0), 0, S.REFUNDED)


@pytest.mark.parametrize("paid_first", [True, False])
def test_lost_although_it_was_refunded_is_the_firms_loss_and_never_a_debt(both, paid_first):
    left(both)
    if paid_first:
        both.gateway_says(PaidOut)
    both.told(D.OPEN)
    both.gateway_says(PaidOut)
    both.told(D.LOST)
    both.deliver()
    assert (both.purse, both.losses) == ((0, 0, 0, 0), 10_000)
    assert both.deposit.status is S.DISPUTED
    assert both.case()["status"] == "LOST"
    kinds = {one.kind for one in both.world.cases.listed(CaseStatus.OPEN)}
    assert CaseKind.RECEIVABLE not in kinds


def test_after_a_part_went_back_the_person_answers_for_the_rest(both):
    both.ask(Money(3_000, Currency.USD))
    both.deliver()
    (reference,) = both.orders
    both.gateway_says(PaidOut(reference, Money(3_000, Currency.USD)))
    both.told(D.OPEN)
    assert both.purse == (7_000, 7_000, 1, 0)
    both.told(D.LOST)
    both.deliver()
    assert (both.purse, both.losses) == ((0, 0, 0, 0), 3_000)


@pytest.mark.parametrize("decided", [False, True])
def test_a_refund_that_the_gateway_refuses_because_of_the_dispute(both, decided):
    left(both)
    both.told(D.OPEN)
    if decided:
        both.told(D.LOST)
        assert (both.purse, both.losses) == ((10_000, 10_000, 0, 0), 10_000)
    both.gateway_says(NotPaid(REFUSED))
    both.deliver()
    assert (both.refund.status, both.losses) == (P.FAILED, 0)
    assert both.purse == ((0, 0, 0, 0) if decided else (10_000, 10_000, 1, 0))
    assert both.dispute.answered_minor == 0


@pytest.mark.parametrize("decided", [False, True])
def test_a_refund_that_comes_back_leaves_the_dispute_to_the_person(both, decided):
    left(both)
    both.gateway_says(PaidOut)
    both.told(D.OPEN)
    if decided:
        both.told(D.LOST)
    both.gateway_says(CameBack(BOUNCED))
    both.deliver()
    assert (both.refund.status, both.losses) == (P.RETURNED, 0)
    assert both.purse == ((0, 0, 0, 0) if decided else (10_000, 10_000, 1, 0))


@pytest.mark.parametrize("decided", [False, True])
def test_a_refund_that_was_paid_after_all_ends_what_the_person_gave_for_the_dispute(both, decided):
    left(both)
    both.gateway_says(NotPaid(REFUSED))
    both.deliver()
    both.told(D.OPEN)
    if decided:
        both.told(D.LOST)
        both.deliver()
    (reference,) = both.orders
    both.gateway_says(PaidOut(reference, ALL))
    both.deliver()
    assert both.refund.status is P.PAID
    assert (both.purse, both.losses) == ((0, 0, 0 if decided else 1, 0), 10_000 if decided else 0)
    assert both.dispute.answered_minor == 10_000
    both.told(D.WON)
    both.deliver()
    assert (both.purse, both.losses) == ((0, 0, 0, 0), 0)


def test_a_dispute_at_the_moment_of_sending_stops_it_or_sees_that_it_left(both):
    both.ask()
    world, inner, opened = both.world, both.world.facts.inner.commit, []

    def commit(writes, *events):
        rows = [one.row for one in writes if isinstance(one, Put)]
        leaves = any(isinstance(row, PayoutRow) and row.status == "SENDING" for row in rows)
        if leaves and not opened:
            opened.append(both.refund.status)
            both.told(D.OPEN)
        inner(writes, *events)

    world.facts.inner.commit = commit
    both.deliver()
    assert opened == [P.RECALLED]
    assert (both.refund.status, both.orders) == (P.CANCELLED, {})
    assert both.purse == (10_000, 10_000, 1, 0)


@pytest.mark.parametrize("moment", [["before"], ["after"], ["ok", "before"], ["ok", "after"]])
@pytest.mark.parametrize("at", ["refund", "dispute", "stop", "lost"])
def test_a_crash_anywhere_stops_it_once(make_everything, at, moment):
    both = Both(make_everything())
    script = both.world.facts.script

    def dying(step, do) -> None:
        script[:] = moment if at == step else []
        try:
            do()
        except Crash:
            script.clear()
            do()
        script.clear()

    dying("refund", both.ask)
    dying("dispute", lambda: both.told(D.OPEN))
    dying("stop", both.deliver)
    dying("lost", lambda: both.told(D.LOST))
    both.deliver()
    assert (both.refund.status, both.orders, both.losses) == (P.CANCELLED, {}, 0)
    assert both.purse == (0, 0, 0, 0)
    claims = [
        one.debited.minor
        for one in both.world.payouts.page(both.world.user_id, limit=9, purpose=Purpose.CLAIM)[0]
    ]
    assert claims == [10_000]


def test_a_debt_of_a_payout_that_was_paid_after_all_is_collected_with_the_news_of_it(both):
    world = both.world
    left(both)
    both.gateway_says(NotPaid(REFUSED))
    both.deliver()
    free = world.wallet().available
    world.commit(world.ledger.reserve(world.wallet(), free, orders=1))
    (reference,) = both.orders
    both.gateway_says(PaidOut(reference, ALL))
    both.deliver(only="nothing")
    world.sending.requested(world.user_id, both.refund.payout_id)
    assert both.purse == (10_000, 10_000, 0, 10_000)
    world.commit(world.ledger.release(world.wallet(), free, orders=1))
    both.deliver()
    assert both.purse == (0, 0, 0, 0)


def test_disputes_of_other_deposits_do_not_stop_a_refund(both):
    world = both.world
    both.ask()
    world.card(amount="50.00", key="key-00000002")
    reading = Reading(Gateway.STRIPE, "dp_2", "pi_2", ALL, D.OPEN, True)
    world.desk.readings["dp_2"] = replace(reading, amount=Money(5_000, Currency.USD))
    world.disputing.signalled(Gateway.STRIPE, "dp_2")
    both.deliver()
    assert both.refund.status is P.SENT
