"""Where round-ups lie: the same over memory and DynamoDB, both ways and under their conditions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed
from shared.recurring.dates import Zone
from shared.roundups.model import (
    Habits,
    Purchase,
    PurchaseStatus,
    RoundUps,
    RoundUpsStatus,
    Source,
    Transfer,
    TransferStatus,
)
from shared.roundups.purchases import Purchases, Reported
from shared.roundups.reasons import ReturnReason
from shared.roundups.store import PoolStore

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USER = "usr_t1_01KG96R6400000000000000001"
POOL = RoundUps(
    user_id=USER,
    round_ups_id="rup_t1_01KG96R6400000000000000002",
    started_at=NOW,
    whole=Money(100, Currency.USD),
    threshold=Money(500, Currency.USD),
    source=Source(Method.CARD, b"sealed", "**** 4242"),
    zone=Zone.LAGOS,
    habits=Habits(),
)
FULL = replace(
    POOL,
    habits=Habits(7, True, "gol_t1_01KG96R6400000000000000003"),
    status=RoundUpsStatus.PAUSED,
    pool=-12,
    number=9,
    since=8,
    first=2,
    open=8,
    open_amount=Money(512, Currency.KES),
    due=NOW + timedelta(hours=1),
    charged_on=date(2026, 3, 1),
    failures=2,
    returned=(3, 5),
    trace="t",
    version=4,
)
BOUGHT = Purchase(USER, "card:1", Money(3045, Currency.USD), NOW, Money(55, Currency.USD), 3)
SENT = Transfer(
    USER, POOL.round_ups_id, 3, Money(512, Currency.USD), POOL.source, NOW, FULL.habits.goal_id
)


@pytest.fixture
def store(database: Database) -> PoolStore:
    return PoolStore(database)


@pytest.fixture
def facts(database: Database) -> Facts:
    clock = FixedClock(NOW)
    return Facts(database, clock, SequentialIds("t1", clock))


@pytest.mark.parametrize("stored", [POOL, FULL], ids=["new", "with-everything"])
def test_round_ups_come_back_as_they_were_written(
    store: PoolStore, facts: Facts, stored: RoundUps
) -> None:
    assert store.get(USER) is None
    facts.commit([store.save(None, stored)])
    assert store.get(USER) == stored


def test_round_ups_are_made_once_and_changed_from_the_state_that_was_read(
    store: PoolStore, facts: Facts
) -> None:
    facts.commit([store.save(None, POOL)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.save(None, POOL)])
    one, other = POOL.filled(55, NOW), POOL.filled(90, NOW)
    facts.commit([store.save(POOL, one)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.save(POOL, other)])
    assert store.get(USER) == one


@pytest.mark.parametrize("status", PurchaseStatus)
def test_a_purchase_is_new_once_and_changes_from_the_state_that_was_read(
    store: PoolStore, facts: Facts, status: PurchaseStatus
) -> None:
    told = replace(BOUGHT, status=status)
    facts.commit([store.record(told)])
    assert store.purchases(USER, ["card:1", "card:1", "card:2"]) == {"card:1": told}
    with pytest.raises(ConditionFailed):
        facts.commit([store.record(replace(BOUGHT, round_up=Money(1, Currency.USD)))])
    for before in PurchaseStatus:
        if before is not status:
            with pytest.raises(ConditionFailed):
                facts.commit([store.save_purchase(replace(told, status=before), told)])
    removed = replace(told, status=PurchaseStatus.REMOVED)
    facts.commit([store.save_purchase(told, removed)])
    assert store.purchases(USER, ["card:1"]) == {"card:1": removed}


def test_a_transfer_is_begun_once_and_comes_back_as_it_was_written(
    store: PoolStore, facts: Facts
) -> None:
    facts.commit([store.begin(SENT)])
    assert store.transfer(USER, 3) == SENT
    assert store.transfer(USER, 4) is None
    with pytest.raises(ConditionFailed):
        facts.commit([store.begin(replace(SENT, amount=Money(1, Currency.USD)))])
    back = SENT.moved(
        TransferStatus.RETURNED,
        deposit_id="dep_t1_01KG96R6400000000000000004",
        reason=ReturnReason.REFUSED,
        detail="X",
    )
    facts.commit([store.save_transfer(SENT, back)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.save_transfer(SENT, SENT.moved(TransferStatus.PAID))])
    assert store.transfer(USER, 3) == back


def test_transfers_are_read_newest_first_without_the_round_ups_themselves(
    store: PoolStore, facts: Facts
) -> None:
    facts.commit([store.save(None, FULL), store.record(BOUGHT)])
    for number in (2, 10, 1):
        facts.commit([store.begin(replace(SENT, number=number))])
    first = store.transfers(USER, limit=2)
    assert [one.number for one in first.transfers] == [10, 2]
    rest = store.transfers(USER, limit=2, after=first.after)
    assert [one.number for one in rest.transfers] == [1]


def test_fifty_purchases_are_one_transaction_with_their_key_and_pool(
    database: Database, store: PoolStore, facts: Facts
) -> None:
    facts.commit([store.save(None, POOL)])
    purchases = Purchases(store, IdempotencyKeys(database), facts, FixedClock(NOW))
    told = [Reported(f"p{number}", "3.99", NOW) for number in range(50)]
    for key in ("k-1", "k-1", "k-2"):
        found = purchases.record(USER, key=key, reported=told)
        assert (len(found.purchases), found.round_ups.pool) == (50, 50)
