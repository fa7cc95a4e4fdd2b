"""Deposit rows over both engines: round trips, conditions, pages and what the sweep finds."""

from datetime import timedelta

import pytest

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.payments.model import SWEPT_AFTER, DepositStatus, Gateway
from shared.payments.planned import deposit_planned
from shared.payments.ports import Paid
from shared.payments.reasons import Reason
from shared.payments.rows import ExternalPaymentRow, deposit_from, deposit_key, row_of
from shared.payments.settlement import Hint
from shared.platform.tables import Put
from shared.platform.work import ConditionFailed


@pytest.fixture
def world(database, world_of):
    return world_of(database)


def test_a_deposit_comes_back_as_it_was_written_in_every_state(world):
    deposit = world.mpesa()
    for after in (
        deposit.held_for_review(Reason.AMOUNT_MISMATCH),
        deposit.failed(Reason.WRONG_PIN, world.clock.now()),
        deposit.expired(world.clock.now()),
        deposit.told("ws", "LHG31AA5TX").settled(world.clock.now(), payment="ws"),
    ):
        before = world.now(deposit)
        world.facts.commit([world.deposits.save(before, after)])
        read = world.now(deposit)
        assert read == after
        world.database.write(Put("deposit", row_of(deposit)))


def test_a_stale_write_is_refused_and_changes_nothing(world):
    deposit = world.card()
    world.facts.commit([world.deposits.save(deposit, deposit.expired(world.clock.now()))])
    with pytest.raises(ConditionFailed) as failure:
        world.facts.commit(
            [world.deposits.save(deposit, deposit.failed(Reason.DECLINED, world.clock.now()))]
        )
    assert failure.value.found["deposit"]["status"] == "EXPIRED"
    assert world.now(deposit).status is DepositStatus.EXPIRED


def test_a_row_is_small_and_carries_no_phone_number(world):
    world.mpesa("250000")
    (deposit,) = world.service.page(world.user_id, limit=1).deposits
    key = deposit_key(world.user_id, deposit.deposit_id)
    item = world.database.get_many([key])[key]
    assert deposit_from(item) == deposit
    values = {name: str(next(iter(value.values()))) for name, value in item.attributes.items()}
    assert "254712345678" not in str(values)
    assert sum(len(name) + len(value) for name, value in values.items()) < 1024


def test_unfinished_deposits_are_in_the_index_and_finished_ones_are_not(world):
    deposit = world.card()

    def swept(at):
        return [
            (item.kind, item.attributes["check"]["S"])
            for bucket in range(16)
            for item in world.database.pending(bucket, to_text(at), 10).items
        ]

    overdue = deposit.lapses_at + timedelta(minutes=5)
    assert swept(overdue - timedelta(seconds=1)) == []
    assert swept(overdue) == [("deposit", "payment")]
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", deposit.amount))
    world.signal(deposit)
    assert swept(overdue) == [("deposit", "funding")]
    world.fund(deposit)
    assert swept(world.clock.now() + SWEPT_AFTER - timedelta(seconds=1)) == []
    assert swept(world.clock.now() + SWEPT_AFTER) == [("deposit", "planning")]
    world.facts.commit([deposit_planned(world.user_id, deposit.deposit_id)])
    assert swept(overdue + timedelta(days=1)) == []


def test_a_plan_ends_the_waiting_of_a_funded_deposit_only(world):
    deposit = world.card()
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", deposit.amount))
    world.signal(deposit)
    settled = world.now(deposit)
    with pytest.raises(ConditionFailed):
        world.facts.commit([deposit_planned(world.user_id, deposit.deposit_id)])
    with pytest.raises(ConditionFailed):
        world.facts.commit([deposit_planned(world.user_id, f"{deposit.deposit_id[:-1]}Z")])
    assert world.now(deposit) == settled


def test_a_late_receipt_does_not_make_a_planned_deposit_wait_again(world):
    deposit = world.mpesa()
    world.gateways[Gateway.MPESA].set(deposit, Paid("ref_1", None))
    world.check(deposit)
    world.fund(deposit)
    funded = world.now(deposit)
    world.facts.commit([deposit_planned(world.user_id, deposit.deposit_id)])
    with pytest.raises(ConditionFailed):
        world.facts.commit([world.deposits.save(funded, funded.with_receipt("LHG31AA5TX"))])
    world.signal(deposit, Hint("ref_1", deposit.amount, "LHG31AA5TX"))
    after = world.now(deposit)
    assert (after.receipt, after.planned, after.due) == ("LHG31AA5TX", True, None)
    key = deposit_key(world.user_id, deposit.deposit_id)
    item = world.database.get_many([key])[key]
    assert not {"pending", "due", "check"} & item.attributes.keys()


def test_pages_are_newest_first_and_skip_what_else_lies_in_the_feed(world):
    made = []
    for number in range(7):
        world.clock.advance(timedelta(seconds=1))
        made.append(world.card(key=f"k{number}").deposit_id)
        world.database.write(Put("noise", _noise(world, made[-1])))
    seen, after = [], None
    while True:
        page = world.service.page(world.user_id, limit=3, after=after)
        assert len(page.deposits) <= 3
        seen += [one.deposit_id for one in page.deposits]
        after = page.after
        if after is None:
            break
    assert seen == list(reversed(made))


def _noise(world, deposit_id):
    return ExternalPaymentRow(
        pk=f"USER#{world.user_id}",
        sk=f"FEED#{deposit_id.split('_')[2]}#ntc",
        user_id=world.user_id,
        deposit_id=deposit_id,
    )


def test_the_whole_way_works_over_this_engine(world):
    deposit = world.mpesa("1000")
    mpesa = world.gateways[Gateway.MPESA]
    mpesa.set(deposit, Paid("ref_1", None))
    world.check(deposit)
    world.fund(deposit)
    assert world.now(deposit).status is DepositStatus.FUNDED
    assert world.wallet().balance == deposit.credited
    assert world.wallet().available == deposit.credited.minor
    assert deposit.credited == Money(758, Currency.USD)
    assert world.books()["house:fx_position", "USD/2"] == 758
