"""Members of staff for tests: a role, a second factor and a fresh step-up; and what they do."""

from dataclasses import replace
from typing import Any

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kyc.model import Case, CaseStatus
from shared.kyc.reasons import Reason
from shared.users.roles import STAFF, Role
from tests.users.twins import claims_of

REASON = "Because a test needs it"
ACT = """mutation($i: %s!) { %s(input: $i) {
  ... on StaffActionPayload { person { userId status role sessions kycStatus } }
  ... on UserError { code } ... on InvalidInputError { field } } }"""
MAY = {
    "suspendPerson": {Role.COMPLIANCE, Role.ADMIN},
    "reinstatePerson": {Role.COMPLIANCE, Role.ADMIN},
    "endSessions": STAFF,
    "setRole": {Role.ADMIN},
    "decideIdentityCase": {Role.COMPLIANCE},
}
INPUTS = {"setRole": "SetRoleInput", "decideIdentityCase": "DecideIdentityCaseInput"}
MORE: dict[str, dict[str, str]] = {
    "setRole": {"role": "SUPPORT"},
    "decideIdentityCase": {"decision": "APPROVE"},
}


def appoint(
    app: Application, client: Any, role: Role, *, mfa: bool = True, stepped_up: bool = True
) -> Any:
    """Give a role without anybody's act; the person stays signed in."""
    user = app.users.get(client.user_id)
    assert user is not None
    origin = claims_of(client.token)["origin_jti"]
    proved = user.sign_ins.proved(origin, app.clock.now()) if stepped_up else user.sign_ins
    after = replace(user, role=role, mfa=mfa, sign_ins=proved)
    app.database.transact([app.users.save_standing(user, after)])
    return client


def act(client: Any, name: str, user_id: str, reason: str = REASON, **more: str) -> Any:
    """Send a mutation; its answer."""
    document = ACT % (INPUTS.get(name, "StaffActionInput"), name)
    given = {"userId": user_id, "reason": reason, **MORE.get(name, {}), **more}
    return client.graphql(document, {"i": given})


def done(client: Any, name: str, user_id: str, **more: str) -> Any:
    """The only field's value."""
    return act(client, name, user_id, **more).data[name]


def acts(trail: AuditTrail, user_id: str) -> list[Action]:
    return [each.entry.action for each in trail.whole(user_id)]


def hold(app: Application, user_id: str) -> None:
    """Put somebody's identity in review."""
    at = app.clock.now()
    case = Case(user_id, CaseStatus.IN_REVIEW, 1, at, at, decided_at=at)
    case = replace(case, reason=Reason.DOCUMENT_SUSPECTED)
    app.database.transact([app.cases.save_case(None, case, None)])


def standing(app: Application, user_id: str) -> Any:
    user = app.users.get(user_id)
    assert user is not None
    return user
