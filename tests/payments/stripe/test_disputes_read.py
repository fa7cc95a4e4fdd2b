"""Disputes, as they stand at the gateway."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_disputes import DisputeFacts, StripeDisputes, facts_of
from tests.payments.stripe.desk import deposit_of


@pytest.fixture
def deposit():
    return deposit_of(10_000)


@pytest.fixture
def disputes(desk):
    return StripeDisputes(lambda: desk.client)


def test_a_dispute_takes_money_and_a_fee_and_has_a_last_day_for_evidence(desk, disputes, deposit):
    intent = desk.paid(deposit)
    opened = desk.knob("disputes", payment_intent=intent, amount=4_000)
    now = datetime.now(UTC)
    facts = disputes.read(opened["id"])
    assert timedelta(days=8) < facts.evidence_due - now < timedelta(days=10)
    assert facts == DisputeFacts(
        dispute_id=opened["id"],
        payment=intent,
        amount=Money(4_000, Currency.USD),
        status="needs_response",
        reason="fraudulent",
        funds_withdrawn=True,
        fee_minor=1_500,
        evidence_due=facts.evidence_due,
        user_id=deposit.user_id,
        deposit_id=deposit.deposit_id,
    )
    assert desk.events("charge.dispute.created", "charge.dispute.funds_withdrawn") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]


def test_a_won_dispute_gives_money_and_fee_back(desk, disputes, deposit):
    opened = desk.knob("disputes", payment_intent=desk.paid(deposit))
    desk.knob(f"disputes/{opened['id']}", status="under_review")
    assert disputes.read(opened["id"]).status == "under_review"
    desk.knob(f"disputes/{opened['id']}", status="won")
    facts = disputes.read(opened["id"])
    assert (facts.status, facts.funds_withdrawn, facts.fee_minor) == ("won", False, 0)
    assert desk.events()[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    nets = [one.net for one in desk.client.v1.balance_transactions.list().data]
    assert nets == [11_500, -11_500, 10_000 - 320]


def test_a_lost_dispute_leaves_the_money_gone(desk, disputes, deposit):
    opened = desk.knob("disputes", payment_intent=desk.paid(deposit))
    desk.knob(f"disputes/{opened['id']}", status="lost")
    facts = disputes.read(opened["id"])
    assert (facts.status, facts.funds_withdrawn, facts.fee_minor) == ("lost", True, 1_500)


def test_an_inquiry_takes_no_money_until_it_becomes_a_dispute(desk, disputes, deposit):
    intent = desk.paid(deposit)
    opened = desk.knob("disputes", payment_intent=intent, status="warning_needs_response")
    facts = disputes.read(opened["id"])
    assert (facts.status, facts.funds_withdrawn) == ("warning_needs_response", False)
    desk.knob(f"disputes/{opened['id']}", withdraw=True, status="needs_response")
    facts = disputes.read(opened["id"])
    assert (facts.status, facts.funds_withdrawn) == ("needs_response", True)


def test_an_inquiry_can_come_to_nothing(desk, disputes, deposit):
    intent = desk.paid(deposit)
    opened = desk.knob("disputes", payment_intent=intent, status="warning_needs_response")
    desk.knob(f"disputes/{opened['id']}", status="warning_closed")
    facts = disputes.read(opened["id"])
    assert (facts.status, facts.funds_withdrawn, facts.fee_minor) == ("warning_closed", False, 0)
    again = desk.sandbox.post(f"/_control/stripe/disputes/{opened['id']}", json={"status": "won"})
    assert again.status_code == 409


def test_some_cards_dispute_by_themselves(desk, disputes, deposit):
    intent = desk.paid(deposit, "4000000000000259")
    (listed,) = desk.client.v1.disputes.list({"payment_intent": intent}).data
    assert disputes.read(listed.id).deposit_id == deposit.deposit_id


def test_an_unknown_dispute_is_none_and_silence_is_silence(desk, disputes, fault):
    assert disputes.read("dp_unknown") is None
    fault("stripe", "disputes.retrieve", "error", times=2, status=500)
    with pytest.raises(GatewayUnavailable):
        disputes.read("dp_unknown")


SHAPE = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 1_000,
    "balance_transactions": [
        {"amount": -1_000, "currency": "usd", "fee": 1_500, "net": -2_500},
        {"amount": 1_000, "currency": "usd", "fee": -1_500, "net": 2_500},
    ],
    "charge": "ch_1",
    "currency": "usd",
    "evidence_details": {"due_by": 1_626_566_399, "has_evidence": True},
    "payment_intent": "pi_1",
    "reason": "fraudulent",
    "status": "under_review",
}


def test_the_published_shape_is_understood():
    assert facts_of(SHAPE) == DisputeFacts(
        dispute_id="dp_1",
        payment="pi_1",
        amount=Money(1_000, Currency.USD),
        status="under_review",
        reason="fraudulent",
        funds_withdrawn=False,
        fee_minor=0,
        evidence_due=datetime(2021, 7, 17, 23, 59, 59, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"payment_intent": None}, {"payment": None}),
        ({"balance_transactions": []}, {"funds_withdrawn": False, "fee_minor": 0}),
        ({"evidence_details": {"due_by": None}}, {"evidence_due": None}),
        ({"reason": "Text <b>of</b> somebody"}, {"reason": "other"}),
        ({"currency": "xau"}, {"amount": Money(0, Currency.USD), "fee_minor": 0}),
        (
            # Settled in another currency: what is out is seen, what it costs is not ours to say.
            {
                "currency": "kes",
                "balance_transactions": [{"amount": -8, "currency": "usd", "fee": 1_500}],
            },
            {"amount": Money(1_000, Currency.KES), "funds_withdrawn": True, "fee_minor": 0},
        ),
    ],
)
def test_odd_disputes_are_told_as_far_as_they_are_known(changes, expected):
    facts = facts_of(SHAPE | changes)
    assert {name: getattr(facts, name) for name in expected} == expected
