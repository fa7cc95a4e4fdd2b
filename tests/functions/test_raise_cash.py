"""raise_cash: which messages it takes, and what it asks of planning and of orders."""

import pytest

from functions.sweep_pending.routes import route_of
from shared.investing.errors import OrderNotCancelable
from shared.investing.events import OrdersCompletedV1, PlanCreatedV1
from shared.kernel.ids import Kind
from shared.payouts.events import PayoutReleasedV1, PayoutRequestedV1
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Item
from tests.functions.investing_workers import IDS, PLAN, USER, event_of

PAYOUT = IDS.new(Kind.PAYOUT)
NAMED = {"user_id": USER, "payout_id": PAYOUT}


class Asked:
    """Takes every call and keeps it."""

    def __init__(self) -> None:
        self.calls = []

    def __getattr__(self, name):
        return lambda *values: self.calls.append((name, *values))


@pytest.fixture
def handler(investing_worker):
    return investing_worker("raise_cash")


def test_it_follows_payouts_plans_of_withdrawals_and_the_end_of_orders(handler, monkeypatch):
    asked = Asked()
    monkeypatch.setattr(handler, "raising", asked)
    made = {"user_id": USER, "plan_id": PLAN, "deposit_id": "", "order_count": 1}
    handler.handle(event_of(PayoutRequestedV1(**NAMED)))
    handler.handle(event_of(PlanCreatedV1(**made, notional_minor=0, cause="WITHDRAWAL")))
    handler.handle(event_of(PlanCreatedV1(**made, notional_minor=1, cause="DEPOSIT")))
    handler.handle(event_of(OrdersCompletedV1(user_id=USER, plan_id=PLAN)))
    handler.handle(CheckMessage("raise", NAMED))
    over = {"purpose": "WITHDRAWAL", "status": "CANCELLED", "debited_minor": 1}
    handler.handle(event_of(PayoutReleasedV1(**NAMED, **over)))
    assert asked.calls == [
        ("look", USER, PAYOUT),
        ("planned", USER, PLAN),
        ("planned", USER, PLAN),
        ("look", USER, PAYOUT),
        ("ended", USER, PAYOUT),
    ]
    with pytest.raises(TypeError):
        handler.handle(CheckMessage("planning", {}))


def test_a_plan_is_asked_for_by_its_cause_and_by_the_plan_before_it(handler, monkeypatch):
    queue = MemoryQueue()
    monkeypatch.setattr(handler, "planning", queue)
    payout = type("Named", (), NAMED)
    handler.Sales().plan(payout, "")
    handler.Sales().plan(payout, PLAN)
    subject = {"user_id": USER, "cause": "WITHDRAWAL", "cause_id": PAYOUT}
    assert [message for message, _ in queue.sent] == [
        CheckMessage("planning", subject),
        CheckMessage("planning", subject | {"after": PLAN}),
    ]


def test_an_order_that_has_ended_meanwhile_need_not_be_stopped(handler, monkeypatch):
    asked = []

    def request(user_id, order_id):
        asked.append((user_id, order_id))
        raise OrderNotCancelable(status="FILLED")

    monkeypatch.setattr(handler.canceler, "request", request)
    handler.Sales().stop(USER, "ord_1")
    assert asked == [(USER, "ord_1")]


def test_the_sweep_sends_a_withdrawal_that_lacks_cash_to_its_queue():
    item = Item(
        {
            "pk": {"S": f"USER#{USER}"},
            "sk": {"S": f"FEED#{PAYOUT[7:]}#pay"},
            "kind": {"S": "payout"},
            "check": {"S": "raise"},
        }
    )
    route = route_of(item)
    assert (route.queue, route.check, route.subject(item)) == ("raises", "raise", NAMED)
