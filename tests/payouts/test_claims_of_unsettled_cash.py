"""What the firm claims of money that a sale brought waits at the broker until that has settled."""

from datetime import UTC, datetime, timedelta

from shared.kernel.ids import Kind
from shared.ledger.accounts import customer_cash, customers_cash_at_broker
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payouts.making import new_claim
from shared.payouts.model import PayoutStatus


def sold(world, minor: int) -> None:
    """A sale of today: the broker lets go of its money tomorrow."""
    legs = (
        Posting(customers_cash_at_broker(), "USD/2", minor),
        Posting(customer_cash(world.user_id), "USD/2", -minor),
    )
    draft = Draft(EntryKind.SELL, "ord_1", world.clock.now(), legs)
    tomorrow = world.clock.now().date() + timedelta(days=1)
    world.commit(
        *world.ledger.post(world.wallet(), draft, posted=minor, settling={tomorrow: minor})
    )


def claimed(world, minor: int):
    """The books took it from the person."""
    legs = (
        Posting(customer_cash(world.user_id), "USD/2", minor),
        Posting(customers_cash_at_broker(), "USD/2", -minor),
    )
    draft = Draft(EntryKind.RECEIVABLE_PAID, "dsp_1", world.clock.now(), legs)
    world.commit(*world.ledger.post(world.wallet(), draft, posted=-minor))
    made = new_claim(
        user_id=world.user_id,
        payout_id=world.ids.new(Kind.PAYOUT),
        minor=minor,
        at=world.clock.now(),
    )
    world.commit(world.payouts.create(made))
    return made


def test_it_is_not_asked_for_before_and_asked_for_once_then(world):
    sold(world, 5_000)
    claim = claimed(world, 3_000)
    for _ in range(3):
        world.recall(claim)
    waits = world.now(claim)
    assert (waits.status, waits.recalls, world.broker.instructed) == (PayoutStatus.READY, 0, 0)
    assert waits.due == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert waits.version == claim.version + 1

    world.clock.advance(waits.due - world.clock.now())
    world.broker.cash = 5_000
    world.recall(claim)
    assert world.now(claim).status is PayoutStatus.PAID
    assert world.broker.instructed == 1


def test_with_settled_cash_enough_it_is_asked_for_at_once(world):
    world.deposit()
    sold(world, 5_000)
    world.broker.cash = 10_000
    claim = claimed(world, 3_000)
    world.recall(claim)
    assert world.now(claim).status is PayoutStatus.PAID
