"""The firm's own money: read by those who watch it, recorded by administrators, large by two."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.money import Currency
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.house import HouseJournal
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState, FxQuote
from shared.market_data.store import MarketStore
from shared.treasury.movement_store import MovementStore
from shared.treasury.posting import Posting
from shared.treasury.recording import HouseRecorder
from shared.users.roles import Role
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
REASON = "Seen on the bank's statement"
HOUSE = "house_t1"
MOVED = """... on TreasuryMovementPayload { movement {
    movementId kind status amount { amount currency } counter { amount currency } rate gateway
    reference reason proposedBy decidedBy } }
  ... on UserError { code } ... on InvalidInputError { field }"""
RECORD = f"mutation($i: RecordTreasuryMovementInput!) {{ recordTreasuryMovement(input: $i) {{ {MOVED} }} }}"  # noqa: E501
DECIDE = f"mutation($i: DecideTreasuryMovementInput!) {{ decideTreasuryMovement(input: $i) {{ {MOVED} }} }}"  # noqa: E501
RESET = """mutation($i: ResetBreakerInput!) { resetBreaker(input: $i) {
  ... on ResetBreakerPayload { limits { name state reason } } ... on UserError { code } } }"""
LIMITS = "{ treasury { limits { name limit { amount } used { amount currency } exceeded breaker state reason } } }"  # noqa: E501

REVALUATION = """{ treasury { fxRevaluation { positions { held { amount currency }
  worth { amount } mid } worth { amount } booked { amount } difference { amount } } } }"""
TRAIL = """query($first: Int!, $after: Cursor) { treasury { trail(first: $first, after: $after) {
  nodes { entryId action actor reason intact } pageInfo { hasNextPage endCursor } } } }"""


def wire(**changes: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": "key-1",
        "kind": "PREFUNDED",
        "amount": "10000.00",
        "currency": "USD",
        "reference": "wire-1",
        "reason": REASON,
    } | changes


def record(client: Any, **changes: Any) -> Any:
    answer = client.graphql(RECORD, {"i": wire(**changes)})
    assert "errors" not in answer.body, answer.body
    return answer.data["recordTreasuryMovement"]


def decide(client: Any, movement_id: str, agreed: bool = True) -> Any:
    given = {"movementId": movement_id, "agreed": agreed, "reason": REASON}
    return client.graphql(DECIDE, {"i": given}).data["decideTreasuryMovement"]


def book(app: Application) -> int:
    """What the worker does: entries of the house's journal after it."""
    house = HouseJournal(app.database, "t1")
    rows = MovementStore(app.database)
    posting = Posting(rows, house, app.facts, app.clock)
    for _, movement in rows.page(limit=50).entries:
        posting.agreed(movement.movement_id)
    return len(house.entries(Currency.USD).entries)


def moved(app: Application, account: str, minor: int, asset: str = "USD/2") -> None:
    legs = (
        Leg(account=account, asset=asset, amount=minor),
        Leg(account="customers:cash", asset=asset, amount=-minor),
    )
    entry = EntryPostedV1(
        owner_id="house_t1",
        chain="USD",
        seq=abs(minor),
        kind="X",
        reference="r",
        at=NOW,
        legs=legs,
    )
    HouseRecorder(app.database, app.clock).record(entry)


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


def test_the_accounts_are_shown_as_money_and_as_shares(app: Application, admins: Any) -> None:
    admin, _ = admins
    moved(app, "house:bank:USD", -12_345)
    moved(app, "house:shares_at_broker", 1_500_000_000, "VTI/9")
    query = "{ treasury { accounts { account balance { amount currency } symbol quantity } } }"
    shown = {
        (each["account"], each["symbol"]): each
        for each in admin.graphql(query).data["treasury"]["accounts"]
    }
    assert shown["house:bank:USD", None]["balance"] == {"amount": "-123.45", "currency": "USD"}
    assert shown["house:shares_at_broker", "VTI"]["quantity"] == "1.500000000"
    assert shown["customers:cash", "VTI"]["balance"] is None


def test_limits_are_shown_with_their_breakers(app: Application, admins: Any) -> None:
    admin, _ = admins
    moved(app, "house:firm_cash_at_broker", -10_000_001)
    stopped = Breaker("prefunding", BreakerState.OPEN, "LIMIT: x", NOW)
    MarketStore(app.database).set_breaker(stopped)
    assert admin.graphql(LIMITS).data["treasury"]["limits"] == [
        {
            "name": "prefunding",
            "limit": {"amount": "100000.00"},
            "used": {"amount": "100000.01", "currency": "USD"},
            "exceeded": True,
            "breaker": "PREFUNDING",
            "state": "OPEN",
            "reason": "LIMIT: x",
        },
        {
            "name": "fx:KES",
            "limit": {"amount": "5000000.00"},
            "used": {"amount": "0.00", "currency": "KES"},
            "exceeded": False,
            "breaker": "FX",
            "state": "CLOSED",
            "reason": None,
        },
    ]
    given = {"i": {"breaker": "PREFUNDING", "reason": REASON}}
    refused = admin.graphql(RESET, given).data["resetBreaker"]
    assert refused == {"code": "TREASURY_LIMIT_STILL_EXCEEDED"}
    assert Switches(app.database).read(["prefunding"]) == {"prefunding": stopped}


def test_a_breaker_that_is_closed_is_on_record_once(
    app: Application, admins: Any, trail: AuditTrail
) -> None:
    admin, _ = admins
    MarketStore(app.database).set_breaker(
        Breaker("fx", BreakerState.OPEN, "no rates", app.clock.now())
    )
    for _ in range(2):
        answer = admin.graphql(RESET, {"i": {"breaker": "FX", "reason": REASON}})
        states = {each["name"]: each["state"] for each in answer.data["resetBreaker"]["limits"]}
        assert states == {"prefunding": "CLOSED", "fx:KES": "CLOSED"}
    (entry,) = trail.whole(HOUSE)
    assert entry.entry.action is Action.BREAKER_RESET
    assert (entry.entry.before, entry.entry.after) == (
        {"breaker": "fx", "state": "OPEN"},
        {"breaker": "fx", "state": "CLOSED"},
    )


def test_movements_come_in_pages_newest_first(admins: Any) -> None:
    admin, _ = admins
    for number in range(3):
        record(admin, idempotencyKey=f"k{number}", reference=f"w{number}")
    query = """query($after: Cursor) { treasury { movements(first: 2, after: $after) {
        nodes { reference } pageInfo { hasNextPage endCursor } } } }"""
    page = admin.graphql(query, {"after": None}).data["treasury"]["movements"]
    assert len(page["nodes"]) == 2
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    rest = admin.graphql(query, {"after": after}).data["treasury"]["movements"]
    seen = [each["reference"] for each in (*page["nodes"], *rest["nodes"])]
    assert sorted(seen) == ["w0", "w1", "w2"]


def test_the_position_is_valued_anew_and_nothing_is_booked(
    app: Application, admins: Any, staff: Callable[..., Any]
) -> None:
    admin, _ = admins
    moved(app, "house:fx_position", -1_300_000, "KES/2")
    moved(app, "house:fx_position", 9_860)
    MarketStore(app.database).keep_rate(
        FxQuote(Currency.KES, Currency.USD, Decimal("0.0077"), app.clock.now(), "test", NOW)
    )
    found = admin.graphql(REVALUATION).data["treasury"]["fxRevaluation"]
    assert found == {
        "positions": [
            {
                "held": {"amount": "13000.00", "currency": "KES"},
                "worth": {"amount": "100.10"},
                "mid": "0.0077",
            }
        ],
        "worth": {"amount": "100.10"},
        "booked": {"amount": "98.60"},
        "difference": {"amount": "1.50"},
    }
    assert HouseJournal(app.database, "t1").entries(Currency.USD).entries == ()
    assert staff(Role.SUPPORT, "support").graphql(REVALUATION).codes == ["FORBIDDEN"]


def test_acts_on_the_firms_money_are_read_page_by_page(
    app: Application, admins: Any, staff: Callable[..., Any]
) -> None:
    admin, _ = admins
    for number in range(3):
        record(admin, reference=f"wire-{number}", idempotencyKey=f"key-{number}")
    first = admin.graphql(TRAIL, {"first": 2}).data["treasury"]["trail"]
    assert first["pageInfo"]["hasNextPage"] is True
    after = {"first": 2, "after": first["pageInfo"]["endCursor"]}
    second = admin.graphql(TRAIL, after).data["treasury"]["trail"]
    nodes = [*first["nodes"], *second["nodes"]]
    assert [(each["action"], each["actor"], each["reason"], each["intact"]) for each in nodes] == [
        ("TREASURY_MOVEMENT_RECORDED", admin.user_id, REASON, True)
    ] * 3
    assert len({each["entryId"] for each in nodes}) == 3
    assert second["pageInfo"]["hasNextPage"] is False
    assert staff(Role.SUPPORT, "support").graphql(TRAIL, {"first": 2}).codes == ["FORBIDDEN"]


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
