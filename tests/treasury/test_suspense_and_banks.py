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
from shared.treasury.suspense import DecisionStatus, Stop
from tests.treasury.test_suspense import Desk, stripe_deposit

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
