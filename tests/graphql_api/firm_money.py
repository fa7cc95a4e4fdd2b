"""Movements of the firm's money at the endpoint, and what the workers make of them."""

from datetime import UTC, datetime
from typing import Any

from graphql_api.application import Application
from shared.kernel.money import Currency
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.house import HouseJournal
from shared.treasury.movement_store import MovementStore
from shared.treasury.posting import Posting
from shared.treasury.recording import HouseRecorder

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
REASON = "Seen on the bank's statement"
HOUSE = "house_t1"
MOVED = """... on TreasuryMovementPayload { movement {
    movementId kind status amount { amount currency } counter { amount currency } rate gateway
    reference reason proposedBy decidedBy } }
  ... on UserError { code } ... on InvalidInputError { field }"""
RECORD = f"""mutation($i: RecordTreasuryMovementInput!) {{
  recordTreasuryMovement(input: $i) {{ {MOVED} }} }}"""
DECIDE = f"""mutation($i: DecideTreasuryMovementInput!) {{
  decideTreasuryMovement(input: $i) {{ {MOVED} }} }}"""


def wire(**changes: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": "key-1",
        "kind": "PREFUNDED",
        "amount": "10000.00",
        "currency": "USD",
        "reference": "wire-1",
        "reason": REASON,
    } | changes


def record(client: Any, **changes: Any) -> Any:
    answer = client.graphql(RECORD, {"i": wire(**changes)})
    assert "errors" not in answer.body, answer.body
    return answer.data["recordTreasuryMovement"]


def decide(client: Any, movement_id: str, agreed: bool = True) -> Any:
    given = {"movementId": movement_id, "agreed": agreed, "reason": REASON}
    return client.graphql(DECIDE, {"i": given}).data["decideTreasuryMovement"]


def book(app: Application) -> int:
    """What the worker does: entries of the house's journal after it."""
    house = HouseJournal(app.database, "t1")
    rows = MovementStore(app.database)
    posting = Posting(rows, house, app.facts, app.clock)
    for _, movement in rows.page(limit=50).entries:
        posting.agreed(movement.movement_id)
    return len(house.entries(Currency.USD).entries)


def moved(app: Application, account: str, minor: int, asset: str = "USD/2") -> None:
    legs = (
        Leg(account=account, asset=asset, amount=minor),
        Leg(account="customers:cash", asset=asset, amount=-minor),
    )
    entry = EntryPostedV1(
        owner_id="house_t1",
        chain="USD",
        seq=abs(minor),
        kind="X",
        reference="r",
        at=NOW,
        legs=legs,
    )
    HouseRecorder(app.database, app.clock).record(entry)
