"""Refunds through Stripe: once, however often and late they are asked for."""

from dataclasses import replace

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.payouts.model import PayoutStatus
from shared.payouts.ports import CameBack, NotPaid, PaidOut, Silence, Taken
from shared.payouts.providers.stripe import StripeRefunds
from shared.payouts.reasons import PayoutReason
from tests.payments.stripe.desk import deposit_of
from tests.payouts.stripe.orders import refund_of

LATER = "4000000000007726"
COMES_BACK = "4000000000005126"


@pytest.fixture
def rail(desk):
    return StripeRefunds(lambda: desk.client)


@pytest.fixture
def intent(desk):
    return desk.paid(deposit_of(10_000))


def refunds(desk):
    return desk.client.v1.refunds.list().data


def test_a_part_goes_back_to_the_card(desk, rail, intent):
    order = refund_of(intent, 4_000)
    sent = rail.send(order, {})
    assert sent == PaidOut(sent.reference, Money(4_000, Currency.USD))
    assert sent.reference.startswith("re_")
    (made,) = refunds(desk)
    assert made.metadata.to_dict() == {
        "user_id": order.user_id,
        "payout_id": order.payout_id,
        "key": order.payout_id,
    }
    assert rail.look_up(replace(order, reference=sent.reference)) == sent
    assert rail.look_up(order) == sent


def test_the_same_order_is_carried_out_once_even_when_its_key_is_forgotten(desk, rail, intent):
    order = refund_of(intent, 4_000)
    first = rail.send(order, {})
    assert rail.send(order, {}) == first
    desk.sandbox.delete("/_control/stripe/keys").raise_for_status()
    assert rail.send(order, {}) == first
    assert len(refunds(desk)) == 1


def test_two_orders_for_one_payment_are_two_refunds(desk, rail, intent):
    orders = [refund_of(intent, 4_000), refund_of(intent, 6_000)]
    assert {rail.send(one, {}).amount.minor for one in orders} == {4_000, 6_000}
    assert rail.send(refund_of(intent, 1), {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert sum(one.amount for one in refunds(desk)) == 10_000


def test_another_attempt_of_a_refused_order_is_an_order_of_its_own(desk, rail, intent):
    order = refund_of(intent, 4_000)
    rail.send(order, {})
    second = rail.send(replace(order, attempt=1), {})
    assert isinstance(second, PaidOut)
    assert [one.metadata["key"] for one in refunds(desk)] == [
        f"{order.payout_id}.1",
        order.payout_id,
    ]


@pytest.mark.parametrize("status", [500, 503])
def test_a_gateway_that_does_not_answer_is_silence(desk, rail, intent, fault, status):
    order = refund_of(intent, 4_000)
    fault("stripe", "refunds.create", "error", times=2, status=status)
    assert rail.send(order, {}) == Silence()
    assert rail.look_up(order) == Silence()
    fault("stripe", "refunds.list", "error", times=2, status=status)
    assert rail.send(order, {}) == Silence()
    assert refunds(desk) == []
    fault("stripe", "refunds.list", "error", times=2, status=status)
    with pytest.raises(GatewayUnavailable):
        rail.look_up(order)
    assert isinstance(rail.send(order, {}), PaidOut)


def test_the_effect_of_a_lost_answer_is_found(desk, rail, intent, fault):
    order = refund_of(intent, 10_000)
    fault("stripe", "refunds.create", "timeout_after_effect", close=True)
    assert rail.send(order, {}) == Silence()
    found = rail.look_up(order)
    assert isinstance(found, PaidOut)
    desk.sandbox.delete("/_control/stripe/keys").raise_for_status()
    assert rail.send(order, {}) == found
    assert len(refunds(desk)) == 1


def test_a_refund_that_takes_days_is_taken_until_it_is_paid(desk, rail):
    order = refund_of(desk.paid(deposit_of(10_000), LATER), 10_000)
    taken = rail.send(order, {})
    assert taken == Taken(taken.reference)
    order = replace(order, reference=taken.reference, status=PayoutStatus.SENT)
    assert rail.look_up(order) == taken
    desk.knob(f"refunds/{taken.reference}", status="requires_action")
    assert rail.look_up(order) == taken
    desk.knob(f"refunds/{taken.reference}", status="succeeded")
    assert rail.look_up(order) == PaidOut(taken.reference, Money(10_000, Currency.USD))


@pytest.mark.parametrize(
    ("status", "why", "reason"),
    [
        ("failed", "expired_or_canceled_card", PayoutReason.RECEIVER_NOT_ABLE),
        ("failed", "unknown", PayoutReason.GATEWAY_REFUSED),
        ("canceled", None, PayoutReason.GATEWAY_REFUSED),
    ],
)
def test_a_refund_that_never_arrived_is_not_paid(desk, rail, status, why, reason):
    order = refund_of(desk.paid(deposit_of(10_000), LATER), 10_000)
    taken = rail.send(order, {})
    desk.knob(f"refunds/{taken.reference}", status=status, reason=why)
    assert rail.look_up(replace(order, reference=taken.reference)) == NotPaid(reason)
    assert rail.send(order, {}) == NotPaid(reason)
    assert len(refunds(desk)) == 1


def test_a_refund_that_fails_after_it_was_paid_came_back(desk, rail):
    order = refund_of(desk.paid(deposit_of(10_000), COMES_BACK), 10_000)
    paid = rail.send(order, {})
    assert isinstance(paid, PaidOut)
    desk.knob(f"refunds/{paid.reference}", status="failed")
    order = replace(order, reference=paid.reference, status=PayoutStatus.PAID)
    assert rail.look_up(order) == CameBack(PayoutReason.RETURNED_BY_BANK)
    charge = desk.client.v1.payment_intents.retrieve(
        order.source, {"expand": ["latest_charge"]}
    ).latest_charge
    assert charge.amount_refunded == 0


def test_a_refund_of_somebody_elses_order_says_nothing(desk, rail, intent):
    mine, theirs = refund_of(intent, 1_000), refund_of(intent, 2_000)
    reference = rail.send(theirs, {}).reference
    assert rail.look_up(replace(mine, reference=reference)) == Silence()
    assert rail.look_up(replace(mine, reference="re_unknown")) == Silence()
    assert rail.look_up(mine) == Silence()


@pytest.mark.parametrize("source", ["pi_unknown", None])
def test_a_payment_that_stripe_does_not_know_is_not_refunded(desk, rail, source):
    order = refund_of(source, 1_000)
    assert rail.send(order, {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert refunds(desk) == []


def test_a_disputed_payment_is_not_refunded(desk, rail, intent):
    desk.knob("disputes", payment_intent=intent)
    assert rail.send(refund_of(intent, 1_000), {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    assert refunds(desk) == []


def test_a_debit_goes_back_in_days(desk, rail):
    deposit = deposit_of(10_000, method=Method.BANK_DEBIT)
    intent = desk.pay(desk.gateway.start(deposit, None).reference)
    order = refund_of(intent, 10_000)
    assert rail.send(order, {}) == NotPaid(PayoutReason.GATEWAY_REFUSED)
    desk.knob(f"payment_intents/{intent}/finish")
    assert isinstance(rail.send(replace(order, attempt=1), {}), Taken)
    assert desk.events("refund.created", "charge.refunded") == [
        "refund.created",
        "charge.refunded",
    ]
