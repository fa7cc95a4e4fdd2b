"""Payouts that are stuck, through the endpoint: who sees them, who says what, and what is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.payouts.reasons import PayoutReason
from shared.users.roles import Role
from tests.graphql_api.stuck_payouts import (
    QUEUE,
    REASON,
    release,
    remedy,
    settle,
    stored,
    stuck,
    told,
)


def test_staff_see_what_is_stuck_and_whose_it_is(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    payout = stuck(app, amina)
    for role in (Role.COMPLIANCE, Role.ADMIN):
        (node,) = staff(role).graphql(QUEUE).data["staff"]["heldPayouts"]["nodes"]
        assert node == {
            "person": {"userId": amina.user_id},
            "payout": {
                "userId": amina.user_id,
                "payoutId": payout.payout_id,
                "purpose": "WITHDRAWAL",
                "rail": "MPESA_B2C",
                "status": "SENDING",
                "held": False,
                "unanswered": True,
                "canSettle": True,
                "reason": "NEW_ACCOUNT",
                "reference": None,
                "finding": None,
            },
        }
    assert staff(Role.SUPPORT).graphql(QUEUE).codes == ["FORBIDDEN"]
    assert amina.graphql(QUEUE).codes == ["FORBIDDEN"]


def test_a_word_that_counts_is_recorded_once_and_handed_to_the_worker(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any
) -> None:
    payout, officer, before = stuck(app, amina), staff(Role.COMPLIANCE), 0
    before = told(app)
    for _ in range(2):
        shown = settle(officer, payout).data["settlePayout"]["payout"]
        assert shown["finding"] == {
            "outcome": "PAID",
            "reference": "SKE1AB2CD3",
            "foundBy": officer.user_id,
            "confirmedBy": None,
            "counts": True,
        }
        assert (shown["status"], shown["canSettle"]) == ("SENDING", False)
    assert told(app) == before + 1
    (recorded,) = trail.whole(amina.user_id)
    entry = recorded.entry
    assert (entry.action, entry.actor.id, entry.reason) == (
        "PAYOUT_SETTLED",
        officer.user_id,
        REASON,
    )
    assert entry.before == {
        "payout": payout.payout_id,
        "status": "SENDING",
        "debited": str(payout.debited.minor),
        "reason": "NEW_ACCOUNT",
        "held": "NO",
    }
    assert entry.after == entry.before | {
        "found": "PAID",
        "reference": "SKE1AB2CD3",
        "by": officer.user_id,
        "also": "NONE",
        "counts": "YES",
    }
    refused = settle(officer, payout, outcome="NOT_PAID").data["settlePayout"]
    assert refused["code"] == "PAYOUTS_NOT_STUCK"
    assert trail.broken(amina.user_id) == []


def test_a_large_one_waits_for_a_second_person(
    app: Application,
    amina: Any,
    staff: Callable[..., Any],
    trail: Any,
    clock: FixedClock,
) -> None:
    payout = stuck(app, amina, "900.00")
    app.paying_out.stuck = replace(app.paying_out.stuck, approval_minor=payout.debited.minor)
    first, second, before = staff(Role.COMPLIANCE), staff(Role.ADMIN), told(app)
    for _ in range(2):
        finding = settle(first, payout).data["settlePayout"]["payout"]["finding"]
        assert (finding["counts"], finding["confirmedBy"]) == (False, None)
    assert told(app) == before
    finding = settle(second, payout).data["settlePayout"]["payout"]["finding"]
    assert (finding["counts"], finding["foundBy"], finding["confirmedBy"]) == (
        True,
        first.user_id,
        second.user_id,
    )
    assert told(app) == before + 1
    assert {each.entry.actor.id for each in trail.whole(amina.user_id)} == {
        first.user_id,
        second.user_id,
    }


def test_a_held_one_goes_on_once(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any
) -> None:
    held: dict[str, Any] = {
        "review": True,
        "reason": PayoutReason.AMOUNT_MISMATCH,
        "escalated": False,
    }
    payout, officer = stuck(app, amina, **held), staff(Role.ADMIN)
    before = told(app)
    for _ in range(2):
        shown = release(officer, payout).data["releasePayout"]["payout"]
        assert (shown["held"], shown["reason"], shown["status"]) == (False, None, "SENDING")
    assert told(app) == before + 1
    (recorded,) = trail.whole(amina.user_id)
    assert (recorded.entry.action, recorded.entry.before["held"]) == ("PAYOUT_RELEASED", "YES")
    assert recorded.entry.after["held"] == "NO"
    assert officer.graphql(QUEUE).data["staff"]["heldPayouts"]["nodes"] == []


@pytest.mark.parametrize("does", [settle, release, remedy])
def test_nobody_does_it_to_their_own_nor_without_role_factor_or_words(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any, does: Callable[..., Any]
) -> None:
    payout = stuck(app, amina, review=True)
    name = f"{does.__name__}Payout"
    assert does(amina, payout).codes == ["FORBIDDEN"]
    assert does(staff(Role.SUPPORT), payout).codes == ["FORBIDDEN"]
    assert does(staff(Role.ADMIN, stepped_up=False), payout).codes == ["STEP_UP_REQUIRED"]
    officer = staff(Role.COMPLIANCE)
    assert does(officer, payout, reason="short").data[name]["field"] == "reason"
    own = stuck(app, officer, review=True)
    assert does(officer, own).data[name]["code"] == "STAFF_OWN_ACCOUNT"
    colleague = staff(Role.COMPLIANCE, "colleague")
    assert does(colleague, own).data[name]["code"] == "STAFF_PROTECTED"
    other = replace(payout, payout_id=own.payout_id)
    assert does(officer, other).data[name]["code"] == "NOT_FOUND"
    assert stored(app, payout) == payout
    assert stored(app, own) == own
    assert list(trail.whole(amina.user_id)) == list(trail.whole(own.user_id)) == []


@pytest.mark.parametrize("reference", ["abc", "two words", "a@b.example", "x" * 81])
def test_a_reference_that_no_gateway_would_give_changes_nothing(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any, reference: str
) -> None:
    payout = stuck(app, amina)
    answer = settle(staff(Role.ADMIN), payout, reference=reference).data["settlePayout"]
    assert answer == {
        "__typename": "InvalidInputError",
        "code": "INVALID_VALUE",
        "field": "reference",
    }
    assert stored(app, payout) == payout
    assert list(trail.whole(amina.user_id)) == []
