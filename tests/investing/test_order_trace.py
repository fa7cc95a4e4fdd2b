"""Orders and their fills are told under the id of the deposit that they invest."""

import json
from dataclasses import replace

from shared.platform.correlation import caused_by, correlation_id, set_correlation_id
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table


def traces(world) -> dict[str, str]:
    """Correlation id of each event in the outbox but those of the money paid in, by its type."""
    rows = [
        row
        for shard in range(SHARDS)
        for row in world.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    ]
    envelopes = [json.loads(row.envelope) for row in rows]
    return {
        each["type"]: each["correlation_id"]
        for each in envelopes
        if not str(each["data"].get("kind")).startswith("DEPOSIT_")
    }


def planned(world) -> tuple[str, str, str]:
    """Person, deposit and plan of a deposit that was clicked under click-1 and swept later."""
    world.open_market()
    user_id = world.person(3)
    deposit_id = world.deposit(user_id, 10_000)
    world.funded[deposit_id] = replace(world.funded[deposit_id], trace="click-1")
    set_correlation_id("sweep-1")
    plan = world.planner().invest(user_id, deposit_id).plan
    return user_id, deposit_id, plan.plan_id


def test_a_plan_and_its_orders_take_the_id_of_the_deposit(world) -> None:
    user_id, _, plan = planned(world)
    assert (correlation_id(), caused_by()) == ("click-1", "sweep-1")
    assert traces(world) == {"investing.plan_created.v1": "click-1"}
    assert {order.trace for order in world.orders(user_id, plan).values()} == {"click-1"}


def test_a_fill_that_somebody_elses_poll_brought_is_told_under_the_click(world, make_fill) -> None:
    user_id, _, plan = planned(world)
    order = world.orders(user_id, plan)["QUAL"]
    set_correlation_id("poll-1")
    fill = make_fill(order, "x1", "0.12670407", "118.07", world.clock.now(), total="0.12670407")
    after = world.booker.apply(fill)
    assert after.trace == "click-1"
    assert (correlation_id(), caused_by()) == ("click-1", "poll-1")
    assert traces(world)["investing.order_filled.v1"] == "click-1"
    assert world.orders(user_id, plan)["QUAL"].trace == "click-1"


def test_a_deposit_without_an_id_gives_its_orders_the_current_one(world) -> None:
    set_correlation_id("event-1")
    user_id, plan = world.invested()
    assert {order.trace for order in world.orders(user_id, plan).values()} == {"event-1"}
