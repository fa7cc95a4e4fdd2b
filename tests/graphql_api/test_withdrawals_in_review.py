"""Withdrawals that wait for staff: who sees them, who decides, and that it is on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.payouts.model import PayoutStatus
from shared.users.roles import Role
from tests.graphql_api.money_out import cash, named, ready, withdrawn
from tests.graphql_api.test_withdrawals import BANK_WISH, ERRORS, add, ask, held

QUEUE = """{ staff { heldWithdrawals { nodes { rules person { userId }
  withdrawal { userId payoutId status debited { amount } approvalsNeeded agreedBy } }
  pageInfo { hasNextPage } } } }"""
DECIDE = f"""mutation($i: DecideWithdrawalInput!) {{ decideWithdrawal(input: $i) {{ __typename
  ... on DecideWithdrawalPayload {{ withdrawal {{ status agreedBy approvalsNeeded }} }}
  {ERRORS} }} }}"""
REASON = "Spoke with the person, case 4711"


def decide(client: Any, payout: Any, decision: str = "APPROVE", **more: str) -> Any:
    wish = {
        "userId": payout.user_id,
        "payoutId": payout.payout_id,
        "decision": decision,
        "reason": REASON,
    }
    return client.graphql(DECIDE, {"i": wish | more}).data["decideWithdrawal"]


def in_review(app: Application, client: Any, text: str = "950.00") -> Any:
    payout = withdrawn(app, client, ready(app, client), text)
    assert payout.status is PayoutStatus.IN_REVIEW
    return payout


def test_staff_see_who_waits_and_why(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    payout = in_review(app, amina)
    for role in (Role.COMPLIANCE, Role.ADMIN):
        page = staff(role).graphql(QUEUE).data["staff"]["heldWithdrawals"]
        (node,) = page["nodes"]
        assert node["rules"] == ["NEW_ACCOUNT_EMPTIED"]
        assert node["person"] == {"userId": amina.user_id}
        assert node["withdrawal"] == {
            "userId": amina.user_id,
            "payoutId": payout.payout_id,
            "status": "IN_REVIEW",
            "debited": {"amount": payout.debited.amount},
            "approvalsNeeded": 1,
            "agreedBy": None,
        }
        assert page["pageInfo"] == {"hasNextPage": False}
    assert staff(Role.SUPPORT).graphql(QUEUE).codes == ["FORBIDDEN"]
    assert amina.graphql(QUEUE).codes == ["FORBIDDEN"]


def test_nobody_reads_which_rules_hit_their_own_withdrawal(
    app: Application, staff: Callable[..., Any]
) -> None:
    cases = "{ staff { moneyCases(kind: WITHDRAWAL_REVIEW) { subject } } }"
    officer, colleague = staff(Role.COMPLIANCE), staff(Role.ADMIN, "colleague")
    payout = in_review(app, officer)
    for client, expected in ((colleague, [payout.payout_id]), (officer, [])):
        page = client.graphql(QUEUE).data["staff"]["heldWithdrawals"]
        assert [one["withdrawal"]["payoutId"] for one in page["nodes"]] == expected
        assert len(client.graphql(cases).data["staff"]["moneyCases"]) == len(expected)


@pytest.mark.parametrize(
    ("decision", "status", "left"), [("APPROVE", "COOLING", 1), ("REJECT", "REJECTED", 0)]
)
def test_a_decision_is_recorded_with_its_reason_and_once(
    app: Application,
    amina: Any,
    staff: Callable[..., Any],
    trail: Any,
    decision: str,
    status: str,
    left: int,
) -> None:
    payout = in_review(app, amina)
    officer = staff(Role.COMPLIANCE)
    for _ in range(2):
        assert decide(officer, payout, decision)["withdrawal"]["status"] == status
    (recorded,) = trail.whole(amina.user_id)
    entry = recorded.entry
    assert (entry.action, entry.actor.id, entry.reason) == (
        "WITHDRAWAL_DECIDED",
        officer.user_id,
        REASON,
    )
    assert entry.before["status"] == "IN_REVIEW"
    assert (entry.after["status"], entry.after["verdict"]) == (status, decision)
    assert held(app, amina) == left * payout.debited.minor
    other = "REJECT" if decision == "APPROVE" else "APPROVE"
    assert decide(officer, payout, other)["code"] == "PAYOUTS_NOT_IN_REVIEW"
    assert trail.broken(amina.user_id) == []


def test_nobody_decides_their_own_nor_without_role_factor_or_words(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any
) -> None:
    payout = in_review(app, amina)
    assert amina.graphql(DECIDE, {"i": _wish(payout)}).codes == ["FORBIDDEN"]
    assert staff(Role.SUPPORT).graphql(DECIDE, {"i": _wish(payout)}).codes == ["FORBIDDEN"]
    stale = staff(Role.ADMIN, stepped_up=False)
    assert stale.graphql(DECIDE, {"i": _wish(payout)}).codes == ["STEP_UP_REQUIRED"]
    officer = staff(Role.COMPLIANCE)
    assert decide(officer, payout, reason="short")["field"] == "reason"
    own = in_review(app, officer)
    assert decide(officer, own)["code"] == "STAFF_OWN_ACCOUNT"
    colleague = staff(Role.COMPLIANCE, "colleague")
    assert decide(colleague, own)["code"] == "STAFF_PROTECTED"
    assert app.paying_out.payouts.get(amina.user_id, payout.payout_id) == payout
    assert app.paying_out.payouts.get(own.user_id, own.payout_id) == own
    assert list(trail.whole(amina.user_id)) == list(trail.whole(own.user_id)) == []
    assert decide(staff(Role.ADMIN, "boss"), own)["withdrawal"]["status"] == "COOLING"


def _wish(payout: Any) -> dict[str, str]:
    return {
        "userId": payout.user_id,
        "payoutId": payout.payout_id,
        "decision": "APPROVE",
        "reason": REASON,
    }


def test_very_large_ones_need_two_different_people(
    app: Application,
    amina: Any,
    staff: Callable[..., Any],
    trail: Any,
    clock: FixedClock,
) -> None:
    named(app, amina)
    cash(app, amina.user_id, 10_000_000)
    bank = {"country": "USA", "accountNumber": "000123456789", "routingNumber": "110000000"}
    account = add(amina, BANK_WISH, bank=bank)["payoutAccount"]["payoutAccountId"]
    ask(amina, account, "20000.00")
    ((_, waiting),) = app.paying_out.reader.page(10).entries
    first, second = staff(Role.COMPLIANCE), staff(Role.ADMIN)
    for _ in range(2):
        shown = decide(first, waiting.payout)["withdrawal"]
        assert shown == {"status": "IN_REVIEW", "agreedBy": first.user_id, "approvalsNeeded": 2}
    clock.advance(timedelta(seconds=1))
    shown = decide(second, waiting.payout)["withdrawal"]
    assert shown["status"] == "COOLING"
    assert [each.entry.actor.id for each in trail.whole(amina.user_id)] == [
        second.user_id,
        first.user_id,
    ]
