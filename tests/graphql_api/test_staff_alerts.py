"""Alerts in the back office: two people end one, it is on record, and its subject never sees it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from graphql_api.application import Application
from graphql_api.schema import graphql_schema
from infra.stages import ROOT
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.cases.store import CaseStore
from shared.kernel.ids import Kind
from shared.money_monitoring.ports import About, Known
from shared.money_monitoring.store import AlertStore, WindowStore
from shared.money_monitoring.table import rule_table
from shared.money_monitoring.watching import Watch
from shared.money_monitoring.window import Kind as Moved
from shared.money_monitoring.window import Movement
from shared.users.roles import Role
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited

REASON = "Looked at it with the papers"
SAID = """{ __typename ... on MoneyAlertPayload { alert { status proposal { disposition by }
  decidedBy } } ... on UserError { code } ... on InvalidInputError { field } }"""
PROPOSE = f"""mutation($i: ProposeAlertDispositionInput!) {{
  said: proposeAlertDisposition(input: $i) {SAID} }}"""
DECIDE = f"""mutation($i: DecideAlertDispositionInput!) {{
  said: decideAlertDisposition(input: $i) {SAID} }}"""
LIST = """query($w: Boolean!, $n: Int!, $a: Cursor) { staff { moneyAlerts(waiting: $w, first: $n,
  after: $a) { nodes { caseId rule status userId } pageInfo { hasNextPage endCursor } } } }"""
ONE = """query($c: MoneyCaseId!) { staff { moneyAlert(caseId: $c) { caseId reportDraft numbers {
  name text } } moneyCase(caseId: $c) { status } } }"""
CASES = "{ staff { moneyCases(kind: MONEY_ALERT) { caseId } } }"
TRAIL = "query($u: UserId!) { staff { auditTrail(userId: $u) { nodes { action } } } }"
RESOLVE = """mutation($i: ResolveMoneyCaseInput!) { resolveMoneyCase(input: $i) {
  __typename ... on UserError { code } } }"""


class Told:
    """Movements of which nothing more is known."""

    def __init__(self, app: Application) -> None:
        self.windows = WindowStore(app.database)

    def known(self, user_id: str, movement: Movement) -> Known:
        return Known(self.windows.get(user_id), About())

    def last_before(self, user_id: str, moment: object) -> None:
        return None


@pytest.fixture
def alert(app: Application) -> Callable[[str], str]:
    """Has somebody pay in three times just below the threshold: the case of the alert."""

    def make(user_id: str) -> str:
        watch = Watch(
            Told(app),
            WindowStore(app.database),
            AlertStore(app.database),
            CaseStore(app.database),
            app.facts,
            app.clock,
            rule_table(),
        )
        for hours in (0, 30, 60):
            at = app.clock.now() + timedelta(hours=hours)
            name = app.ids.new(Kind.DEPOSIT)
            watch.heard(user_id, Movement(name, Moved.DEPOSIT, at, 900_000))
        return f"MONEY_ALERT:{user_id}.STRUCTURING.1"

    return make


@pytest.fixture
def maker(app: Application, staff: Callable[..., Any]) -> Any:
    unlimited(app)
    return staff(Role.COMPLIANCE)


@pytest.fixture
def checker(maker: Any, staff: Callable[..., Any]) -> Any:
    return staff(Role.ADMIN)


@pytest.fixture
def amina(maker: Any, join: Callable[[str], Any]) -> Any:
    return join("amina@example.com")


def said(client: Any, document: str, case_id: str, **more: Any) -> Any:
    given = {"caseId": case_id, "disposition": "CLEARED", "reason": REASON} | more
    answer = client.graphql(document, {"i": given})
    assert "errors" not in answer.body, answer.body
    return answer.data["said"]


def listed(client: Any, *, waiting: bool = True, first: int = 20, after: Any = None) -> Any:
    return client.graphql(LIST, {"w": waiting, "n": first, "a": after}).data["staff"]["moneyAlerts"]


def test_one_proposes_another_agrees_and_both_are_on_record(
    alert: Any, maker: Any, checker: Any, amina: Any, trail: AuditTrail
) -> None:
    case_id = alert(amina.user_id)
    for _ in range(2):
        first = said(maker, PROPOSE, case_id)
        assert first["alert"]["status"] == "PROPOSED"
    assert said(maker, DECIDE, case_id, agreed=True)["code"] == "MONITORING_SECOND_PERSON_NEEDED"
    for _ in range(2):
        done = said(checker, DECIDE, case_id, agreed=True)["alert"]
        assert done == {
            "status": "CLEARED",
            "proposal": {"disposition": "CLEARED", "by": maker.user_id},
            "decidedBy": checker.user_id,
        }
    assert said(maker, PROPOSE, case_id)["code"] == "MONITORING_ALERT_NOT_WAITING"
    entries = [
        (each.entry.action, each.entry.actor.id, each.entry.reason)
        for each in trail.whole(amina.user_id)
        if each.entry.action.value.startswith("MONEY_ALERT")
    ]
    assert sorted(entries) == sorted(
        [
            (Action.MONEY_ALERT_PROPOSED, maker.user_id, REASON),
            (Action.MONEY_ALERT_DECIDED, checker.user_id, REASON),
        ]
    )
    assert listed(maker)["nodes"] == []
    (ended,) = listed(maker, waiting=False)["nodes"]
    assert (ended["caseId"], ended["status"]) == (case_id, "CLEARED")


def test_the_list_goes_on_page_by_page_and_one_has_its_draft(
    alert: Any, maker: Any, amina: Any, join: Any
) -> None:
    wanted = {alert(amina.user_id), alert(join("baraka@example.com").user_id)}
    first = listed(maker, first=1)
    rest = listed(maker, first=1, after=first["pageInfo"]["endCursor"])
    assert {one["caseId"] for one in (*first["nodes"], *rest["nodes"])} == wanted
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    case_id = min(wanted)
    one = maker.graphql(ONE, {"c": case_id}).data["staff"]
    draft = json.loads(one["moneyAlert"]["reportDraft"])
    assert draft["rule"]["name"] == "STRUCTURING"
    assert draft["amount"]["threshold_reached"] is True
    assert one["moneyCase"] == {"status": "OPEN"}
    assert "example.com" not in one["moneyAlert"]["reportDraft"]


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"reason": "short"}, {"__typename": "InvalidInputError", "field": "reason"}),
        ({"caseId": "MONEY_ALERT:nobody"}, {"code": "NOT_FOUND"}),
        ({"caseId": "DISPUTE:dsp_1"}, {"code": "NOT_FOUND"}),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    app: Application, alert: Any, maker: Any, amina: Any, wish: Any, refusal: Any
) -> None:
    case_id = alert(amina.user_id)
    for document, more in ((PROPOSE, {}), (DECIDE, {"agreed": True})):
        given = {"case_id": case_id} | more
        answer = said(maker, document, wish.get("caseId", given["case_id"]), **more, **wish)
        assert refusal.items() <= answer.items()
    found = AlertStore(app.database).get(case_id.partition(":")[2])
    assert found is not None
    assert (found.version, found.proposal) == (1, None)


def test_a_case_of_an_alert_is_closed_by_nobody_alone(alert: Any, maker: Any, amina: Any) -> None:
    case_id = alert(amina.user_id)
    answer = maker.graphql(RESOLVE, {"i": {"caseId": case_id, "note": REASON}})
    assert answer.data["resolveMoneyCase"]["code"] == "MONITORING_ALERT_CLOSES_CASE"
    assert maker.graphql(ONE, {"c": case_id}).data["staff"]["moneyCase"] == {"status": "OPEN"}


def test_for_its_own_subject_there_is_no_alert_also_not_for_a_member_of_staff(
    alert: Any, maker: Any, checker: Any, trail: AuditTrail
) -> None:
    case_id = alert(maker.user_id)
    assert listed(maker)["nodes"] == []
    assert maker.graphql(ONE, {"c": case_id}).data["staff"] == {
        "moneyAlert": None,
        "moneyCase": None,
    }
    assert maker.graphql(CASES).data["staff"]["moneyCases"] == []
    absent = said(maker, PROPOSE, "MONEY_ALERT:usr_t1_none.STRUCTURING.1")
    assert said(maker, PROPOSE, case_id) == absent
    note = {"caseId": case_id, "note": REASON}
    assert maker.graphql(RESOLVE, {"i": note}).data["resolveMoneyCase"]["code"] == "NOT_FOUND"
    assert [one["caseId"] for one in listed(checker)["nodes"]] == [case_id]
    assert said(checker, PROPOSE, case_id)["alert"]["status"] == "PROPOSED"
    assert len(list(trail.whole(maker.user_id))) == 1
    own = maker.graphql(TRAIL, {"u": maker.user_id}).data["staff"]["auditTrail"]["nodes"]
    others = checker.graphql(TRAIL, {"u": maker.user_id}).data["staff"]["auditTrail"]["nodes"]
    assert (own, others) == ([], [{"action": "MONEY_ALERT_PROPOSED"}])


def test_no_customer_and_no_supporter_reads_of_alerts(
    app: Application, alert: Any, maker: Any, amina: Any, join: Any
) -> None:
    case_id = alert(amina.user_id)
    support = appoint(app, join("support@company.example"), Role.SUPPORT)
    wishes = [
        (LIST, {"w": True, "n": 5}),
        (ONE, {"c": case_id}),
        (CASES, {}),
        (PROPOSE, {"i": {"caseId": case_id, "disposition": "CLEARED", "reason": REASON}}),
    ]
    for client in (amina, support):
        for document, given in wishes:
            answer = client.graphql(document, given)
            assert [one["extensions"]["code"] for one in answer.body["errors"]] in (
                ["FORBIDDEN"],
                ["FORBIDDEN", "FORBIDDEN"],
            )
            assert case_id not in json.dumps(answer.body)


_PERSISTED = ROOT / "graphql" / "persisted.json"
STAFF_ONLY = {"Staff", "Treasury"}
SECRET = ("MoneyAlert", "MoneyCase", "WithdrawalRule")


def reached_from(name: str) -> set[str]:
    """Types that are reached from a type without passing the back office."""
    schema, seen, open_ = graphql_schema(introspection=True)._schema, set(), [name]
    while open_:
        each = open_.pop()
        if each in seen or each in STAFF_ONLY:
            continue
        seen.add(each)
        kind = schema.type_map[each]
        if isinstance(kind, GraphQLUnionType):
            open_ += [one.name for one in kind.types]
        elif isinstance(kind, GraphQLObjectType):
            open_ += [get_named_type(one.type).name for one in kind.fields.values()]
    return seen


def test_nothing_that_a_person_reads_leads_to_an_alert_a_case_or_a_rule() -> None:
    types = reached_from("Viewer")
    assert len(types) > 50
    assert [name for name in types if name.startswith(SECRET)] == []


def test_what_a_person_sees_is_the_same_with_an_alert_as_without(
    app: Application, alert: Any, amina: Any
) -> None:
    operations = json.loads(_PERSISTED.read_text())["operations"]
    screens = [
        each["document"]
        for each in operations
        if each["name"] in ("Screen", "ActivityScreen", "NotificationsScreen", "WithdrawalScreen")
    ]
    assert len(screens) >= 4
    before = [amina.graphql(each).body for each in screens]
    assert all("errors" not in each for each in before)
    alert(amina.user_id)
    assert [amina.graphql(each).body for each in screens] == before
