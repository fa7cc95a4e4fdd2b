"""The store of payouts, over both engines."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.everything import Everything
from shared.payouts.findings import Finding, Found
from shared.payouts.model import Payout, PayoutMove, PayoutStatus, Purpose, Rail
from shared.payouts.ports import PaidOut
from shared.payouts.reasons import PayoutReason
from shared.payouts.remedies import Remedy, RemedyWay
from shared.payouts.rows import PayoutRow
from shared.payouts.terms import Terms
from shared.platform.indexes import PENDING_BUCKETS
from shared.platform.work import ConditionFailed
from tests.payouts.conftest import CAME_BACK, World

S = PayoutStatus


@pytest.fixture
def world(database):
    return World(database)


def full(payout, at):
    """With every field other than it is by default."""
    other = replace(payout.quote, mid=replace(payout.quote.mid, rate=Decimal("127.1250000000001")))
    first = Terms(payout.quote, Money(517_800, Currency.KES), at)
    second = Terms(replace(other, replaced=Decimal("127.55")), Money(508_400, Currency.KES), at)
    return replace(
        payout,
        status=S.RETURNING,
        version=9,
        moves=(*payout.moves, PayoutMove(S.RETURNING, at)),
        at_broker=False,
        quote=replace(payout.quote, replaced=Decimal("130.25")),
        earlier=(first, second),
        offer=replace(second, ends_at=at + timedelta(days=3)),
        deposit_id="dep_t1_01KJQJQA600000000000000009",
        source="pi_1",
        not_before=at,
        reference="po_1",
        receipt="SFF6XYZ123",
        fee_minor=0,
        reason=PayoutReason.LIMIT_EXCEEDED,
        hinted=PayoutReason.RECEIVER_NOT_ABLE,
        review=True,
        attempt=2,
        tries=3,
        asked_at=at,
        look_at=at + timedelta(hours=1),
        escalated=True,
        ending=S.FAILED,
        lacks_minor=250,
        goal_id="gol_t1_01KJQJQA600000000000000005",
        purses={"ABCDEF": 120, "GHJKMN": 7},
        everything=Everything(at.date(), 10, at.date(), fee_minor=3, sells=False, exact=True),
        raises=2,
        settles_on=at.date(),
        paid_after_all=True,
        came_back=True,
        leg=3,
        recalls=4,
        journal_id="j1",
        broker_account_id="account",
        recalled_at=at,
        paid_at=at,
        asked_by="usr_t1_01KJQJQA600000000000000008",
        agreed_by="usr_t1_01KJQJQA600000000000000007",
        finding=Finding(Found.PAID, "SKE1AB2CD3", "usr_t1_A", "usr_t1_B", agreed=True),
        remedy=Remedy(RemedyWay.BY_HAND, "BANK-OUT-7", "usr_t1_A", "usr_t1_B"),
        followed_by="pay_t1_01KJQJQA600000000000000006",
        trace="trace",
    )


def test_every_field_comes_back_as_it_was(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    assert world.now(payout) == payout
    whole = full(payout, world.clock.now())
    plain = {one.name: one.default for one in fields(Payout)}
    unset = {name for name, default in plain.items() if getattr(whole, name) == default}
    assert unset == set()
    world.commit(world.payouts.save(payout, whole))
    assert world.now(payout) == whole
    found, wallet = world.payouts.with_wallet(world.user_id, payout.payout_id)
    assert (found, wallet.held) == (whole, 4_000)


def test_a_payout_is_made_once_and_saved_by_who_read_it_last(world):
    world.deposit()
    payout = world.withdrawal(begin=False)
    with pytest.raises(ConditionFailed):
        world.commit(world.payouts.create(payout))
    noted = payout.noted(receipt="A1")
    world.commit(world.payouts.save(payout, noted))
    with pytest.raises(ConditionFailed) as failed:
        world.commit(world.payouts.save(payout, payout.noted(receipt="B2")))
    assert set(failed.value.found) == {"payout"}
    assert world.now(payout) == noted


def test_more_than_is_there_or_a_blocked_wallet_holds_nothing(world):
    world.deposit()
    with pytest.raises(ConditionFailed) as failed:
        world.withdrawal(10_001)
    assert set(failed.value.found) == {"wallet"}
    world.commit(world.ledger.block(world.wallet(), 1))
    with pytest.raises(ConditionFailed):
        world.withdrawal(1_000)
    assert world.money() == (10_000, 0, 0)
    assert world.payouts.page(world.user_id, limit=5) == ([], None)


def test_pages_are_newest_first_and_of_one_purpose(world):
    deposit = world.deposit()
    made = []
    for _ in range(5):
        world.clock.advance(timedelta(minutes=1))
        made.append(world.withdrawal(1_000, begin=False))
        world.clock.advance(timedelta(minutes=1))
    refund = world.refund(deposit, 1_000, begin=False)
    everything, _ = world.payouts.page(world.user_id, limit=10)
    assert everything == [refund, *reversed(made)]
    seen, after = [], None
    for expected in (2, 2, 1):
        page, after = world.payouts.page(
            world.user_id, limit=2, after=after, purpose=Purpose.WITHDRAWAL
        )
        assert len(page) == expected
        seen += page
    assert (seen, after) == (list(reversed(made)), None)
    since = made[3].created_at
    assert world.payouts.since(world.user_id, since, purpose=Purpose.WITHDRAWAL) == [
        made[4],
        made[3],
    ]
    assert world.payouts.since(world.user_id, since) == [refund, made[4], made[3]]
    assert world.payouts.page(world.ids.new(Kind.USER), limit=5) == ([], None)


def test_what_is_awaited_is_found_by_the_sweep_with_its_check(world):
    deposit = world.deposit()
    at_broker = world.withdrawal(2_000, begin=False)
    at_gateway = world.withdrawal(2_000)
    reviewed = world.withdrawal(1_000, status=S.IN_REVIEW)
    done = world.withdrawal(1_000, begin=False)
    world.requests.cancel(world.user_id, done.payout_id)
    amount = Money(100, Currency.USD)
    world.rails[Rail.STRIPE_REFUND].script = ["never_sent"]
    world.sending.surplus(world.user_id, deposit.deposit_id, Gateway.STRIPE, "pi_2", amount)
    until = "2026-03-02T15:40:00.000000Z"
    found = {
        row.sk: row.check
        for bucket in range(PENDING_BUCKETS)
        for row in world.database.pending(bucket, until, 100).rows(PayoutRow)
    }
    surplus = world.payouts.page(world.user_id, limit=1, purpose=Purpose.SURPLUS)[0][0]
    expected = {at_broker.payout_id: "recall", at_gateway.payout_id: "payout"}
    expected[surplus.payout_id] = "payout"
    assert found == {f"FEED#{key[7:]}#pay": check for key, check in expected.items()}
    assert [one.payout_id for one in world.payouts.in_review(5)] == [reviewed.payout_id]


def test_the_whole_way_out_and_back_leaves_the_same_books(world):
    world.deposit()
    payout = world.withdrawal()
    world.told(payout, PaidOut("po_1", payout.amount, fee_minor=300))
    assert world.money() == (6_000, 0, 0)
    world.told(payout, CAME_BACK)
    world.recall(payout)
    assert world.now(payout).status is S.RETURNED
    assert world.money() == (10_000, 0, 0)
    world.check_conserved()
