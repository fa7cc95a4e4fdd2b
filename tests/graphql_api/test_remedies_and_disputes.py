"""A payment that could not go back and that the payer's bank takes itself, through the endpoint."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.application import Application
from shared.disputes.model import Dispute, DisputeMove, DisputeStatus, dispute_id_of
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.making import new_surplus
from shared.payouts.model import Payout, PayoutStatus
from shared.platform.tables import as_changes
from shared.users.roles import Role

ALL = Money(10_000, Currency.USD)
REMEDY = """mutation($i: RemedyPayoutInput!) { remedyPayout(input: $i) {
  ... on RemedyPayoutPayload { payout { canRemedy followedBy } } ... on UserError { code } } }"""


def undelivered(app: Application, user_id: str) -> Payout:
    """A second payment that its gateway did not take back."""
    at, deposit_id = app.clock.now(), app.ids.new(Kind.DEPOSIT)
    made = new_surplus(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=Gateway.STRIPE,
        payment="pi_2",
        amount=ALL,
        at=at,
    )
    failed = replace(made, status=PayoutStatus.FAILED, asked_at=at)
    app.database.transact(as_changes([app.paying_out.payouts.create(failed)]))
    return failed


def disputed(app: Application, payout: Payout, payment: str, status: DisputeStatus) -> None:
    deposit_id = payout.deposit_id or ""
    dispute = Dispute(
        user_id=payout.user_id,
        dispute_id=dispute_id_of(deposit_id, Gateway.STRIPE, "dp_1"),
        deposit_id=deposit_id,
        gateway=Gateway.STRIPE,
        reference="dp_1",
        payment=payment,
        amount=ALL,
        status=status,
        moves=(DisputeMove(status, app.clock.now()),),
    )
    app.database.transact(as_changes([app.money_back.disputes.create(dispute)]))


def remedy(client: Any, payout: Payout) -> Any:
    wish = {"userId": payout.user_id, "payoutId": payout.payout_id, "way": "AGAIN"}
    given = wish | {"reason": "Seen on the gateway's own pages"}
    return client.graphql(REMEDY, {"i": given}).data["remedyPayout"]


@pytest.mark.parametrize("status", [DisputeStatus.OPEN, DisputeStatus.LOST])
def test_what_the_payers_bank_takes_back_is_not_sent_too(
    app: Application, amina: Any, staff: Callable[..., Any], trail: Any, status: DisputeStatus
) -> None:
    payout = undelivered(app, amina.user_id)
    disputed(app, payout, "pi_2", status)
    for role in (Role.COMPLIANCE, Role.ADMIN):
        assert remedy(staff(role), payout) == {"code": "PAYOUTS_TAKEN_BY_BANK"}
    assert app.paying_out.payouts.get(amina.user_id, payout.payout_id) == payout
    assert list(trail.whole(amina.user_id)) == []


@pytest.mark.parametrize(
    ("payment", "status"), [("pi_2", DisputeStatus.WON), ("pi_1", DisputeStatus.LOST)]
)
def test_a_dispute_that_was_won_or_of_another_payment_keeps_nothing_back(
    app: Application, amina: Any, staff: Callable[..., Any], payment: str, status: DisputeStatus
) -> None:
    payout = undelivered(app, amina.user_id)
    disputed(app, payout, payment, status)
    for role, settled in ((Role.COMPLIANCE, False), (Role.ADMIN, True)):
        shown = remedy(staff(role), payout)["payout"]
        assert (shown["canRemedy"], shown["followedBy"] is not None) == (not settled, settled)
