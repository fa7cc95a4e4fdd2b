"""What staff read of somebody's money is that person's, and costs few reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from graphql_api.application import Application
from shared.investing.store import InvestingStore
from shared.kernel.ids import Kind
from shared.kyc.model import Case, CaseStatus
from shared.users.roles import Role
from tests.graphql_api.steps import a_plan, approved, pay_in

MONEY = """query($u: UserId!) { staff { person(userId: $u) {
  accounts { currency accountId }
  deposits { nodes { depositId status amount { amount } nextAction { redirectUrl } } }
  orders { nodes { orderId symbol why { depositId summary } } } } } }"""
HELD = "{ staff { heldForReview(first: 50) { nodes { userId person { status role } } } } }"


def test_a_deposit_is_shown_without_the_page_on_which_it_is_paid(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    approved(app, amina)
    made = pay_in(amina)["deposit"]
    assert made["nextAction"]["redirectUrl"] == "https://pay.example.com/cs_1"
    answer = staff(Role.SUPPORT).graphql(MONEY, {"u": amina.user_id})
    (shown,) = answer.data["staff"]["person"]["deposits"]["nodes"]
    assert shown == {
        "depositId": made["depositId"],
        "status": "ACTION_REQUIRED",
        "amount": {"amount": made["amount"]["amount"]},
        "nextAction": None,
    }
    assert "pay.example.com" not in str(answer.body)


def test_an_order_is_explained_by_its_owners_plan_not_by_one_of_whoever_looks(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    support = staff(Role.SUPPORT)
    deposits = {}
    for client in (amina, support):
        deposits[client.user_id] = app.ids.new(Kind.DEPOSIT)
        plan, order = a_plan(app, client.user_id, deposits[client.user_id])
        app.facts.commit(InvestingStore(app.database).add(plan, [order]))
    both = """query($u: UserId!) { staff { person(userId: $u) {
      orders { nodes { why { depositId } } } } }
      viewer { orders { nodes { why { depositId } } } } }"""
    data = support.graphql(both, {"u": amina.user_id}).data
    (theirs,) = data["staff"]["person"]["orders"]["nodes"]
    (own,) = data["viewer"]["orders"]["nodes"]
    assert theirs == {"why": {"depositId": deposits[amina.user_id]}}
    assert own == {"why": {"depositId": deposits[support.user_id]}}


def test_looking_at_somebody_and_at_nobody_takes_the_same_read(
    app: Application, amina: Any, staff: Callable[..., Any], database: Any
) -> None:
    support = staff(Role.SUPPORT)
    look = "query($u: UserId!) { staff { person(userId: $u) { status } } }"
    support.graphql(look, {"u": amina.user_id})
    asked = []
    for user_id in (amina.user_id, app.ids.new(Kind.USER)):
        database.requests.clear()
        support.graphql(look, {"u": user_id})
        asked.append(list(database.requests))
    assert asked[0] == asked[1]
    assert asked[0].count("get ProfileRow") == 2


def test_a_full_page_of_the_reviewers_list_reads_its_people_together(
    app: Application, amina: Any, staff: Callable[..., Any], database: Any, clock: Any
) -> None:
    officer = staff(Role.COMPLIANCE)
    for number in range(50):
        user_id = amina.user_id if number == 7 else app.ids.new(Kind.USER)
        at = clock.now() + timedelta(minutes=number)
        case = Case(user_id, CaseStatus.IN_REVIEW, 1, at, at, decided_at=at)
        app.database.transact([app.cases.save_case(None, case, None)])
    officer.graphql(HELD)
    database.requests.clear()
    nodes = officer.graphql(HELD).data["staff"]["heldForReview"]["nodes"]
    assert len(nodes) == 50
    assert nodes[7]["person"] == {"status": "ACTIVE", "role": "USER"}
    assert nodes[8]["person"] is None
    assert [each for each in database.requests if each != "get ProfileRow"] == ["get_many 50"] * 2
