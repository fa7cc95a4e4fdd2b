"""A member of staff who resolves the case of an account lets its automatic trading go on."""

from typing import Any

import pytest

from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.broker_reconciliation.rows import HoldRow
from shared.broker_reconciliation.store import AccountStore
from shared.cases.model import CaseKind, CaseStatus, new_case
from shared.platform import keys
from shared.platform.tables import Put, as_changes
from shared.users.roles import Role
from tests.graphql_api.staffing import REASON, acts
from tests.graphql_api.unlimited import unlimited

RESOLVE = """mutation($i: ResolveMoneyCaseInput!) { resolveMoneyCase(input: $i) {
  ... on ResolveMoneyCasePayload { case { status } } ... on UserError { code } } }"""


@pytest.fixture
def officer(app: Any, staff: Any) -> Any:
    unlimited(app)
    return staff(Role.COMPLIANCE)


def found(app: Any, user_id: str, subject: str) -> str:
    """The case of an account that differs, and the stop of its trading."""
    case = new_case(
        CaseKind.BROKER_DIFFERS, subject, app.clock.now(), user_id=user_id, difference="USD:-1"
    )
    hold = AccountStore(app.database).stop(user_id, case.case_id, app.clock.now())
    app.database.transact(as_changes([app.money_back.cases.open(case), hold]))
    return case.case_id


def held(app: Any, user_id: str) -> Any:
    return app.database.get(HoldRow, keys.user(user_id), keys.TRADING_HOLD)


def resolve(client: Any, case_id: str) -> Any:
    return client.graphql(RESOLVE, {"i": {"caseId": case_id, "note": REASON}}).data[
        "resolveMoneyCase"
    ]


def test_resolving_the_case_ends_the_stop_in_the_same_fact_and_on_record(
    app: Any, officer: Any, amina: Any, trail: AuditTrail
) -> None:
    case_id = found(app, amina.user_id, amina.user_id)
    assert held(app, amina.user_id) is not None
    for _ in range(2):
        assert resolve(officer, case_id) == {"case": {"status": "RESOLVED"}}
    assert held(app, amina.user_id) is None
    assert acts(trail, amina.user_id) == [Action.CASE_RESOLVED]


def test_a_case_about_silence_ends_no_stop(app: Any, officer: Any, amina: Any) -> None:
    case_id = found(app, amina.user_id, f"{amina.user_id}#unread")
    assert resolve(officer, case_id) == {"case": {"status": "RESOLVED"}}
    assert held(app, amina.user_id) is not None


def test_a_stop_for_another_reason_stays(app: Any, officer: Any, amina: Any) -> None:
    case_id = found(app, amina.user_id, amina.user_id)
    row = HoldRow(
        pk=keys.user(amina.user_id), sk=keys.TRADING_HOLD, reason="LEGAL", since=app.clock.now()
    )
    app.database.transact(as_changes([Put("hold", row)]))
    assert resolve(officer, case_id) == {"case": {"status": "RESOLVED"}}
    assert held(app, amina.user_id).reason == "LEGAL"


def test_nobody_ends_the_stop_of_their_own_account(app: Any, officer: Any) -> None:
    case_id = found(app, officer.user_id, officer.user_id)
    assert resolve(officer, case_id) == {"code": "STAFF_OWN_ACCOUNT"}
    assert held(app, officer.user_id) is not None
    assert app.money_back.cases.get(case_id).status is CaseStatus.OPEN
