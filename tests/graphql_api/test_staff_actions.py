"""What members of staff do: by role, at once, on record, and never to themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action, Actor
from shared.audit.service import AuditTrail
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kyc.model import CaseStatus
from shared.users.roles import STAFF, Role
from tests.graphql_api.staffing import MAY, REASON, act, acts, appoint, done, hold, standing


@pytest.mark.parametrize("name", MAY)
def test_each_act_is_for_its_roles_and_after_a_fresh_second_factor(
    app: Application, amina: Any, staff: Callable[..., Any], trail: AuditTrail, name: str
) -> None:
    before = standing(app, amina.user_id)
    hold(app, amina.user_id)
    for role in STAFF:
        client = staff(role, stepped_up=False)
        expected = "STEP_UP_REQUIRED" if role in MAY[name] else "FORBIDDEN"
        assert act(client, name, amina.user_id).codes == [expected]
        appoint(app, client, role)
        if role not in MAY[name]:
            assert act(client, name, amina.user_id).codes == ["FORBIDDEN"]
    assert act(amina, name, amina.user_id).codes == ["FORBIDDEN"]
    assert standing(app, amina.user_id) == before
    assert acts(trail, amina.user_id) == []


def test_suspending_holds_at_once_and_reinstating_asks_for_a_new_sign_in(
    amina: Any, staff: Callable[..., Any], trail: AuditTrail, clock: FixedClock
) -> None:
    officer, viewer = staff(Role.COMPLIANCE), "{ viewer { user { userId } } }"
    assert amina.graphql(viewer).data
    person = done(officer, "suspendPerson", amina.user_id)["person"]
    assert (person["status"], person["sessions"]) == ("SUSPENDED", 0)
    assert amina.graphql(viewer).codes == ["NOT_SIGNED_IN"]
    clock.advance(timedelta(seconds=1))
    assert done(officer, "reinstatePerson", amina.user_id)["person"]["status"] == "ACTIVE"
    assert amina.graphql(viewer).codes == ["NOT_SIGNED_IN"]
    newest, oldest = trail.whole(amina.user_id)
    assert newest.entry.action is Action.PERSON_REINSTATED
    assert (oldest.entry.action, oldest.entry.reason) == (Action.PERSON_SUSPENDED, REASON)
    assert oldest.entry.actor == Actor(officer.user_id, Role.COMPLIANCE)
    assert (oldest.entry.before, oldest.entry.after) == (
        {"status": "ACTIVE"},
        {"status": "SUSPENDED"},
    )


def test_doing_again_what_is_so_is_success_and_not_recorded_again(
    amina: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    admin = staff(Role.ADMIN)
    for _ in range(2):
        assert done(admin, "suspendPerson", amina.user_id)["person"]["status"] == "SUSPENDED"
    assert acts(trail, amina.user_id) == [Action.PERSON_SUSPENDED]
    for _ in range(2):
        person = done(admin, "setRole", amina.user_id, role="USER")["person"]
        assert person["role"] == "USER"
    assert acts(trail, amina.user_id) == [Action.PERSON_SUSPENDED]


def test_support_ends_sessions_at_once(
    amina: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    person = done(staff(Role.SUPPORT), "endSessions", amina.user_id)["person"]
    assert (person["status"], person["sessions"]) == ("ACTIVE", 0)
    assert amina.graphql("{ viewer { user { userId } } }").codes == ["NOT_SIGNED_IN"]
    (recorded,) = trail.whole(amina.user_id)
    assert (recorded.entry.before, recorded.entry.after) == ({"live": "1"}, {"live": "0"})


def test_a_role_of_staff_needs_a_second_factor_and_is_never_that_of_the_platform(
    app: Application, amina: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    admin = staff(Role.ADMIN)
    refused = done(admin, "setRole", amina.user_id, role="SUPPORT")
    assert refused["code"] == "SECOND_FACTOR_NEEDED"
    refused = done(admin, "setRole", amina.user_id, role="SYSTEM")
    assert (refused["code"], refused["field"]) == ("INVALID_VALUE", "role")
    assert (standing(app, amina.user_id).role, acts(trail, amina.user_id)) == (Role.USER, [])
    appoint(app, amina, Role.USER)
    assert done(admin, "setRole", amina.user_id, role="SUPPORT")["person"]["role"] == "SUPPORT"
    (recorded,) = trail.whole(amina.user_id)
    assert (recorded.entry.before, recorded.entry.after) == ({"role": "USER"}, {"role": "SUPPORT"})


def test_a_role_that_is_taken_is_gone_at_once(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    support, look = (
        staff(Role.SUPPORT),
        "query($u: UserId!) { staff { person(userId: $u) { userId } } }",
    )
    assert support.graphql(look, {"u": amina.user_id}).data["staff"]["person"]
    done(staff(Role.ADMIN), "setRole", support.user_id, role="USER")
    assert support.graphql(look, {"u": amina.user_id}).codes == ["NOT_SIGNED_IN"]


@pytest.mark.parametrize("name", MAY)
def test_nobody_acts_on_themselves(
    app: Application, staff: Callable[..., Any], trail: AuditTrail, name: str
) -> None:
    client = staff(min(MAY[name]))
    hold(app, client.user_id)
    before = standing(app, client.user_id)
    assert done(client, name, client.user_id)["code"] == "STAFF_OWN_ACCOUNT"
    assert standing(app, client.user_id) == before
    assert app.cases.read(client.user_id).status is CaseStatus.IN_REVIEW
    assert acts(trail, client.user_id) == []


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.SUPPORT, "endSessions"),
        (Role.COMPLIANCE, "endSessions"),
        (Role.COMPLIANCE, "suspendPerson"),
        (Role.COMPLIANCE, "reinstatePerson"),
    ],
)
def test_only_administrators_act_on_staff(
    app: Application, staff: Callable[..., Any], trail: AuditTrail, role: Role, name: str
) -> None:
    victim, before = staff(Role.ADMIN, "victim"), None
    before = standing(app, victim.user_id)
    assert done(staff(role), name, victim.user_id)["code"] == "STAFF_PROTECTED"
    assert (standing(app, victim.user_id), acts(trail, victim.user_id)) == (before, [])
    assert "person" in done(staff(Role.ADMIN, "boss"), name, victim.user_id)


@pytest.mark.parametrize("name", MAY)
def test_acts_on_nobody_and_without_a_reason_change_nothing(
    app: Application, amina: Any, staff: Callable[..., Any], trail: AuditTrail, name: str
) -> None:
    client, nobody = staff(min(MAY[name])), app.ids.new(Kind.USER)
    assert done(client, name, nobody)["code"] == "NOT_FOUND"
    appoint(app, amina, Role.USER)
    hold(app, amina.user_id)
    before = standing(app, amina.user_id)
    for reason in ("too short", " " * 20, "x" * 501):
        refused = done(client, name, amina.user_id, reason=reason)
        assert (refused["code"], refused["field"]) == ("INVALID_VALUE", "reason")
    assert act(client, name, amina.user_id, reason="two\nlines of text").codes == ["BAD_USER_INPUT"]
    assert standing(app, amina.user_id) == before
    assert acts(trail, amina.user_id) == acts(trail, nobody) == []


def test_a_decision_on_an_identity_is_recorded_with_why_it_was_held(
    app: Application, amina: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    hold(app, amina.user_id)
    officer = staff(Role.COMPLIANCE)
    for _ in range(2):
        person = done(officer, "decideIdentityCase", amina.user_id, decision="REJECT")["person"]
        assert person["kycStatus"] == "REJECTED"
    refused = done(officer, "decideIdentityCase", amina.user_id, decision="APPROVE")
    assert refused["code"] == "KYC_NOT_IN_REVIEW"
    (recorded,) = trail.whole(amina.user_id)
    assert recorded.entry.before == {"status": "IN_REVIEW", "reason": "DOCUMENT_SUSPECTED"}
    assert recorded.entry.after == {"status": "REJECTED"}
