"""Payouts that are stuck, through the endpoint: who sees them, who says what, and what is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.making import new_surplus
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.reasons import PayoutReason
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table, as_changes
from shared.users.roles import Role
from tests.graphql_api.money_out import ready, withdrawn

REMEDY = """mutation($i: RemedyPayoutInput!) { remedyPayout(input: $i) { __typename
  ... on RemedyPayoutPayload { payout { status canRemedy followedBy
    remedy { way target wantedBy confirmedBy } } }
  ... on UserError { code } ... on InvalidInputError { field } } }"""
PAYOUT = """payout { userId payoutId purpose rail status held unanswered canSettle reason reference
  finding { outcome reference foundBy confirmedBy counts } }"""
ERRORS = "... on UserError { code } ... on InvalidInputError { field }"
QUEUE = f"{{ staff {{ heldPayouts {{ nodes {{ {PAYOUT} person {{ userId }} }} }} }} }}"
RELEASE = f"""mutation($i: ReleasePayoutInput!) {{ releasePayout(input: $i) {{ __typename
  ... on ReleasePayoutPayload {{ {PAYOUT} }} {ERRORS} }} }}"""
SETTLE = f"""mutation($i: SettlePayoutInput!) {{ settlePayout(input: $i) {{ __typename
  ... on SettlePayoutPayload {{ {PAYOUT} }} {ERRORS} }} }}"""
REASON = "Seen on the operator's own pages"


def stuck(app: Application, client: Any, text: str = "10.00", **changes: Any) -> Payout:
    """A withdrawal that the gateway was asked for, with no answer for too long."""
    before = withdrawn(app, client, ready(app, client), text)
    at = app.clock.now()
    asked: dict[str, Any] = {"status": PayoutStatus.SENDING, "asked_at": at, "escalated": True}
    after = replace(before, version=before.version + 1, **(asked | changes))
    app.database.transact(as_changes([app.paying_out.payouts.save(before, after)]))
    return after


def release(client: Any, payout: Payout, **more: str) -> Any:
    wish = {"userId": payout.user_id, "payoutId": payout.payout_id, "reason": REASON}
    return client.graphql(RELEASE, {"i": wish | more})


def settle(client: Any, payout: Payout, **more: str) -> Any:
    wish = {
        "userId": payout.user_id,
        "payoutId": payout.payout_id,
        "outcome": "PAID",
        "reference": "SKE1AB2CD3",
        "reason": REASON,
    }
    return client.graphql(SETTLE, {"i": wish | more})


def stored(app: Application, payout: Payout) -> Payout:
    found = app.paying_out.payouts.get(payout.user_id, payout.payout_id)
    assert found is not None
    return found


def told(app: Application) -> int:
    """How often the payouts' workers were told to look."""
    rows = (
        row
        for shard in range(SHARDS)
        for row in app.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
    )
    return sum(row.type == "payouts.payout_requested.v1" for row in rows)


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


def undelivered(app: Application, client: Any) -> Payout:
    """A second payment that its gateway did not take back."""
    at = app.clock.now()
    made = new_surplus(
        user_id=client.user_id,
        deposit_id=app.ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        payment="pi_2",
        amount=Money(10_000, Currency.USD),
        at=at,
    )
    failed = replace(made, status=PayoutStatus.FAILED, asked_at=at)
    app.database.transact(as_changes([app.paying_out.payouts.create(failed)]))
    return failed


def remedy(client: Any, payout: Payout, **more: Any) -> Any:
    wish = {"userId": payout.user_id, "payoutId": payout.payout_id, "reason": REASON}
    return client.graphql(REMEDY, {"i": wish | {"way": "AGAIN"} | more})


def test_what_could_not_be_sent_back_goes_again_when_two_say_so(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any
) -> None:
    payout, before = undelivered(app, amina), told(app)
    first, second = staff(Role.COMPLIANCE), staff(Role.ADMIN)
    (node,) = first.graphql(QUEUE).data["staff"]["heldPayouts"]["nodes"]
    assert (node["payout"]["payoutId"], node["payout"]["status"]) == (payout.payout_id, "FAILED")
    by_hand = {"way": "BY_HAND", "reference": "BANK-OUT-7"}
    for _ in range(2):
        shown = remedy(first, payout, **by_hand).data["remedyPayout"]["payout"]
        assert shown == {
            "status": "FAILED",
            "canRemedy": True,
            "followedBy": None,
            "remedy": {
                "way": "BY_HAND",
                "target": "BANK-OUT-7",
                "wantedBy": first.user_id,
                "confirmedBy": None,
            },
        }
    assert told(app) == before
    for _ in range(2):
        shown = remedy(second, payout, **by_hand).data["remedyPayout"]["payout"]
        assert (shown["canRemedy"], shown["remedy"]["confirmedBy"]) == (False, second.user_id)
    assert told(app) == before + 1
    follower = app.paying_out.payouts.get(amina.user_id, shown["followedBy"])
    assert follower is not None
    assert (follower.rail.value, follower.reference, follower.status.value, follower.amount) == (
        "BY_HAND",
        "BANK-OUT-7",
        "READY",
        payout.amount,
    )
    assert first.graphql(QUEUE).data["staff"]["heldPayouts"]["nodes"] == []
    assert remedy(first, payout).data["remedyPayout"]["code"] == "PAYOUTS_NOT_STUCK"
    acts = [each.entry for each in trail.whole(amina.user_id)]
    assert {(one.action, one.actor.id) for one in acts} == {
        ("PAYOUT_REMEDIED", first.user_id),
        ("PAYOUT_REMEDIED", second.user_id),
    }
    assert len(acts) == 2
    assert trail.broken(amina.user_id) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"way": "BY_HAND"}, "reference"),
        ({"way": "AGAIN", "reference": "BANK-OUT-7"}, "reference"),
        ({"way": "BY_HAND", "reference": "two words"}, "reference"),
        ({"way": "ACCOUNT"}, "payoutAccountId"),
    ],
)
def test_each_way_back_needs_its_own_target(
    app: Application, amina: Any, staff: Callable[..., Any], given: Any, field: str
) -> None:
    payout = undelivered(app, amina)
    answer = remedy(staff(Role.ADMIN), payout, **given)
    assert answer.data["remedyPayout"]["field"] == field
    assert stored(app, payout) == payout


def test_an_account_of_somebody_else_takes_nothing(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    payout = undelivered(app, amina)
    other = app.ids.new(Kind.PAYOUT_ACCOUNT)
    answer = remedy(staff(Role.ADMIN), payout, way="ACCOUNT", payoutAccountId=other)
    assert answer.data["remedyPayout"]["field"] == "payoutAccountId"
    assert stored(app, payout) == payout


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
