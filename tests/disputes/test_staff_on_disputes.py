"""What staff ask for: cash of those who owe, and a dispute to be given up."""

from dataclasses import replace

import pytest

from shared.disputes.asking import Asking
from shared.disputes.conceding import Conceding
from shared.disputes.errors import GatewayDecides, NothingToCollect
from shared.disputes.model import DisputeStatus
from shared.kernel.errors import NotFound
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from tests.disputes.worked import LOST

D = DisputeStatus
USD = Currency.USD


def test_staff_ask_only_for_what_is_there(world):
    seen = []
    asking = Asking(world.disputes, world.facts)

    def ask():
        return asking.collect(world.user_id, lambda *minor: seen.append(minor) or [])

    with pytest.raises(NothingToCollect):
        ask()
    world.deposit()
    world.invest(10_000)
    world.tell(world.reading(D.LOST))
    with pytest.raises(NothingToCollect):
        ask()
    world.sell(2_500)
    assert (ask(), seen) == (Money(2_500, USD), [(10_000, 7_500)])
    assert world.events()[-1] == "disputes.collection_asked.v1"
    assert world.purse() == (2_500, 0, 0, 10_000)
    world.collecting.freed(world.user_id, world.user_id)
    assert world.purse() == (0, 0, 0, 7_500)


def test_a_dispute_is_given_up_once_and_only_where_the_gateway_is_silent(world):
    asking, conceding = Asking(world.disputes, world.facts), Conceding(world.recording)
    deposit = world.deposit()
    world.tell(world.reading())
    named = (world.user_id, deposit.deposit_id, world.dispute(deposit).dispute_id)
    with pytest.raises(GatewayDecides):
        asking.concede(*named, lambda _: [])
    conceding.concede(*named)
    assert world.dispute(deposit).status is D.OPEN
    other = replace(world.deposit(payment="PSP1"), gateway=Gateway.ADYEN)
    world.commit(world.deposits.save(other, other), *world.deposits.claim_payment(other, "PSP1"))
    world.disputing.proved(world.reading(gateway=Gateway.ADYEN, payment="PSP1"))
    silent = (world.user_id, other.deposit_id, world.dispute(other).dispute_id)
    assert asking.concede(*silent, lambda _: []).status is D.OPEN
    for _ in range(2):
        conceding.concede(*silent)
    assert world.dispute(other).status is D.LOST
    assert world.events().count(LOST) == 1
    told = len(world.facts.published)
    assert asking.concede(*silent, lambda _: []).status is D.LOST
    assert len(world.facts.published) == told
    with pytest.raises(NotFound):
        asking.concede(world.user_id, other.deposit_id, named[2], lambda _: [])
