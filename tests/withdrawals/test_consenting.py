"""Agreeing to another rate: what is agreed to, until when, and once."""

from datetime import timedelta

import pytest

from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.readings import StoredRates
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.terms import Terms
from shared.platform.idempotency import IdempotencyKeyReused
from shared.withdrawals.consenting import Consenting
from shared.withdrawals.errors import NothingToAgreeTo, OfferChanged
from shared.withdrawals.fresh_rates import FreshWithdrawals
from tests.withdrawals.conftest import Crash, World, no_pause

KES = Currency.KES
OFFERED = Money(1_180_000, KES)


def use_case(world: World) -> Consenting:
    return Consenting(world.payouts, world.keys, world.facts, world.clock, no_pause)


def agree(world: World, payout: Payout, amount: str = "11800.00", key: str = "agree-1") -> Payout:
    return use_case(world).agree(
        world.user_id, idempotency_key=key, payout_id=payout.payout_id, amount=amount
    )


def asked(world: World) -> Payout:
    """A withdrawal of a hundred dollars whose owner was asked."""
    account = world.known_phone()
    world.cash(20_000)
    made = world.withdraw(account)
    world.rate("0.0083")
    return offered(world, made)


def offered(world: World, made: Payout) -> Payout:
    now = world.clock.now()
    fresh = FreshWithdrawals(StoredRates(world.database, world.clock), world.clock).fresh(made)
    assert fresh is not None
    offer = Terms(fresh.quote, OFFERED, now + timedelta(days=3))
    recalled = made.moved(PayoutStatus.RECALLED, now)
    after = recalled.moved(PayoutStatus.AWAITING_CONSENT, now, offer=offer, look_at=offer.ends_at)
    return world.save(made, after)


def test_what_was_agreed_to_is_what_arrives_and_the_engine_is_told(world: World) -> None:
    before = asked(world)
    after = agree(world, before)
    assert after == world.now(before)
    assert (after.status, after.amount, after.offer) == (PayoutStatus.RECALLED, OFFERED, None)
    assert (after.reason, after.look_at) == (None, None)
    assert after.debited == before.debited
    assert after.quote is not None
    assert before.quote is not None
    assert after.quote.replaced == before.quote.rate
    assert after.earlier == (Terms(before.quote, before.amount, world.clock.now()),)
    assert world.events()[-1] == "payouts.payout_requested.v1"
    assert world.wallet().held == before.debited.minor


def test_the_same_consent_again_is_success_whatever_the_key_and_told_once(world: World) -> None:
    before = asked(world)
    first = agree(world, before)
    told = len(world.facts.published)
    assert agree(world, before) == first
    assert agree(world, before, "11800") == first
    assert agree(world, before, key="agree-2") == first
    assert world.now(before) == first
    assert len(world.facts.published) == told


def test_another_amount_than_the_one_on_offer_is_not_agreed_to(world: World) -> None:
    before = asked(world)
    for amount in ("11799.00", "11800.01", "0", "-11800.00", str(before.amount.amount)):
        with pytest.raises(OfferChanged):
            agree(world, before, amount)
    with pytest.raises(InvalidValue):
        agree(world, before, "11800.001")
    assert world.now(before) == before
    assert agree(world, before).amount == OFFERED


def test_the_key_stands_for_one_amount(world: World) -> None:
    before = asked(world)
    agree(world, before)
    with pytest.raises(IdempotencyKeyReused):
        agree(world, before, "11700.00")


def test_until_the_deadline_and_not_at_it(world: World) -> None:
    before = asked(world)
    world.clock.advance(timedelta(days=3))
    with pytest.raises(NothingToAgreeTo):
        agree(world, before)
    assert world.now(before) == before
    world.clock.advance(timedelta(seconds=-1))
    assert agree(world, before).status is PayoutStatus.RECALLED


def test_where_nobody_was_asked_there_is_nothing_to_agree_to(world: World) -> None:
    account = world.known_phone()
    world.cash(20_000)
    made = world.withdraw(account)
    with pytest.raises(NothingToAgreeTo):
        agree(world, made, made.amount.amount)
    assert world.now(made) == made


def test_what_was_taken_back_is_not_agreed_to_any_more(world: World) -> None:
    before = asked(world)
    world.withdrawals.cancel(world.user_id, idempotency_key="c-1", payout_id=before.payout_id)
    with pytest.raises(NothingToAgreeTo):
        agree(world, before)
    assert world.now(before).ending is PayoutStatus.CANCELLED


def test_nobody_agrees_for_somebody_else(world: World) -> None:
    before = asked(world)
    with pytest.raises(NotFound):
        use_case(world).agree(
            world.ids.new(Kind.USER),
            idempotency_key="k",
            payout_id=before.payout_id,
            amount="11800.00",
        )
    assert world.now(before) == before


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_the_write_leaves_a_consent_that_can_be_given_again(
    world: World, moment: str
) -> None:
    before = asked(world)
    world.facts.script.append(moment)
    with pytest.raises(Crash):
        agree(world, before)
    after = agree(world, before)
    assert (after.status, after.amount) == (PayoutStatus.RECALLED, OFFERED)
    assert len(after.earlier) == 1


def test_a_cancellation_at_the_same_moment_wins_or_loses_whole(world: World) -> None:
    before = asked(world)
    use = use_case(world)
    commit, raced = world.facts.commit, []

    def cancel_first(writes: list, *events: object) -> None:
        if not raced:
            raced.append(True)
            world.withdrawals.cancel(
                world.user_id, idempotency_key="c-1", payout_id=before.payout_id
            )
        commit(writes, *events)

    world.facts.commit = cancel_first  # somebody is faster
    with pytest.raises(NothingToAgreeTo):
        use.agree(
            world.user_id,
            idempotency_key="agree-1",
            payout_id=before.payout_id,
            amount="11800.00",
        )
    assert world.now(before).status is PayoutStatus.RETURNING
    assert world.now(before).amount == before.amount
