"""What moved of the firm's money: recorded by administrators, large by two, booked once."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.treasury.movement_store import MovementStore
from shared.users.roles import Role
from tests.graphql_api.firm_money import HOUSE, REASON, book, decide, record
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited


@pytest.fixture
def admins(
    app: Application, staff: Callable[..., Any], join: Callable[[str], Any]
) -> tuple[Any, Any]:
    unlimited(app)
    return staff(Role.ADMIN), appoint(app, join("second@example.com"), Role.ADMIN)


def test_a_small_movement_is_agreed_at_once_on_record_and_booked_by_the_worker(
    app: Application, admins: Any, trail: AuditTrail
) -> None:
    admin, _ = admins
    movement = record(admin)["movement"]
    assert movement | {"movementId": ""} == {
        "movementId": "",
        "kind": "PREFUNDED",
        "status": "AGREED",
        "amount": {"amount": "10000.00", "currency": "USD"},
        "counter": None,
        "rate": None,
        "gateway": None,
        "reference": "wire-1",
        "reason": REASON,
        "proposedBy": admin.user_id,
        "decidedBy": None,
    }
    assert record(admin)["movement"] == movement
    assert book(app) == 1
    assert record(admin)["movement"]["status"] == "POSTED"
    (entry,) = trail.whole(HOUSE)
    assert (entry.entry.action, entry.entry.actor.id, entry.entry.reason) == (
        Action.TREASURY_MOVEMENT_RECORDED,
        admin.user_id,
        REASON,
    )
    assert entry.entry.after == {
        "movement": movement["movementId"],
        "kind": "PREFUNDED",
        "status": "AGREED",
        "currency": "USD",
        "minor": "1000000",
    }


def test_a_large_one_takes_somebody_else(app: Application, admins: Any, trail: AuditTrail) -> None:
    one, two = admins
    proposed = record(one, amount="10000.01")["movement"]
    assert proposed["status"] == "PROPOSED"
    assert decide(one, proposed["movementId"]) == {"code": "TREASURY_SECOND_PERSON_NEEDED"}
    assert book(app) == 0
    agreed = decide(two, proposed["movementId"])["movement"]
    assert (agreed["status"], agreed["decidedBy"]) == ("AGREED", two.user_id)
    assert decide(two, proposed["movementId"])["movement"] == agreed
    assert decide(two, proposed["movementId"], agreed=False) == {
        "code": "TREASURY_MOVEMENT_DECIDED"
    }
    assert book(app) == 1
    assert sorted(each.entry.action for each in trail.whole(HOUSE)) == [
        Action.TREASURY_MOVEMENT_DECIDED,
        Action.TREASURY_MOVEMENT_RECORDED,
    ]


def test_a_conversion_names_its_rate_and_both_amounts(admins: Any) -> None:
    admin, _ = admins
    sale = {
        "kind": "FX_CONVERTED",
        "amount": "13000.00",
        "currency": "KES",
        "counterAmount": "100.10",
        "counterCurrency": "USD",
        "rate": "0.0077",
    }
    movement = record(admin, **sale)["movement"]
    assert (movement["status"], movement["counter"], movement["rate"]) == (
        "PROPOSED",
        {"amount": "100.10", "currency": "USD"},
        "0.0077",
    )
    for wrong, field in (
        ({"rate": "0.0078"}, "rate"),
        ({"counterCurrency": None}, "counterCurrency"),
        ({"rate": None}, "counterAmount"),
        ({"gateway": "STRIPE"}, "gateway"),
    ):
        answer = record(admin, **{**sale, **wrong}, idempotencyKey=f"k-{field}")
        assert answer == {"code": "INVALID_VALUE", "field": field}


def test_what_is_refused_changes_nothing_and_is_not_on_record(
    app: Application, admins: Any, trail: AuditTrail
) -> None:
    admin, other = admins
    assert record(admin, reason="too short") == {"code": "INVALID_VALUE", "field": "reason"}
    assert record(admin, amount="0.00")["field"] == "amount"
    record(admin)
    assert record(admin, amount="9.00") == {"code": "IDEMPOTENCY_KEY_REUSED"}
    book(app)
    assert record(other) == {"code": "TREASURY_ALREADY_BOOKED"}
    assert decide(admin, f"mov_t1_{'0' * 26}")["code"] == "NOT_FOUND"
    assert len(list(trail.whole(HOUSE))) == 1
    assert len(MovementStore(app.database).page(limit=9).entries) == 1


def test_cash_for_a_gateway_to_pay_out_of_comes_from_the_bank(
    app: Application, admins: Any
) -> None:
    admin, _ = admins
    changes = {"kind": "GATEWAY_FUNDED", "amount": "100.00", "reference": "transfer 12"}
    assert record(admin, **changes)["field"] == "gateway"
    made = record(admin, **changes, gateway="ADYEN")["movement"]
    assert (made["status"], made["gateway"]) == ("AGREED", "ADYEN")
    assert book(app) == 1
    (entry,) = HouseJournal(app.database, "t1").entries(Currency.USD).entries
    assert {leg.account: leg.amount for leg in entry.entry.draft.postings} == {
        "house:gateway_clearing:adyen:USD": 10_000,
        "house:bank:USD": -10_000,
    }
