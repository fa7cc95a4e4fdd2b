"""Staff find the owner of money in suspense, or send it back; on record, large sums by two."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.cases.model import CaseKind, CaseStatus, new_case
from shared.disputes.standing import StandingDisputes
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.readings import StoredPeople
from shared.payments.suspended import SuspendedPayments
from shared.platform.tables import Put, as_changes
from shared.treasury.crediting import Crediting
from shared.treasury.suspense_store import SuspenseStore
from shared.users.roles import Role
from shared.users.store import ProfileRow
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited

REASON = "The payer showed the receipt."
SHOWN = """... on SuspensePayload { suspended { payment amount { amount currency } owner
    decision { way status userId result proposedBy decidedBy } } }
  ... on UserError { code } ... on InvalidInputError { field }"""
DOCUMENTS = {
    name: f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ {SHOWN} }} }}"
    for name in ("matchSuspense", "returnSuspense", "decideSuspense")
}
LOOK = """query($p: Line!) { treasury { suspendedPayment(gateway: STRIPE, payment: $p) {
  amount { amount } owner decision { status } } } }"""
TRAIL = """{ treasury { trail { nodes { actor actorRole action reason intact
  changes { name after } } } } }"""


@pytest.fixture
def officers(
    app: Application, staff: Callable[..., Any], join: Callable[[str], Any]
) -> tuple[Any, Any]:
    unlimited(app)
    return staff(Role.COMPLIANCE), appoint(app, join("second@example.com"), Role.ADMIN)


def suspended(app: Application, user_id: str, minor: int = 9_900, payment: str = "pi_1") -> Any:
    """Another amount came for a deposit of 100 dollars."""
    deposit = new_deposit(
        user_id=user_id,
        deposit_id=app.ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(10_000, Currency.USD),
        quote=None,
    )
    came = Money(minor, Currency.USD)
    case = new_case(CaseKind.AMOUNT_MISMATCH, deposit.deposit_id, app.clock.now(), user_id=user_id)
    writes = [
        app.deposit_store.create(deposit),
        *app.deposit_store.claim_payment(deposit, payment, suspended=came),
        app.money_back.cases.open(case),
    ]
    app.database.transact(as_changes(writes))
    return deposit


def approved(app: Application, user_id: str) -> None:
    row = app.database.get(ProfileRow, f"USER#{user_id}", "PROFILE")
    row.kyc_status = "APPROVED"
    app.database.write(Put("profile", row))


def do(client: Any, name: str, **given: Any) -> Any:
    wish = {"gateway": "STRIPE", "payment": "pi_1", "reason": REASON}
    if name != "decideSuspense":
        wish["idempotencyKey"] = "key-1"
    answer = client.graphql(DOCUMENTS[name], {"i": wish | given})
    assert "errors" not in answer.body, answer.body
    return answer.data[name]


def credit(app: Application) -> None:
    """What the worker does."""
    Crediting(
        suspended=SuspendedPayments(app.database),
        decisions=SuspenseStore(app.database),
        deposits=app.deposit_store,
        ledger=app.ledger,
        rates=app.exchange_rates,
        claims=StandingDisputes(app.money_back.disputes),
        people=StoredPeople(app.database),
        cases=app.money_back.cases,
        facts=app.facts,
        clock=app.clock,
        ids=app.ids,
    ).agreed(Gateway.STRIPE, "pi_1")


def test_a_small_one_is_credited_by_one_person_on_record(
    app: Application, amina: Any, officers: Any, trail: AuditTrail
) -> None:
    officer, _ = officers
    approved(app, amina.user_id)
    deposit = suspended(app, amina.user_id)
    given = {"userId": amina.user_id}
    first = do(officer, "matchSuspense", **given)["suspended"]
    assert first == {
        "payment": "pi_1",
        "amount": {"amount": "99.00", "currency": "USD"},
        "owner": amina.user_id,
        "decision": {
            "way": "MATCH",
            "status": "AGREED",
            "userId": amina.user_id,
            "result": None,
            "proposedBy": officer.user_id,
            "decidedBy": None,
        },
    }
    assert do(officer, "matchSuspense", **given)["suspended"] == first
    credit(app)
    done = do(officer, "matchSuspense", **given)["suspended"]["decision"]
    assert (done["status"], done["result"]) == ("DONE", deposit.deposit_id)
    assert app.ledger.wallet(amina.user_id, Currency.USD).posted == 9_900
    (entry,) = trail.whole(amina.user_id)
    assert (entry.entry.action, entry.entry.actor.id, entry.entry.reason) == (
        Action.SUSPENSE_DECIDED,
        officer.user_id,
        REASON,
    )
    assert entry.entry.after == {
        "gateway": "STRIPE",
        "payment": "pi_1",
        "way": "MATCH",
        "status": "AGREED",
        "currency": "USD",
        "minor": "9900",
    }
    (case,) = app.money_back.cases.listed(CaseStatus.RESOLVED)
    assert (case.note, case.resolved_by) == (REASON, officer.user_id)


def test_a_large_one_takes_two_and_then_goes_back(
    app: Application, amina: Any, officers: Any, trail: AuditTrail
) -> None:
    one, two = officers
    suspended(app, amina.user_id, minor=1_000_001)
    proposed = do(one, "returnSuspense")["suspended"]["decision"]
    assert (proposed["status"], proposed["result"]) == ("PROPOSED", None)
    assert do(one, "decideSuspense", agreed=True) == {"code": "TREASURY_SECOND_PERSON_NEEDED"}
    agreed = do(two, "decideSuspense", agreed=True)["suspended"]["decision"]
    assert (agreed["status"], agreed["decidedBy"]) == ("DONE", two.user_id)
    assert agreed["result"].startswith("pay_t1_")
    assert do(two, "decideSuspense", agreed=True)["suspended"]["decision"] == agreed
    refused = do(two, "matchSuspense", userId=amina.user_id)
    assert refused["code"] in ("TREASURY_SUSPENSE_DECIDED", "TREASURY_MAY_NOT_BE_CREDITED")
    assert sorted(each.entry.action for each in trail.whole(amina.user_id)) == [
        Action.SUSPENSE_CONFIRMED,
        Action.SUSPENSE_DECIDED,
    ]


def test_nobody_does_it_for_themselves_nor_without_role_factor_or_words(
    app: Application, amina: Any, officers: Any, staff: Callable[..., Any], trail: AuditTrail
) -> None:
    officer, _ = officers
    suspended(app, officer.user_id)
    for name, more in (("matchSuspense", {"userId": officer.user_id}), ("returnSuspense", {})):
        given = {"gateway": "STRIPE", "payment": "pi_1", "reason": REASON, **more}
        keyed = given | {"idempotencyKey": "key-1"}
        document = DOCUMENTS[name]
        assert amina.graphql(document, {"i": keyed}).codes == ["FORBIDDEN"]
        support = staff(Role.SUPPORT, f"support-{name}")
        assert support.graphql(document, {"i": keyed}).codes == ["FORBIDDEN"]
        late = staff(Role.ADMIN, f"late-{name}", stepped_up=False)
        assert late.graphql(document, {"i": keyed}).codes == ["STEP_UP_REQUIRED"]
        assert do(officer, name, **more) == {"code": "STAFF_OWN_ACCOUNT"}
        assert do(officer, name, **more, reason="short")["field"] == "reason"
        assert do(officer, name, **more, payment="pi_none")["code"] in (
            "NOT_FOUND",
            "STAFF_OWN_ACCOUNT",
        )
    assert SuspenseStore(app.database).get(Gateway.STRIPE, "pi_1") is None
    assert list(trail.whole(officer.user_id)) == []


def test_a_payment_is_looked_up_by_its_name(app: Application, amina: Any, officers: Any) -> None:
    officer, _ = officers
    suspended(app, amina.user_id)
    shown = officer.graphql(LOOK, {"p": "pi_1"}).data["treasury"]["suspendedPayment"]
    assert shown == {"amount": {"amount": "99.00"}, "owner": amina.user_id, "decision": None}
    assert officer.graphql(LOOK, {"p": "pi_2"}).data["treasury"]["suspendedPayment"] is None
    assert amina.graphql(LOOK, {"p": "pi_1"}).codes == ["FORBIDDEN"]


def test_what_is_nobodys_stands_in_the_firms_own_trail(
    app: Application, officers: Any, staff: Callable[..., Any]
) -> None:
    officer, _ = officers
    deposit = new_deposit(
        user_id="house",
        deposit_id=app.ids.new(Kind.MOVEMENT),
        gateway=Gateway.STRIPE,
        amount=Money(500, Currency.USD),
        quote=None,
    )
    came = Money(500, Currency.USD)
    app.database.transact(
        as_changes(app.deposit_store.claim_payment(deposit, "pi_1", suspended=came))
    )
    assert do(officer, "returnSuspense")["suspended"]["owner"] is None
    (act,) = officer.graphql(TRAIL).data["treasury"]["trail"]["nodes"]
    assert (act["actor"], act["actorRole"], act["action"], act["reason"], act["intact"]) == (
        officer.user_id,
        "COMPLIANCE",
        "SUSPENSE_DECIDED",
        REASON,
        True,
    )
    assert {"name": "payment", "after": "pi_1"} in act["changes"]
    assert staff(Role.SUPPORT, "support").graphql(TRAIL).codes == ["FORBIDDEN"]
