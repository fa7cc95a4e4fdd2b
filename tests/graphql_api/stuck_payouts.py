"""Payouts that are stuck, and what staff say about them at the endpoint."""

from dataclasses import replace
from typing import Any

from graphql_api.application import Application
from shared.payouts.model import Payout, PayoutStatus
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table, as_changes
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


def remedy(client: Any, payout: Payout, **more: Any) -> Any:
    wish = {"userId": payout.user_id, "payoutId": payout.payout_id, "reason": REASON}
    return client.graphql(REMEDY, {"i": wish | {"way": "AGAIN"} | more})
