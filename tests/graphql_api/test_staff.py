"""What members of staff see: by role, masked, and in the clear only on record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.ids import Kind
from shared.kyc.model import Case, CaseStatus
from shared.kyc.reasons import Reason
from shared.users.roles import STAFF, Role
from tests.graphql_api.staffing import REASON, appoint

PROFILE = {
    "givenName": "Amina",
    "familyName": "Wanjiku",
    "dateOfBirth": "1990-02-28",
    "phone": "+254712345678",
    "street": "Moi Avenue 1",
    "city": "Nairobi",
    "country": "KEN",
    "taxIdType": "KEN_KRA_PIN",
    "taxId": "A012345678Z",
    "politicallyExposed": False,
}
PERSON = """query($u: UserId!) { staff { person(userId: $u) {
  userId status role language kycStatus brokerAccountStatus secondFactor sessions registeredAt
  contact { email phone initial } } } }"""
MONEY = """query($u: UserId!) { staff { person(userId: $u) {
  accounts { currency balance { amount } }
  deposits { nodes { depositId status nextAction { redirectUrl } } }
  orders { nodes { orderId why { summary } } } } } }"""
IDENTITY = """query($u: UserId!, $r: Text!) { staff { person(userId: $u) {
  identity(reason: $r) { email taxId politicallyExposed controlPerson
    profile { givenName familyName phone taxId street } } } } }"""
FIND = "query($e: EmailAddress!) { staff { findPerson(email: $e) { userId status } } }"
TRAIL = """query($u: UserId!, $n: Int!, $a: Cursor) { staff {
  auditTrail(userId: $u, first: $n, after: $a) {
    nodes { action actor actorRole subject reason intact correlationId at
      changes { name before after } }
    pageInfo { hasNextPage endCursor } } } }"""
HELD = """query($n: Int!, $a: Cursor) { staff { heldForReview(first: $n, after: $a) {
  nodes { userId reason since attempts person { status } }
  pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
def someone(amina: Any) -> Any:
    """Amina, with personal data and a deposit under way."""
    amina.graphql(
        "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
        {"i": PROFILE},
    )
    return amina


def nobody(app: Application) -> str:
    return app.ids.new(Kind.USER)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_see_where_somebody_stands_and_only_a_glimpse_of_their_data(
    someone: Any, staff: Callable[..., Any], role: Role
) -> None:
    answer = staff(role).graphql(PERSON, {"u": someone.user_id})
    person = answer.data["staff"]["person"]
    assert person.pop("registeredAt").startswith("2026-03-02T15:30:00")
    assert person == {
        "userId": someone.user_id,
        "status": "ACTIVE",
        "role": "USER",
        "language": "EN",
        "kycStatus": "NOT_STARTED",
        "brokerAccountStatus": None,
        "secondFactor": False,
        "sessions": 1,
        "contact": {"email": "a***@e***.com", "phone": "+254******678", "initial": "A"},
    }
    shown = str(answer.body)
    for secret in ("amina", "example.com", "Wanjiku", "712345", "A012345678Z", "Moi Avenue"):
        assert secret not in shown


def test_a_person_is_found_by_the_whole_address_only(
    someone: Any, staff: Callable[..., Any]
) -> None:
    support = staff(Role.SUPPORT)
    for address in ("amina@example.com", "Amina@Example.com"):
        found = support.graphql(FIND, {"e": address}).data["staff"]["findPerson"]
        assert found == {"userId": someone.user_id, "status": "ACTIVE"}
    assert support.graphql(FIND, {"e": "ami@example.com"}).data["staff"]["findPerson"] is None


@pytest.mark.parametrize("document", [PERSON, MONEY])
def test_nobody_is_null(app: Application, staff: Callable[..., Any], document: str) -> None:
    answer = staff(Role.SUPPORT).graphql(document, {"u": nobody(app)})
    assert answer.data == {"staff": {"person": None}}


def test_those_who_help_see_money_of_the_person_and_not_their_own(
    app: Application, someone: Any, staff: Callable[..., Any]
) -> None:
    answer = staff(Role.SUPPORT).graphql(MONEY, {"u": someone.user_id}).data["staff"]["person"]
    assert {one["currency"] for one in answer["accounts"]} >= {"USD"}
    assert answer["deposits"]["nodes"] == answer["orders"]["nodes"] == []
    assert staff(Role.ADMIN).graphql(MONEY, {"u": someone.user_id}).codes == ["FORBIDDEN"]


@pytest.mark.parametrize("role", [None, *sorted(STAFF)])
@pytest.mark.parametrize("flaw", ["no second factor", "of the platform itself", "of a user"])
def test_a_role_without_its_second_factor_or_that_no_person_has_opens_nothing(
    app: Application, someone: Any, join: Callable[[str], Any], role: Role | None, flaw: str
) -> None:
    client = join("other@company.example")
    if flaw == "no second factor" and role is not None:
        appoint(app, client, role, mfa=False)
    else:
        appoint(app, client, Role.SYSTEM if flaw == "of the platform itself" else Role.USER)
    for user_id in (someone.user_id, client.user_id, nobody(app)):
        answer = client.graphql(PERSON, {"u": user_id})
        assert answer.codes == ["FORBIDDEN"]
        assert not answer.body.get("data")


def test_what_a_role_may_not_see_is_refused_alike_for_somebody_and_for_nobody(
    app: Application, someone: Any, staff: Callable[..., Any]
) -> None:
    support = staff(Role.SUPPORT)
    for document, more in ((IDENTITY, {"r": REASON}), (TRAIL, {"n": 5})):
        answers = [
            support.graphql(document, {"u": user_id, **more}).body
            for user_id in (someone.user_id, nobody(app))
        ]
        for answer in answers:
            for error in answer["errors"]:
                error["extensions"].pop("correlationId", None)
        assert answers[0] == answers[1]
        assert answers[0]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert support.graphql(HELD, {"n": 5}).codes == ["FORBIDDEN"]
    assert staff(Role.ADMIN).graphql(HELD, {"n": 5}).codes == ["FORBIDDEN"]


def test_identity_in_the_clear_is_for_compliance_after_a_fresh_second_factor(
    app: Application, someone: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    asked = {"u": someone.user_id, "r": REASON}
    for role in (Role.SUPPORT, Role.ADMIN):
        assert staff(role).graphql(IDENTITY, asked).codes == ["FORBIDDEN"]
    officer = staff(Role.COMPLIANCE, stepped_up=False)
    assert officer.graphql(IDENTITY, asked).codes == ["STEP_UP_REQUIRED"]
    assert list(trail.whole(someone.user_id)) == []
    appoint(app, officer, Role.COMPLIANCE)
    identity = officer.graphql(IDENTITY, asked).data["staff"]["person"]["identity"]
    assert identity == {
        "email": "amina@example.com",
        "taxId": "A012345678Z",
        "politicallyExposed": False,
        "controlPerson": None,
        "profile": {
            "givenName": "Amina",
            "familyName": "Wanjiku",
            "phone": "+254712345678",
            "taxId": "***78Z",
            "street": "Moi Avenue 1",
        },
    }
    (recorded,) = trail.whole(someone.user_id)
    entry = recorded.entry
    assert (entry.action, entry.actor.id) == (Action.IDENTITY_SEEN, officer.user_id)
    assert (entry.actor.role, entry.reason) == (Role.COMPLIANCE, REASON)
    assert (entry.before, entry.after) == ({}, {})


def test_each_look_is_recorded_also_under_aliases(
    someone: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    twice = """query($u: UserId!) { staff { person(userId: $u) {
      a: identity(reason: "The first of two looks") { email }
      b: identity(reason: "The second of two looks") { email } } } }"""
    staff(Role.COMPLIANCE).graphql(twice, {"u": someone.user_id})
    reasons = [each.entry.reason for each in trail.whole(someone.user_id)]
    assert sorted(reasons) == ["The first of two looks", "The second of two looks"]
    assert trail.broken(someone.user_id) == []


def test_nothing_is_shown_when_the_look_cannot_be_recorded(
    app: Application,
    someone: Any,
    staff: Callable[..., Any],
    trail: AuditTrail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer = staff(Role.COMPLIANCE)

    def down(*_: object) -> None:
        raise TemporarilyUnavailable()

    monkeypatch.setattr(app.facts, "commit", down)
    answer = officer.graphql(IDENTITY, {"u": someone.user_id, "r": REASON})
    assert answer.codes == ["TEMPORARILY_UNAVAILABLE"]
    assert "Wanjiku" not in str(answer.body)
    assert list(trail.whole(someone.user_id)) == []


@pytest.mark.parametrize("reason", ["short", "         x         ", "x" * 501])
def test_a_look_needs_a_reason(
    someone: Any, staff: Callable[..., Any], trail: AuditTrail, reason: str
) -> None:
    answer = staff(Role.COMPLIANCE).graphql(IDENTITY, {"u": someone.user_id, "r": reason})
    assert answer.codes == ["INVALID_VALUE"]
    assert list(trail.whole(someone.user_id)) == []


def test_ones_own_identity_is_not_looked_at_as_staff(
    staff: Callable[..., Any], trail: AuditTrail
) -> None:
    officer = staff(Role.COMPLIANCE)
    answer = officer.graphql(IDENTITY, {"u": officer.user_id, "r": REASON})
    assert answer.codes == ["STAFF_OWN_ACCOUNT"]
    assert list(trail.whole(officer.user_id)) == []


def test_the_trail_is_paged_newest_first_and_says_that_it_is_whole(
    someone: Any, staff: Callable[..., Any], clock: Any
) -> None:
    officer, admin = staff(Role.COMPLIANCE), staff(Role.ADMIN)
    for number in range(3):
        asked = {"u": someone.user_id, "r": f"Look number {number}"}
        assert officer.graphql(IDENTITY, asked).data
        clock.advance(timedelta(seconds=1))
    first = admin.graphql(TRAIL, {"u": someone.user_id, "n": 2}).data["staff"]["auditTrail"]
    assert [node["reason"] for node in first["nodes"]] == ["Look number 2", "Look number 1"]
    assert first["nodes"][0] | {"at": None, "correlationId": None} == {
        "action": "IDENTITY_SEEN",
        "actor": officer.user_id,
        "actorRole": "COMPLIANCE",
        "subject": someone.user_id,
        "reason": "Look number 2",
        "intact": True,
        "changes": [],
        "at": None,
        "correlationId": None,
    }
    page = first["pageInfo"]
    rest = {"u": someone.user_id, "n": 2, "a": page["endCursor"]}
    last = officer.graphql(TRAIL, rest).data["staff"]["auditTrail"]
    assert page["hasNextPage"] is True
    assert [node["reason"] for node in last["nodes"]] == ["Look number 0"]
    assert last["pageInfo"]["hasNextPage"] is False


def test_held_cases_come_longest_waiting_first_with_a_reason_that_the_person_is_not_told(
    app: Application, someone: Any, staff: Callable[..., Any], clock: Any
) -> None:
    officer = staff(Role.COMPLIANCE)
    held = []
    for number in range(3):
        user_id = someone.user_id if number == 0 else nobody(app)
        at = clock.now() + timedelta(hours=number)
        case = Case(user_id, CaseStatus.IN_REVIEW, 1, at, at, attempts=number, decided_at=at)
        case = replace(case, reason=Reason.DOCUMENT_SUSPECTED)
        app.database.transact([app.cases.save_case(None, case, None)])
        held.append(user_id)
    first = officer.graphql(HELD, {"n": 2}).data["staff"]["heldForReview"]
    assert [node["userId"] for node in first["nodes"]] == held[:2]
    assert first["nodes"][0]["reason"] == "DOCUMENT_SUSPECTED"
    assert first["nodes"][0]["person"] == {"status": "ACTIVE"}
    assert first["nodes"][1]["person"] is None
    more = {"n": 2, "a": first["pageInfo"]["endCursor"]}
    rest = officer.graphql(HELD, more).data["staff"]["heldForReview"]
    assert [node["userId"] for node in rest["nodes"]] == held[2:]
    assert rest["pageInfo"]["hasNextPage"] is False
    case = "{ viewer { kycCase { status reason { code } } } }"
    assert someone.graphql(case).data["viewer"]["kycCase"] == {
        "status": "IN_REVIEW",
        "reason": {"code": None},
    }


@pytest.mark.parametrize(("document", "more"), [(TRAIL, {"u": "USER"}), (HELD, {})])
@pytest.mark.parametrize("bad", [{"n": 0}, {"n": 51}, {"n": 2, "a": "bm90IG91cnM"}])
def test_pages_have_bounds_and_their_own_cursors(
    someone: Any, staff: Callable[..., Any], document: str, more: Any, bad: Any
) -> None:
    asked = {**({"u": someone.user_id} if more else {}), **bad}
    answer = staff(Role.COMPLIANCE).graphql(document, asked)
    assert answer.codes == ["BAD_USER_INPUT"]
