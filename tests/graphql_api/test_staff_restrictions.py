"""The restricted list: kept by administrators and on record."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.market_data.model import Restriction
from shared.market_data.restrictions import RestrictionStore
from shared.users.roles import Role
from tests.graphql_api.unlimited import unlimited

HOUSE, REASON = "house_t1", "The issuer restates its accounts"
CHANGED = """... on RestrictAssetPayload { restricted { symbol restriction since } }
  ... on UserError { code } ... on InvalidInputError { field }"""
RESTRICT = f"mutation($i: RestrictAssetInput!) {{ restrictAsset(input: $i) {{ {CHANGED} }} }}"
RELEASE = f"mutation($i: ReleaseAssetInput!) {{ releaseAsset(input: $i) {{ {CHANGED} }} }}"
LIST = "{ restrictedAssets { symbol restriction } }"


@pytest.fixture
def admin(app: Application, staff: Callable[..., Any]) -> Any:
    unlimited(app)
    return staff(Role.ADMIN)


def change(client: Any, document: str, **given: Any) -> Any:
    answer = client.graphql(document, {"i": {"symbol": "QUAL", "reason": REASON} | given})
    assert "errors" not in answer.body, answer.body
    (found,) = answer.data.values()
    return found


def listed(found: Any) -> list[tuple[str, str]]:
    return [(each["symbol"], each["restriction"]) for each in found["restricted"]]


def test_an_asset_is_restricted_and_released_once_each_and_on_record(
    app: Application, admin: Any, trail: AuditTrail
) -> None:
    for _ in range(2):
        assert listed(change(admin, RESTRICT, restriction="NO_BUYS")) == [("QUAL", "NO_BUYS")]
    also = change(admin, RESTRICT, symbol="SIZE", restriction="NO_TRADES")
    assert listed(also) == [("QUAL", "NO_BUYS"), ("SIZE", "NO_TRADES")]
    for _ in range(2):
        assert listed(change(admin, RELEASE)) == [("SIZE", "NO_TRADES")]
    entries = [each.entry for each in trail.whole(HOUSE)]
    assert sorted((each.action, each.before["asset"]) for each in entries) == [
        (Action.ASSET_RELEASED, "QUAL"),
        (Action.ASSET_RESTRICTED, "QUAL"),
        (Action.ASSET_RESTRICTED, "SIZE"),
    ]
    assert {each.reason for each in entries} == {REASON}
    assert {each.actor.id for each in entries} == {admin.user_id}


def test_a_restriction_can_be_widened(app: Application, admin: Any) -> None:
    change(admin, RESTRICT, restriction="NO_BUYS")
    assert listed(change(admin, RESTRICT, restriction="NO_TRADES")) == [("QUAL", "NO_TRADES")]
    entries = RestrictionStore(app.database).read()
    assert entries.entries["QUAL"].restriction is Restriction.NO_TRADES
    assert entries.version == 2


def test_what_is_refused_changes_nothing_and_is_not_on_record(
    app: Application, admin: Any, trail: AuditTrail, staff: Callable[..., Any]
) -> None:
    short = change(admin, RESTRICT, restriction="NO_BUYS", reason="short")
    assert short == {"code": "INVALID_VALUE", "field": "reason"}
    unknown = change(admin, RESTRICT, restriction="NO_BUYS", symbol="NONE")
    assert unknown == {"code": "NOT_FOUND"}
    watcher = staff(Role.COMPLIANCE, "watcher")
    given = {"i": {"symbol": "QUAL", "restriction": "NO_BUYS", "reason": REASON}}
    assert watcher.graphql(RESTRICT, given).codes == ["FORBIDDEN"]
    assert watcher.graphql(LIST).data["restrictedAssets"] == []
    assert list(trail.whole(HOUSE)) == []
    assert RestrictionStore(app.database).read().version == 0


def test_nobody_but_staff_sees_the_list(app: Application, join: Callable[[str], Any]) -> None:
    assert join("amina@example.com").graphql(LIST).codes == ["FORBIDDEN"]
