"""The firm's own money as those see it who watch it: accounts, limits, breakers, its trail."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState, FxQuote
from shared.market_data.store import MarketStore
from shared.users.roles import Role
from tests.graphql_api.firm_money import HOUSE, NOW, REASON, moved, record
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited

RESET = """mutation($i: ResetBreakerInput!) { resetBreaker(input: $i) {
  ... on ResetBreakerPayload { limits { name state reason } } ... on UserError { code } } }"""
LIMITS = """{ treasury { limits {
  name limit { amount } used { amount currency } exceeded breaker state reason } } }"""
REVALUATION = """{ treasury { fxRevaluation { positions { held { amount currency }
  worth { amount } mid } worth { amount } booked { amount } difference { amount } } } }"""
TRAIL = """query($first: Int!, $after: Cursor) { treasury { trail(first: $first, after: $after) {
  nodes { entryId action actor reason intact } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
def admins(
    app: Application, staff: Callable[..., Any], join: Callable[[str], Any]
) -> tuple[Any, Any]:
    unlimited(app)
    return staff(Role.ADMIN), appoint(app, join("second@example.com"), Role.ADMIN)


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
