"""A payment that could not be sent back is no dead end: two people say how it goes instead."""

from contextlib import suppress
from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Money
from shared.payments.methods import Gateway
from shared.payouts.errors import PayoutNotStuck, TakenByBank, TransferKnown
from shared.payouts.model import Rail
from shared.payouts.ports import PaidOut, PayoutAccountShown
from shared.payouts.remedies import RemedyWay, checked_target, follower_id
from tests.payouts.conftest import CAME_BACK, NOT_PAID
from tests.payouts.remedy_desk import (
    ACCOUNT,
    AGAIN,
    BANK,
    BY_HAND,
    KES,
    SUSPENSE,
    USD,
    Desk,
    S,
    follower,
    listed,
    undelivered,
)
from tests.payouts.twins import Crash


def test_it_is_listed_until_two_people_have_said_the_same(world):
    payout, desk = undelivered(world), Desk(world)
    assert listed(world) == [payout.payout_id]
    one = desk.say(payout, AGAIN)
    assert (one.remedy.agreed, one.followed_by, listed(world)) == (False, None, [payout.payout_id])
    assert desk.say(payout, AGAIN) == one
    assert world.payouts.get(world.user_id, follower_id(payout.payout_id)) is None
    two = desk.say(payout, AGAIN, by="usr_t1_B")
    assert (two.remedy.by, two.remedy.also, two.status) == ("usr_t1_A", "usr_t1_B", S.FAILED)
    assert two.followed_by == follower(world, payout).payout_id
    assert (listed(world), desk.acts) == ([], 2)
    for by in ("usr_t1_A", "usr_t1_B", "usr_t1_C"):
        assert desk.say(payout, AGAIN, by=by) == two
    with pytest.raises(PayoutNotStuck):
        desk.say(payout, BY_HAND)
    assert desk.acts == 2


def test_another_word_takes_the_place_of_one_that_nobody_shared(world):
    payout, desk = undelivered(world), Desk(world)
    desk.say(payout, AGAIN)
    other = desk.say(payout, ACCOUNT, by="usr_t1_B")
    assert (other.remedy.way, other.remedy.by, other.followed_by) == (
        RemedyWay.ACCOUNT,
        "usr_t1_B",
        None,
    )
    desk.say(payout, ACCOUNT)
    assert follower(world, payout).rail is Rail.STRIPE_PAYOUT


def test_once_more_the_same_way_pays_once_under_a_key_of_its_own(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, AGAIN)
    assert world.events().count("payouts.payout_requested.v1") == 1
    after = follower(world, payout)
    assert (after.status, after.due is not None) == (S.READY, True)
    world.rails[Rail.STRIPE_REFUND].script = ["paid"]
    for _ in range(3):
        world.send(after)
    paid = world.now(after)
    assert (paid.status, paid.source, paid.rail) == (S.PAID, "pi_2", Rail.STRIPE_REFUND)
    assert paid.key != payout.key
    assert world.books()[SUSPENSE] == 10_000
    assert (world.now(payout).status, listed(world)) == (S.FAILED, [])
    assert world.events().count("payouts.payout_paid.v1") == 1


def test_elsewhere_is_an_account_of_the_persons_own(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, ACCOUNT)
    world.rails[Rail.STRIPE_PAYOUT].script = ["paid"]
    after = follower(world, payout)
    world.send(after)
    paid = world.now(after)
    assert (paid.status, paid.account_id, paid.shown_as) == (S.PAID, "pac_1", "**** 4242")
    assert world.rails[Rail.STRIPE_PAYOUT].destinations == [world.accounts["pac_1"]]
    assert world.books()[SUSPENSE] == 10_000


@pytest.mark.parametrize(
    ("account", "money", "word"),
    [
        (PayoutAccountShown(Rail.MPESA_B2C, KES, "2547"), Money(10_000, USD), ACCOUNT),
        (PayoutAccountShown(Rail.MPESA_B2C, KES, "2547"), Money(10_050, KES), ACCOUNT),
        (None, Money(10_000, USD), (RemedyWay.ACCOUNT, "pac_of_somebody_else")),
    ],
)
def test_an_account_that_cannot_take_it_is_refused(world, account, money, word):
    payout, desk = undelivered(world, money), Desk(world, account)
    with pytest.raises(InvalidValue):
        desk.say(payout, word)
    assert (world.now(payout).remedy, desk.acts) == (None, 0)


def test_by_hand_is_booked_out_of_the_bank_as_its_statement_names_it(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, BY_HAND)
    after = follower(world, payout)
    for _ in range(2):
        world.send(after)
    paid = world.now(after)
    assert (paid.status, paid.gateway, paid.reference) == (S.PAID, "BANK", "BANK-OUT-7")
    books = world.books()
    assert (books[SUSPENSE], books[BANK]) == (10_000, -10_000)
    newest = world.ledger.entries(world.user_id, USD, limit=1).entries[0].entry.draft
    assert newest.memo["reference"] == "BANK-OUT-7"


def test_a_transfer_of_the_bank_pays_one_thing_only(world):
    payout, desk = undelivered(world), Desk(world)
    world.commit(world.payouts.transfer("BANK-OUT-7", "another"))
    desk.say(payout, BY_HAND)
    with pytest.raises(TransferKnown):
        desk.say(payout, BY_HAND, by="usr_t1_B")
    assert world.now(payout).followed_by is None
    assert world.payouts.get(world.user_id, follower_id(payout.payout_id)) is None


def test_its_case_is_closed_and_one_that_fails_again_opens_its_own(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, AGAIN)
    (case,) = world.cases.listed(CaseStatus.RESOLVED)
    assert (case.kind, case.subject, case.resolved_by) == (
        CaseKind.PAYOUT_FAILED,
        payout.payout_id,
        "usr_t1_B",
    )
    after = follower(world, payout)
    world.rails[Rail.STRIPE_REFUND].script = ["refused"]
    world.send(after)
    assert [one.subject for one in world.open_cases()] == [after.payout_id]
    assert listed(world) == [after.payout_id]
    desk.agree(world.now(after), BY_HAND)
    last = follower(world, after)
    world.send(last)
    assert (world.now(last).status, listed(world)) == (S.PAID, [])


def test_one_that_came_back_goes_again(world):
    deposit = world.deposit()
    world.rails[Rail.STRIPE_REFUND].script = ["paid"]
    amount = Money(10_000, USD)
    world.sending.surplus(world.user_id, deposit.deposit_id, Gateway.STRIPE, "pi_2", amount)
    payout = world.payouts.page(world.user_id, limit=1)[0][0]
    world.told(payout, CAME_BACK)
    assert world.now(payout).status is S.RETURNED
    assert SUSPENSE not in world.books()
    Desk(world).agree(payout, BY_HAND)
    world.send(follower(world, payout))
    assert world.books()[SUSPENSE] == 10_000


@pytest.mark.parametrize("word", [AGAIN, ACCOUNT])
def test_what_the_payers_bank_takes_itself_is_not_sent_too(world, word):
    payout, desk = undelivered(world), Desk(world)
    desk.say(payout, word)
    claim = (world.user_id, payout.deposit_id, "pi_2")
    desk.claimed.add(claim)
    for by in ("usr_t1_B", "usr_t1_C"):
        with pytest.raises(TakenByBank):
            desk.say(payout, word, by=by)
    assert (world.now(payout).followed_by, desk.acts) == (None, 1)
    assert world.payouts.get(world.user_id, follower_id(payout.payout_id)) is None
    desk.claimed.remove(claim)
    desk.say(payout, word, by="usr_t1_B")
    assert follower(world, payout).status is S.READY


def test_what_people_have_paid_is_booked_whatever_the_payers_bank_does(world):
    payout, desk = undelivered(world), Desk(world)
    desk.claimed.add((world.user_id, payout.deposit_id, "pi_2"))
    desk.agree(payout, BY_HAND)
    world.send(follower(world, payout))
    assert world.books()[BANK] == -10_000


def test_paid_after_all_stops_what_was_to_pay_instead(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, AGAIN)
    world.told(payout, PaidOut("re_1", payout.amount))
    assert world.now(payout).status is S.PAID
    stays = world.now(follower(world, payout))
    assert stays.status is S.CANCELLED
    world.send(stays)
    assert world.rails[Rail.STRIPE_REFUND].orders == {}
    assert (world.books()[SUSPENSE], listed(world)) == (10_000, [])


def test_paid_after_all_beside_one_that_has_left_is_told(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, AGAIN)
    after = follower(world, payout)
    world.send(after)
    assert world.now(after).status is S.SENT
    world.told(payout, PaidOut("re_1", payout.amount))
    (case,) = [one for one in world.open_cases() if one.kind is CaseKind.PAYOUT_UNKNOWN]
    assert dict(case.facts)["also"] == after.payout_id
    assert world.now(payout).status is S.PAID


def test_paid_after_all_beside_a_transfer_that_people_have_made_is_told(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, BY_HAND)
    world.told(payout, PaidOut("re_1", payout.amount))
    (case,) = [one for one in world.open_cases() if one.kind is CaseKind.PAYOUT_UNKNOWN]
    after = follower(world, payout)
    assert dict(case.facts)["also"] == after.payout_id
    world.send(after)
    assert (world.now(payout).status, world.now(after).status) == (S.PAID, S.PAID)
    books = world.books()
    assert (books[SUSPENSE], books[BANK]) == (20_000, -10_000)


def test_paid_after_all_settles_one_that_failed_too(world):
    payout, desk = undelivered(world), Desk(world)
    desk.agree(payout, AGAIN)
    after = follower(world, payout)
    world.rails[Rail.STRIPE_REFUND].script = ["refused"]
    world.send(after)
    world.told(payout, PaidOut("re_1", payout.amount))
    assert (world.now(payout).status, listed(world)) == (S.PAID, [])
    with pytest.raises(PayoutNotStuck):
        desk.say(world.now(after), BY_HAND)


def test_what_is_no_surplus_or_not_ended_takes_no_remedy(world):
    world.deposit()
    withdrawal, desk = world.withdrawal(), Desk(world)
    world.told(withdrawal, NOT_PAID)
    for payout in (withdrawal, undelivered(world)):
        if payout is not withdrawal:
            desk.agree(payout, AGAIN)
            payout = follower(world, payout)
        with pytest.raises(PayoutNotStuck):
            desk.say(payout, BY_HAND)
    with pytest.raises(NotFound):
        desk.remedying.remedy(
            world.user_id, world.ids.new(Kind.PAYOUT), AGAIN, "usr_t1_A", desk.record
        )


@pytest.mark.parametrize(
    "given",
    [(RemedyWay.AGAIN, "pac", None), (RemedyWay.ACCOUNT, None, None), (BY_HAND[0], None, None)],
)
def test_each_way_has_its_own_target(given):
    with pytest.raises(InvalidValue):
        checked_target(*given)


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("word", [AGAIN, ACCOUNT, BY_HAND])
def test_a_crash_anywhere_pays_once(world, step, word):
    payout, desk = undelivered(world), Desk(world)
    for by in ("usr_t1_A", "usr_t1_B"):
        world.facts.script = [step]
        with suppress(Crash):
            desk.say(payout, word, by=by)
        world.facts.script = []
        desk.say(payout, word, by=by)
    for rail in (Rail.STRIPE_REFUND, Rail.STRIPE_PAYOUT):
        world.rails[rail].script = ["paid"]
    after = follower(world, payout)
    for _ in range(3):
        world.facts.script = [step]
        with suppress(Crash):
            world.send(after)
        world.facts.script = []
    world.clock.advance(timedelta(minutes=1))
    world.send(after)
    assert world.now(after).status is S.PAID
    assert world.books()[SUSPENSE] == 10_000
    assert world.events().count("payouts.payout_paid.v1") <= 1
