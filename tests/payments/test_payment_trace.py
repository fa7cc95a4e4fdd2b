"""What a click began goes on under the click's id, whoever brings it further."""

import json

from shared.kernel.money import Currency, Money
from shared.payments.model import DepositStatus, Gateway
from shared.payments.ports import Paid
from shared.payments.rows import DepositRow, deposit_key
from shared.platform.correlation import caused_by, correlation_id, set_correlation_id
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Put, Table


def traces(world):
    """Correlation id of each event in the outbox, by its type."""
    rows = [
        row
        for shard in range(SHARDS)
        for row in world.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    ]
    return {row.type: json.loads(row.envelope)["correlation_id"] for row in rows}


def test_webhooks_and_checks_go_on_under_the_id_of_the_click(world):
    set_correlation_id("click-1")
    deposit = world.card()
    assert world.now(deposit).trace == "click-1"
    paid = Paid("pi_1", Money(10_000, Currency.USD), 320)
    world.gateways[Gateway.STRIPE].set(deposit, paid)

    set_correlation_id("webhook-1")
    world.signal(deposit)
    assert (correlation_id(), caused_by()) == ("click-1", "webhook-1")
    set_correlation_id("sweep-1")
    world.fund(deposit)
    assert (correlation_id(), caused_by()) == ("click-1", "sweep-1")

    assert world.now(deposit).status is DepositStatus.FUNDED
    assert world.now(deposit).trace == "click-1"
    assert traces(world) == {
        "payments.deposit_settled.v1": "click-1",
        "payments.deposit_funded.v1": "click-1",
        "ledger.entry_posted.v1": "click-1",
    }


def test_the_same_key_under_another_click_changes_no_trace(world):
    set_correlation_id("click-1")
    deposit = world.card()
    set_correlation_id("click-2")
    assert world.card() == deposit
    assert world.now(deposit).trace == "click-1"


def test_each_of_several_deposits_goes_on_under_its_own_id(world):
    made = []
    world.person(broker_account_id=None)
    for number in (1, 2):
        set_correlation_id(f"click-{number}")
        deposit = world.card(key=f"key-{number}")
        paid = Paid(f"pi_{number}", Money(10_000, Currency.USD), 320)
        world.gateways[Gateway.STRIPE].set(deposit, paid)
        world.signal(deposit)
        made.append(deposit)
    world.person()
    set_correlation_id("opened-1")
    seen = []
    commit = world.facts.commit
    world.facts.commit = lambda *given: (
        seen.append((correlation_id(), caused_by())),
        commit(*given),
    )
    world.funding.account_opened(world.user_id)
    assert set(seen) == {("click-1", "opened-1"), ("click-2", "opened-1")}
    assert {world.now(deposit).status for deposit in made} == {DepositStatus.FUNDED}


def test_a_row_from_before_goes_on_under_the_id_of_the_message(world):
    deposit = world.card()
    key = deposit_key(world.user_id, deposit.deposit_id)
    row = world.database.get(DepositRow, key.pk, key.sk)
    row.trace = None
    world.database.write(Put("deposit", row))
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", Money(10_000, Currency.USD), 320))
    set_correlation_id("webhook-1")
    world.signal(deposit)
    assert (correlation_id(), caused_by()) == ("webhook-1", "")
    assert traces(world) == {
        "payments.deposit_settled.v1": "webhook-1",
        "ledger.entry_posted.v1": "webhook-1",
    }
