"""Money in suspense that the payer's bank took back: nobody is credited with it, until it is ours
again."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseStatus
from shared.disputes.model import Dispute, DisputeStatus, dispute_id_of
from shared.disputes.store import DisputeStore
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.treasury.errors import ClaimedByBank
from shared.treasury.suspense import DecisionStatus, Stop, Way
from tests.treasury.test_suspense import WHY, Desk, stripe_deposit

STRIPE = (Gateway.STRIPE, "pi_1")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def lost(desk, deposit) -> Dispute:
    """What is written with a dispute that is lost before the payment went back."""
    dispute = Dispute(
        user_id=desk.user_id,
        dispute_id=dispute_id_of(deposit.deposit_id, Gateway.STRIPE, "dp_1"),
        deposit_id=deposit.deposit_id,
        gateway=Gateway.STRIPE,
        reference="dp_1",
        payment="pi_1",
        amount=Money(9_900, Currency.USD),
        status=DisputeStatus.LOST,
    )
    desk.disputes.claimed.add("pi_1")
    desk.facts.commit([DisputeStore(desk.database).gone(dispute)])
    return dispute


def test_a_match_of_what_is_gone_is_stopped_and_tells_its_case(desk):
    deposit = stripe_deposit(desk)
    desk.propose(of=STRIPE)
    lost(desk, deposit)
    for _ in range(2):
        desk.crediting.agreed(*STRIPE)
    decision = desk.decisions.get(*STRIPE)
    assert (decision.status, decision.stopped_by, decision.due) == (
        DecisionStatus.REJECTED,
        Stop.CLAIMED_BY_BANK,
        None,
    )
    assert desk.credited() == 0
    (case,) = desk.cases.listed(CaseStatus.OPEN)
    assert dict(case.facts)["stopped"] == "CLAIMED_BY_BANK"
    assert desk.suspending.suspended.waiting(5).entries == ()
    with pytest.raises(NotFound):
        desk.propose(of=STRIPE, key="key-2")


def test_what_is_won_after_all_is_listed_and_can_be_credited_again(desk):
    deposit = stripe_deposit(desk)
    dispute = lost(desk, deposit)
    assert desk.suspending.suspended.get(*STRIPE) is None
    desk.clock.advance(timedelta(days=3))
    desk.disputes.claimed.clear()
    desk.facts.commit([DisputeStore(desk.database).back(dispute)])
    assert [one.payment for _, one in desk.suspending.suspended.waiting(5).entries] == ["pi_1"]
    desk.propose(of=STRIPE)
    desk.crediting.agreed(*STRIPE)
    assert desk.credited() == 9_900


def by_hand(desk, act, who):
    if act == "propose":
        return desk.suspending.propose(who, "key-1", STRIPE, None, WHY, desk.note, "BANK-OUT-7")
    return desk.suspending.decide(who, STRIPE, True, desk.note)


@pytest.mark.parametrize("claimed_before", ["propose", "decide"])
def test_what_people_have_sent_back_is_booked_whatever_the_payers_bank_does(desk, claimed_before):
    stripe_deposit(desk)
    for act, who in (("propose", "usr_a"), ("decide", "usr_b")):
        if act == claimed_before:
            desk.disputes.claimed.add("pi_1")
        decision = by_hand(desk, act, who)
    assert (decision.status, decision.transfer) == (DecisionStatus.DONE, "BANK-OUT-7")
    (told,) = [data for kind, data in desk.told() if kind == "payments.surplus_received.v1"]
    assert (told["transfer"], told["payment"]) == ("BANK-OUT-7", "pi_1")


def test_through_the_gateway_what_a_bank_claims_does_not_go_back(desk):
    stripe_deposit(desk)
    desk.disputes.claimed.add("pi_1")
    with pytest.raises(ClaimedByBank):
        desk.propose(Way.RETURN, of=STRIPE)
    assert [kind for kind, _ in desk.told() if "surplus" in kind] == []
