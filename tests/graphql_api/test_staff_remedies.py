"""What could not be sent back goes another way: two say so, and each way has its target."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.making import new_surplus
from shared.payouts.model import Payout, PayoutStatus
from shared.platform.tables import as_changes
from shared.users.roles import Role
from tests.graphql_api.stuck_payouts import QUEUE, remedy, stored, told


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
