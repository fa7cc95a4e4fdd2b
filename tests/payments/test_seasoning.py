"""Money that can still be taken back is forwarded up to a cap per person, and the rest waits."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.kernel.clock import to_text
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.money import Currency, Money
from shared.payments import forwarding
from shared.payments.exposures import ExposureStore
from shared.payments.model import DepositStatus, Gateway
from shared.payments.ports import Paid
from shared.payments.reasons import Reason
from shared.payments.reversals import claimed, refund_begun, refund_paid
from shared.payments.seasoning import LOOKED_AT, MOST, Exposure, at_risk, waits_until

CAP = 1_000_000
SEASON = timedelta(days=120)


def settled(world, amount, key):
    deposit = world.card(amount, key=key)
    world.gateways[Gateway.STRIPE].set(deposit, Paid(f"pi_{key}", deposit.amount))
    world.signal(deposit)
    return world.now(deposit)


def funded(world, amount, key):
    deposit = settled(world, amount, key)
    world.fund(deposit)
    return world.now(deposit)


def woken(world):
    """Deposits that the sweep would ask about now."""
    return [
        item.sk
        for bucket in range(16)
        for item in world.database.pending(bucket, to_text(world.clock.now()), 50).items
        if item.attributes["check"]["S"] == "funding"
    ]


def save(world, before, after):
    world.facts.commit([world.deposits.save(before, after)])


def test_up_to_the_cap_goes_at_once_and_a_cent_more_waits_with_its_reason(world):
    assert funded(world, "9999.99", "a").status is DepositStatus.FUNDED
    assert funded(world, "1.00", "b").status is DepositStatus.SETTLED
    waiting = world.now(world.card("1.00", key="b"))
    assert waiting.reason is Reason.SEASONING
    assert waiting.wakes_at == waiting.due == world.clock.now() + LOOKED_AT
    assert not waiting.review
    assert (world.wallet().posted, world.wallet().held) == (CAP + 99, 100)
    assert world.broker.moved == 999_999
    assert world.funding_queue.sent == []
    # It waits by itself: nobody has to do anything.
    assert world.cases.listed(CaseStatus.OPEN, kind=CaseKind.FUNDING_HELD) == []


def test_exactly_the_cap_goes(world):
    assert funded(world, "9999.00", "a").status is DepositStatus.FUNDED
    assert funded(world, "1.00", "b").status is DepositStatus.FUNDED


def test_it_goes_on_when_an_older_deposit_has_seasoned(world):
    first = funded(world, "6000.00", "a")
    world.clock.advance(timedelta(days=100))
    second = funded(world, "5000.00", "b")
    assert second.reason is Reason.SEASONING
    assert woken(world) == []
    world.clock.advance(timedelta(days=19, hours=12))
    world.fund(second)
    waiting = world.now(second)
    # Not a day later but when the older one is safe.
    assert waiting.wakes_at == first.settled_at + SEASON
    world.clock.advance(timedelta(hours=12))
    assert len(woken(world)) == 1
    world.fund(second)
    assert world.now(second).status is DepositStatus.FUNDED
    assert world.now(second).wakes_at is None
    assert world.broker.moved == 1_100_000


def test_one_above_the_cap_alone_waits_for_its_own_time(world):
    deposit = settled(world, "10000.00", "a")
    bigger = replace(deposit, credited=Money(CAP + 1, Currency.USD))
    assert waits_until(bigger, Exposure("u", 0), CAP, world.clock.now()) is not None
    nearly = bigger.settled_at + SEASON - timedelta(minutes=1)
    assert waits_until(bigger, Exposure("u", 0), CAP, nearly) == bigger.settled_at + SEASON
    assert waits_until(bigger, Exposure("u", 0), CAP, bigger.settled_at + SEASON) is None


def test_what_cannot_be_taken_back_is_not_counted_and_never_waits(world):
    funded(world, "10000.00", "a")
    push = world.mpesa()
    world.gateways[Gateway.MPESA].set(push, Paid("LHG31AA5TX", None))
    world.check(push)
    world.fund(push)
    assert world.now(push).status is DepositStatus.FUNDED
    assert len(world.exposures.read(world.user_id).deposits) == 1


def test_a_refund_makes_room_by_what_went_back(world):
    first = funded(world, "9000.00", "a")
    second = funded(world, "1500.00", "b")
    assert second.status is DepositStatus.SETTLED
    begun = refund_begun(world.now(first), 49_999)
    save(world, first, begun)
    save(world, begun, refund_paid(begun, 49_999, world.clock.now()))
    world.fund(second)
    assert world.now(second).status is DepositStatus.SETTLED
    current = world.now(first)
    begun = refund_begun(current, 1)
    save(world, current, begun)
    save(world, begun, refund_paid(begun, 1, world.clock.now()))
    world.fund(second)
    assert world.now(second).status is DepositStatus.FUNDED


def test_what_is_disputed_still_counts(world):
    first = funded(world, "9000.00", "a")
    save(world, first, claimed(first, first.amount.minor, 0, world.clock.now()))
    assert at_risk(world.now(first), world.clock.now()) == 900_000
    assert funded(world, "1500.00", "b").status is DepositStatus.SETTLED


def test_what_was_disputed_before_it_was_forwarded_does_not_count(world):
    first = settled(world, "9000.00", "a")
    save(world, first, claimed(first, 900_000, 900_000, world.clock.now()))
    assert at_risk(world.now(first), world.clock.now()) == 0


def test_the_part_that_counts_is_never_too_small(world):
    deposit = funded(world, "1.00", "a")
    odd = replace(
        deposit,
        amount=Money(300, Currency.EUR),
        credited=Money(100, Currency.USD),
        refunded_minor=100,
    )
    assert at_risk(odd, world.clock.now()) == 67


def test_a_word_of_staff_lets_it_go_and_it_counts(world):
    funded(world, "10000.00", "a")
    second = funded(world, "5000.00", "b")
    save(world, second, forwarding.released(second))
    after = world.now(second)
    assert (after.reason, after.wakes_at) == (None, None)
    world.fund(second)
    assert world.now(second).status is DepositStatus.FUNDED
    assert len(world.exposures.read(world.user_id).at_risk(world.clock.now())) == 2
    assert funded(world, "1.00", "c").status is DepositStatus.SETTLED


def test_two_decisions_at_once_do_not_both_see_room(world):
    first, second = settled(world, "6000.00", "a"), settled(world, "6000.00", "b")
    read = ExposureStore.read
    barrier = threading.Barrier(2, timeout=5)

    class Together(ExposureStore):
        met: set = set()

        def read(self, user_id):
            found = read(self, user_id)
            if threading.get_ident() not in self.met:
                self.met.add(threading.get_ident())
                barrier.wait()
            return found

    object.__setattr__(world.funding, "exposures", Together(world.database))
    threads = [threading.Thread(target=world.fund, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = sorted(world.now(one).status.value for one in (first, second))
    assert states == ["FUNDED", "SETTLED"]
    assert world.broker.moved == 600_000


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_crash_around_the_intent_forwards_once_and_counts_once(world, crash):
    deposit = settled(world, "100.00", "a")
    world.facts.script = [crash]
    with pytest.raises(RuntimeError):
        world.fund(deposit)
    for _ in range(2):
        world.fund(deposit)
    assert world.now(deposit).status is DepositStatus.FUNDED
    assert (world.broker.moved, len(world.exposures.read(world.user_id).deposits)) == (10_000, 1)


def test_a_stale_count_is_never_written(world):
    exposure = world.exposures.read(world.user_id)
    assert exposure == Exposure(world.user_id, 0)
    world.facts.commit([world.exposures.keep(exposure, ())])
    deposit = settled(world, "1.00", "a")
    object.__setattr__(
        world.funding, "exposures", Stale(world.database, Exposure(world.user_id, 0))
    )
    with pytest.raises(TemporarilyUnavailable):
        world.fund(deposit)
    assert world.now(deposit).status is DepositStatus.SETTLED
    assert world.broker.instructed == 0


class Stale(ExposureStore):
    def __init__(self, database, exposure):
        super().__init__(database)
        self.exposure = exposure

    def read(self, user_id):
        return self.exposure


def test_only_so_many_are_forwarded_at_once_however_small(world):
    deposit = settled(world, "1.00", "a")
    forwarded = replace(deposit, status=DepositStatus.FUNDED)
    others = tuple(
        replace(forwarded, deposit_id=f"{number}", settled_at=deposit.settled_at)
        for number in range(MOST)
    )
    now = world.clock.now() + timedelta(days=119, hours=23)
    late = replace(deposit, settled_at=now)
    assert waits_until(late, Exposure("u", 1, others[1:]), CAP, now) is None
    assert waits_until(late, Exposure("u", 1, others), CAP, now) == deposit.settled_at + SEASON


def test_what_has_seasoned_is_forgotten_with_the_next(world):
    funded(world, "10000.00", "a")
    world.clock.advance(SEASON)
    world.rate()
    assert funded(world, "10000.00", "b").status is DepositStatus.FUNDED
    (kept,) = world.exposures.read(world.user_id).deposits
    assert kept.payment == "pi_b"


def test_many_more_than_one_read_holds_come_back(world):
    deposit = funded(world, "1.00", "a")
    ids = (deposit.deposit_id, *(f"dep_t1_{number:026d}" for number in range(150)))
    exposure = world.exposures.read(world.user_id)
    world.facts.commit([world.exposures.keep(exposure, ids)])
    assert [one.deposit_id for one in world.exposures.read(world.user_id).deposits] == [
        deposit.deposit_id
    ]


def test_what_a_person_has_to_decide_is_a_case_and_their_word_lets_it_go(world):
    object.__setattr__(world.funding, "limit_minor", 50_000)
    deposit = funded(world, "500.01", "a")
    assert (deposit.status, deposit.reason) == (
        DepositStatus.SETTLED,
        Reason.OVER_FUNDING_LIMIT,
    )
    world.fund(deposit)
    (case,) = world.cases.listed(CaseStatus.OPEN, kind=CaseKind.FUNDING_HELD)
    assert (case.subject, dict(case.facts)) == (
        deposit.deposit_id,
        {"amount": "500.01 USD", "attempt": "0", "reason": "OVER_FUNDING_LIMIT"},
    )
    current = world.now(deposit)
    save(world, current, forwarding.released(current))
    world.fund(deposit)
    assert world.now(deposit).status is DepositStatus.FUNDED
