"""Payouts that wait for a person's word: they go on, or staff say how they ended."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Money
from shared.ledger.model import EntryKind
from shared.payouts.errors import PayoutNotStuck
from shared.payouts.findings import Finding, Found, checked_reference
from shared.payouts.model import MAX_RECALLS, PayoutStatus, Rail
from shared.payouts.ports import PaidOut
from shared.payouts.reasons import PayoutReason
from shared.payouts.reviewing import Reviewing
from tests.payouts.conftest import CAME_BACK, NOT_PAID
from tests.payouts.test_not_paid import case_kinds, kinds
from tests.payouts.twins import Crash

S = PayoutStatus
APPROVAL = 10_000
PAID, UNPAID = (Found.PAID, "SKE1AB2CD3"), (Found.NOT_PAID, "LINE-4711")


class Desk:
    """Staff over a world; each recorded act is kept."""

    def __init__(self, world, approval=APPROVAL):
        self.world, self.acts = world, []
        self.reviewing = Reviewing(world.payouts, world.facts, approval, lambda _: None)

    def record(self, before, after):
        self.acts.append((before, after))
        return []

    def release(self, payout):
        return self.reviewing.release(self.world.user_id, payout.payout_id, self.record)

    def settle(self, payout, word, by="usr_t1_A"):
        named = (self.world.user_id, payout.payout_id)
        return self.reviewing.settle(*named, word, by, self.record)


def silent(world, minor=4_000, rail=Rail.MPESA_B2C):
    """A withdrawal that nobody hears of any more."""
    world.deposit()
    world.rails[rail].script = ["silence"]
    world.rails[rail].look_script = ["silence"] * 99
    payout = world.withdrawal(minor, rail=rail)
    world.clock.advance(timedelta(hours=24))
    world.sending.checked(world.user_id, payout.payout_id, 9)
    escalated = world.now(payout)
    assert (escalated.status, escalated.escalated) == (S.SENDING, True)
    return escalated


def mismatched(world):
    """Held, because the gateway says that it paid another amount."""
    world.deposit()
    payout = world.withdrawal()
    said = PaidOut("AG_1", Money(payout.amount.minor - 100, payout.amount.currency))
    world.told(payout, said)
    held = world.now(payout)
    assert (held.review, held.reason) == (True, PayoutReason.AMOUNT_MISMATCH)
    return held


def listed(world):
    return [one.payout_id for _, one in world.payouts.stuck(10).entries]


def test_what_is_stuck_is_listed_until_it_is_not(world):
    payout = silent(world)
    assert listed(world) == [payout.payout_id]
    Desk(world).settle(payout, PAID)
    assert listed(world) == []
    world.send(payout)
    assert listed(world) == []


def test_what_only_waits_is_not_listed(world):
    world.deposit()
    world.withdrawal()
    assert listed(world) == []


def test_the_list_is_read_by_pages(world):
    world.deposit()
    made = []
    for _ in range(3):
        world.clock.advance(timedelta(seconds=1))
        payout = world.withdrawal(1_000)
        world.told(payout, PaidOut("AG", Money(1, payout.amount.currency)))
        made.append(payout.payout_id)
    first = world.payouts.stuck(2)
    second = world.payouts.stuck(2, first.after)
    pages = [[one.payout_id for _, one in page.entries] for page in (first, second)]
    assert pages == [made[:2], made[2:]]
    assert second.after is None


def test_staff_find_that_it_was_paid_and_it_leaves_the_books_once(world):
    payout, desk = silent(world), Desk(world)
    settled = desk.settle(payout, PAID)
    assert (settled.status, settled.finding) == (
        S.SENDING,
        Finding(*PAID, by="usr_t1_A", agreed=True),
    )
    assert world.money() == (10_000, 4_000, 0), "the API has no hand in the books"
    for _ in range(3):
        world.send(payout)
        assert desk.settle(payout, PAID, by="usr_t1_B").finding.by == "usr_t1_A"
    paid = world.now(payout)
    assert (paid.status, paid.receipt, paid.due) == (S.PAID, "SKE1AB2CD3", None)
    assert world.money() == (6_000, 0, 0)
    assert kinds(world).count(EntryKind.WITHDRAWAL_PAID) == 1
    assert world.events().count("payouts.payout_paid.v1") == 1
    assert len(desk.acts) == 1
    assert world.rails[Rail.MPESA_B2C].sent == 1
    world.check_conserved()


def test_staff_find_that_it_was_not_paid_and_the_money_comes_back(world):
    payout = silent(world)
    Desk(world).settle(payout, UNPAID)
    world.send(payout)
    back = world.now(payout)
    assert (back.status, back.ending, back.reason) == (
        S.RETURNING,
        S.FAILED,
        PayoutReason.GATEWAY_REFUSED,
    )
    world.recall(payout)
    assert world.now(payout).status is S.FAILED
    assert world.money() == (10_000, 0, 0)
    assert world.broker.cash == 10_000
    world.check_conserved()


def test_a_word_of_staff_that_was_wrong_is_put_right_by_the_gateways_proof(world):
    payout = silent(world)
    Desk(world).settle(payout, UNPAID)
    world.send(payout)
    world.recall(payout)
    world.told(payout, PaidOut("AG_1", payout.amount, receipt="SKE9"))
    for _ in range(2):
        world.recall(payout)
        world.send(payout)
    paid = world.now(payout)
    assert (paid.status, paid.receipt) == (S.PAID, "SKE9")
    assert world.money() == (6_000, 0, 0)
    assert world.broker.cash == 6_000
    world.check_conserved()


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_crash_while_it_is_carried_out_books_it_once(world, step):
    payout = silent(world)
    Desk(world).settle(payout, PAID)
    world.facts.script = [step]
    with pytest.raises(Crash):
        world.send(payout)
    # The message is delivered again; were it lost, the sweep would find the payout.
    if step == "before":
        assert world.now(payout).due is not None
    world.send(payout)
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)
    assert kinds(world).count(EntryKind.WITHDRAWAL_PAID) == 1


def test_a_word_of_the_gateway_that_comes_between_counts_once(world):
    payout = silent(world)
    Desk(world).settle(payout, PAID)
    world.told(payout, PaidOut("AG_1", payout.amount, receipt="SKE1AB2CD3"))
    world.send(payout)
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)
    assert kinds(world).count(EntryKind.WITHDRAWAL_PAID) == 1


def test_a_mismatch_told_again_does_not_stop_what_staff_decided(world):
    payout, desk = mismatched(world), Desk(world)
    desk.settle(payout, PAID)
    world.told(payout, PaidOut("AG_1", Money(100, payout.amount.currency)))
    assert world.now(payout).review
    world.send(payout)
    paid = world.now(payout)
    assert (paid.status, paid.review) == (S.PAID, False)
    assert world.money() == (6_000, 0, 0)


def test_a_large_one_needs_two_different_people_who_say_the_same(world):
    payout = silent(world)
    desk = Desk(world, approval=4_000)
    for _ in range(2):
        first = desk.settle(payout, PAID)
        assert (first.finding.agreed, first.finding.also) == (False, None)
    world.send(payout)
    assert world.now(payout).status is S.SENDING
    # Another word takes its place, and counts as little.
    other = desk.settle(payout, UNPAID, by="usr_t1_B")
    assert other.finding == Finding(*UNPAID, by="usr_t1_B")
    differs = desk.settle(payout, (Found.NOT_PAID, "LINE-4712"), by="usr_t1_A")
    assert not differs.finding.agreed
    world.send(payout)
    assert world.now(payout).status is S.SENDING
    assert listed(world) == [payout.payout_id]
    done = desk.settle(payout, (Found.NOT_PAID, "LINE-4712"), by="usr_t1_B")
    assert (done.finding.agreed, done.finding.by, done.finding.also) == (
        True,
        "usr_t1_A",
        "usr_t1_B",
    )
    assert len(desk.acts) == 4
    world.send(payout)
    assert world.now(payout).status is S.RETURNING


def test_one_cent_below_the_limit_one_person_is_enough(world):
    payout = silent(world)
    assert Desk(world, approval=4_001).settle(payout, PAID).finding.agreed


def test_what_is_not_stuck_cannot_be_settled(world):
    world.deposit()
    desk = Desk(world)
    ready = world.withdrawal(1_000, begin=False)
    sent = world.withdrawal(1_000)
    for payout in (ready, sent):
        with pytest.raises(PayoutNotStuck):
            desk.settle(payout, PAID)
        assert world.now(payout) == payout
    world.told(sent, PaidOut("AG_1", sent.amount))
    with pytest.raises(PayoutNotStuck):
        desk.settle(sent, UNPAID)
    assert desk.acts == []


def test_what_was_settled_otherwise_stays_so(world):
    payout, desk = silent(world), Desk(world)
    settled = desk.settle(payout, PAID)
    with pytest.raises(PayoutNotStuck):
        desk.settle(payout, UNPAID, by="usr_t1_B")
    assert world.now(payout) == settled
    world.send(payout)
    with pytest.raises(PayoutNotStuck):
        desk.settle(payout, UNPAID, by="usr_t1_B")
    assert world.now(payout).status is S.PAID
    assert len(desk.acts) == 1


def test_a_released_one_goes_on_and_ends_when_the_gateway_says_the_right_amount(world):
    payout, desk = mismatched(world), Desk(world)
    released = desk.release(payout)
    assert (released.review, released.reason) == (False, None)
    assert desk.release(payout) == released, "what nothing holds is as it is"
    assert len(desk.acts) == 1
    assert world.events()[-1] == "payouts.payout_requested.v1"
    assert world.now(payout).due is not None
    world.told(payout, PaidOut("AG_1", payout.amount))
    assert world.now(payout).status is S.PAID
    assert world.money() == (6_000, 0, 0)


def test_a_released_one_whose_amount_still_differs_is_held_again(world):
    payout = mismatched(world)
    Desk(world).release(payout)
    world.told(payout, PaidOut("AG_1", Money(100, payout.amount.currency)))
    assert world.now(payout).review
    assert listed(world) == [payout.payout_id]
    assert world.money() == (10_000, 4_000, 0)


def test_after_twelve_refusals_by_the_broker_a_release_asks_it_once_more(world):
    world.deposit()
    world.broker.script = ["refused"] * (MAX_RECALLS + 1)
    payout = world.withdrawal(begin=False)
    for _ in range(MAX_RECALLS + 3):
        world.recall(payout)
    held = world.now(payout)
    assert (held.status, held.review, world.broker.instructed) == (S.READY, True, MAX_RECALLS)
    assert case_kinds(world) == ["PAYOUT_FAILED"]
    desk = Desk(world)
    desk.release(payout)
    world.recall(payout)
    assert world.now(payout).review, "refused once more, it is held once more"
    world.recall(payout)
    assert world.broker.instructed == MAX_RECALLS + 1
    desk.release(payout)
    world.recall(payout)
    world.send(payout)
    assert world.now(payout).status is S.SENT
    # Nothing but the broker's own words is a matter for staff here.
    assert world.broker.cash == 6_000


def test_why_a_payout_was_not_paid_survives_a_release_on_its_way_back(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, NOT_PAID)
    world.broker.script = ["refused"] * MAX_RECALLS
    for _ in range(MAX_RECALLS):
        world.recall(payout)
    assert world.now(payout).review
    Desk(world).release(payout)
    world.recall(payout)
    failed = world.now(payout)
    assert (failed.status, failed.reason) == (S.FAILED, PayoutReason.RECEIVER_NOT_ABLE)
    world.check_conserved()


def test_a_lost_race_is_decided_on_the_fresh_state(world):
    payout, desk = silent(world), Desk(world)

    def gateway_is_faster():
        world.facts.script = []
        world.told(payout, PaidOut("AG_1", payout.amount))

    world.facts.script = [gateway_is_faster]
    with pytest.raises(PayoutNotStuck):
        desk.settle(payout, UNPAID)
    paid = world.now(payout)
    assert (paid.status, paid.finding) == (S.PAID, None)
    assert world.money() == (6_000, 0, 0)


def test_nobodys_payout_is_not_found(world):
    payout, desk = silent(world), Desk(world)
    other = replace(payout, payout_id=world.ids.new(Kind.PAYOUT))
    with pytest.raises(NotFound):
        desk.settle(other, PAID)
    with pytest.raises(NotFound):
        desk.release(other)


@pytest.mark.parametrize("step", ["before", "after"])
def test_what_came_back_while_somebody_had_to_look_is_not_forgotten(world, step):
    deposit = world.deposit()
    payout = world.refund(deposit, 4_000)
    world.told(payout, PaidOut("po_1", Money(3_900, payout.amount.currency)))
    assert world.now(payout).review
    for _ in range(2):
        world.told(payout, CAME_BACK)
    held = world.now(payout)
    assert (held.status, held.review, held.came_back) == (S.SENT, True, True)
    Desk(world).release(payout)
    world.facts.script = [step]
    with suppress(Crash):
        world.send(payout)
    world.facts.script = []
    world.send(payout)
    world.recall(payout)
    assert (world.now(payout).status, world.now(payout).came_back) == (S.RETURNED, True)
    assert world.money() == (10_000, 0, 0)
    world.check_conserved()


@pytest.mark.parametrize("text", ["", "abc", "x" * 81, "two words", "paÿout", "a@b.example"])
def test_a_reference_is_what_a_gateway_would_call_something(text):
    with pytest.raises(InvalidValue):
        checked_reference(text)
    assert checked_reference("  SKE1AB2CD3 ") == "SKE1AB2CD3"
