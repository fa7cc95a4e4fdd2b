"""Orders that staff have canceled: on record with the wish, once, and never their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.investing.model import CancelReason, Ending, Order, OrderStatus
from shared.investing.store import InvestingStore, _order_row
from shared.kernel.ids import Kind
from shared.platform.tables import Put
from shared.users.roles import Role
from tests.graphql_api.unlimited import unlimited

REASON = "The exchange has told us of a fault"
CANCEL = """mutation($i: CancelOrderInput!) { cancelOrder(input: $i) {
  ... on CancelOrderPayload { orderId symbol status }
  ... on UserError { code } ... on InvalidInputError { field } } }"""


@pytest.fixture
def officer(app: Application, staff: Callable[..., Any]) -> Any:
    unlimited(app)
    return staff(Role.COMPLIANCE)


@pytest.fixture
def amina(officer: Any, join: Callable[[str], Any]) -> Any:
    return join("amina@example.com")


def order_of(app: Application, user_id: str, **changes: Any) -> Order:
    """An order that waits to be sent."""
    known = {
        "order_id": app.ids.new(Kind.ORDER),
        "user_id": user_id,
        "plan_id": app.ids.new(Kind.PLAN),
        "account_id": "11111111-1111-4111-8111-111111111111",
        "symbol": "QUAL",
        "notional_minor": 1_000,
        "created_at": app.clock.now(),
        "updated_at": app.clock.now(),
    }
    order = Order(**(known | changes))
    app.facts.commit([Put.new("order", _order_row(order))])
    return order


def cancel(client: Any, user_id: str, order_id: str, reason: str = REASON) -> Any:
    given = {"i": {"userId": user_id, "orderId": order_id, "reason": reason}}
    answer = client.graphql(CANCEL, given)
    assert "errors" not in answer.body, answer.body
    return answer.data["cancelOrder"]


def stored(app: Application, order: Order) -> Order:
    (found,) = InvestingStore(app.database).orders(order.user_id, [order.order_id])
    return found


def test_the_wish_is_on_record_once_with_who_and_why(
    app: Application, officer: Any, amina: Any, trail: AuditTrail
) -> None:
    order = order_of(app, amina.user_id)
    for _ in range(2):
        assert cancel(officer, amina.user_id, order.order_id) == {
            "orderId": order.order_id,
            "symbol": "QUAL",
            "status": "PENDING_CANCEL",
        }
    after = stored(app, order)
    assert (after.status, after.cancel_reason) == (
        OrderStatus.PENDING_CANCEL,
        CancelReason.CANCELED,
    )
    (entry,) = [
        each.entry
        for each in trail.whole(amina.user_id)
        if each.entry.action is Action.ORDER_CANCELED
    ]
    facts = {"order": order.order_id, "symbol": "QUAL", "side": "BUY"}
    assert (entry.actor.id, entry.reason) == (officer.user_id, REASON)
    assert dict(entry.before) == facts | {"status": "PLANNED"}
    assert dict(entry.after) == facts | {"status": "PENDING_CANCEL", "wanted_for": "CANCELED"}


def test_what_the_platform_cancels_already_staff_make_their_own(
    app: Application, officer: Any, amina: Any, trail: AuditTrail
) -> None:
    order = order_of(app, amina.user_id).canceling(app.clock.now(), CancelReason.PRICES_STALE)
    app.facts.commit([InvestingStore(app.database).save(replace(order, version=1))])
    for _ in range(2):
        assert cancel(officer, amina.user_id, order.order_id)["status"] == "PENDING_CANCEL"
    assert stored(app, order).cancel_reason is CancelReason.CANCELED
    (entry,) = [
        each.entry
        for each in trail.whole(amina.user_id)
        if each.entry.action is Action.ORDER_CANCELED
    ]
    facts = {"order": order.order_id, "symbol": "QUAL", "side": "BUY", "status": "PENDING_CANCEL"}
    assert dict(entry.before) == facts | {"wanted_for": "PRICES_STALE"}
    assert dict(entry.after) == facts | {"wanted_for": "CANCELED"}


def test_what_is_canceled_already_and_will_be_bought_again_is_refused(
    app: Application, officer: Any, amina: Any
) -> None:
    ended = {
        why: order_of(
            app,
            amina.user_id,
            status=OrderStatus.CANCELED,
            ending=Ending(OrderStatus.CANCELED, 0, why),
        )
        for why in ("PRICES_STALE", "CANCELED")
    }
    refused = cancel(officer, amina.user_id, ended["PRICES_STALE"].order_id)
    assert refused == {"code": "ORDER_NOT_CANCELABLE"}
    assert cancel(officer, amina.user_id, ended["CANCELED"].order_id)["status"] == "CANCELED"


def test_what_is_refused_changes_nothing_and_is_not_on_record(
    app: Application, officer: Any, amina: Any, trail: AuditTrail, staff: Callable[..., Any]
) -> None:
    ended = Ending(OrderStatus.FILLED, 1)
    filled = order_of(app, amina.user_id, status=OrderStatus.FILLED, ending=ended)
    waiting = order_of(app, amina.user_id)
    refused = cancel(officer, amina.user_id, filled.order_id)
    assert refused == {"code": "ORDER_NOT_CANCELABLE"}
    assert cancel(officer, amina.user_id, f"ord_t1_{'0' * 26}") == {"code": "NOT_FOUND"}
    short = cancel(officer, amina.user_id, waiting.order_id, "short")
    assert short == {"code": "INVALID_VALUE", "field": "reason"}
    nobody = app.ids.new(Kind.USER)
    assert cancel(officer, nobody, waiting.order_id) == {"code": "NOT_FOUND"}
    own = order_of(app, officer.user_id)
    assert cancel(officer, officer.user_id, own.order_id) == {"code": "STAFF_OWN_ACCOUNT"}
    admin = staff(Role.ADMIN, "boss")
    bosses = order_of(app, admin.user_id)
    assert cancel(officer, admin.user_id, bosses.order_id) == {"code": "STAFF_PROTECTED"}
    for order in (waiting, own, bosses):
        assert stored(app, order).status is OrderStatus.PLANNED
    assert [
        each.entry.action
        for each in trail.whole(amina.user_id)
        if each.entry.action is Action.ORDER_CANCELED
    ] == []


def test_people_do_not_cancel_orders(app: Application, amina: Any) -> None:
    order = order_of(app, amina.user_id)
    given = {"i": {"userId": amina.user_id, "orderId": order.order_id, "reason": REASON}}
    assert amina.graphql(CANCEL, given).codes == ["FORBIDDEN"]
    assert stored(app, order).status is OrderStatus.PLANNED
