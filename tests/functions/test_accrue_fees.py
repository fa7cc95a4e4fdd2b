"""accrue_fees: a tick becomes segments, a segment people, a person a charge, and nothing twice."""

from datetime import date

import pytest

from functions.sweep_pending.routes import route_of
from shared.investing.events import OrdersCompletedV1
from shared.kernel.ids import Kind
from shared.management_fees.charging import CHECK
from shared.management_fees.model import ChargeStatus
from shared.management_fees.rows import charge_row
from shared.management_fees.store import WalkStore
from shared.management_fees.walking import Walk
from shared.platform.indexes import SEGMENTS, segment_of
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Item
from shared.portfolio.holders import HolderStore
from tests.functions.investing_workers import IDS, USER, event_of
from tests.management_fees.conftest import new_world as new_world

LAST = date(2026, 2, 28)


class Worker:
    """The handler over a world in memory; its own messages are handed to it until none is left."""

    def __init__(self, handler, world, monkeypatch):
        self.handler, self.world, self.own = handler, world, MemoryQueue()
        told = handler.Messages(self.own, world.cases, world.plain, world.clock.now)
        store = WalkStore(world.database)
        walk = Walk(HolderStore(world.database), store, told, world.clock, lambda: world.day)
        monkeypatch.setattr(handler, "walk", walk)
        monkeypatch.setattr(handler, "charging", lambda: world.charging)

    def take(self, message):
        self.handler.handle(message)

    def drain(self):
        while self.own.sent:
            message, _ = self.own.sent.pop(0)
            self.take(message)


@pytest.fixture
def worker(investing_worker, new_world, monkeypatch):
    return Worker(investing_worker("accrue_fees"), new_world(), monkeypatch)


def test_the_schedules_message_charges_everybody_once(worker):
    world = worker.world
    people = [world.person() for _ in range(3)]
    for user in people:
        world.pay_in(user, 1_000_000, date(2026, 1, 31))
    poor = world.person()
    for _ in range(2):
        worker.take(CheckMessage("management_fees", {}))
        worker.drain()
    for user in people:
        assert world.charge(user, LAST).status is ChargeStatus.CHARGED
        assert (world.wallet(user).fees, len(world.charges(user))) == (191, 1)
    assert world.charges(poor) == []
    assert world.broker.moved == 3 * 191


def test_a_tick_may_name_the_day_that_it_is_for(worker):
    worker.world.day = date(2026, 5, 7)
    worker.take(CheckMessage("management_fees", {"as_of": "2026-03-02"}))
    subjects = [message.subject for message, _ in worker.own.sent]
    assert subjects == [{"last": "2026-02-28", "number": str(n)} for n in range(SEGMENTS)]


def test_a_segment_asks_for_its_people(worker):
    user = worker.world.person()
    number = segment_of(user).removeprefix("HOLDERS#")
    worker.take(CheckMessage("fee_segment", {"last": "2026-02-28", "number": number}))
    ((message, delay),) = worker.own.sent
    assert (message.check, message.subject, delay) == (
        "fee_month",
        {"user_id": user, "last": "2026-02-28"},
        0,
    )


def test_orders_that_ended_let_a_fee_that_waited_be_paid(worker):
    world = worker.world
    user = world.person()
    world.prices.known = {"AAAB": {date(2026, 1, 1): "100.00"}}
    world.pay_in(user, 1_000_000, date(2026, 1, 30))
    world.buy(user, "AAAB", 100 * 10**9, 999_990, date(2026, 1, 31))
    worker.take(CheckMessage("fee_month", {"user_id": user, "last": "2026-02-28"}))
    waits = world.charge(user, LAST)
    assert waits.status is ChargeStatus.DUE
    ((asked, cause, minor),) = world.asked
    assert (asked, cause, minor) == (user, waits.cause_id(world.clock.now()), 191)
    world.sell(user, "AAAB", 10**9, 10_000, date(2026, 2, 27))
    worker.take(event_of(OrdersCompletedV1(user_id=user, plan_id=IDS.new(Kind.PLAN))))
    assert world.charge(user, LAST).status is ChargeStatus.CHARGED


def test_somebody_whose_rows_are_bad_is_a_case_and_keeps_nobody_from_being_charged(worker):
    told = worker.handler.Messages(
        worker.own, worker.world.cases, worker.world.plain, worker.world.clock.now
    )
    told.unreadable(USER)
    told.unreadable(USER)
    (case,) = worker.world.open_cases()
    assert (case.kind.value, case.subject) == ("HOLDINGS_UNREADABLE", USER)


def test_what_sells_for_a_fee_is_asked_of_the_planner(worker):
    queue = MemoryQueue()
    cause = "fee_t1_01KDWPVNG00000000000000001"
    worker.handler.Planning(queue).ask(USER, cause, 191)
    ((message, delay),) = queue.sent
    assert (message, delay) == (
        CheckMessage(
            "planning",
            {"user_id": USER, "cause": "FEE", "cause_id": cause, "amount_minor": "191"},
        ),
        0,
    )


def test_a_message_of_another_kind_goes_back(worker):
    with pytest.raises(TypeError, match="accrue_fees does not take CheckMessage"):
        worker.take(CheckMessage("other", {}))


def test_the_sweep_looks_after_a_fee_that_is_not_charged_yet(worker):
    world = worker.world
    user = world.person(account=None)
    world.pay_in(user, 1_000_000, date(2026, 1, 31))
    worker.take(CheckMessage("fee_month", {"user_id": user, "last": "2026-02-28"}))
    charge = world.charge(user, LAST)
    item = Item(charge_row(charge).to_item())
    route = route_of(item)
    assert (route.queue, route.check) == ("fees", CHECK)
    assert route.subject(item) == {"user_id": user, "charge_id": charge.charge_id}
    worker.take(CheckMessage(route.check, route.subject(item)))
    assert world.charge(user, LAST).status is ChargeStatus.DUE
