"""What an idempotency key promises, line by line, for recording what moved of the firm's money."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.treasury.movement_store import MovementStore
from shared.treasury.movements import Movement
from shared.treasury.posting import Posting
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staffing import appoint
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import BAD_KEYS, Counter

RECORD = """mutation($i: RecordTreasuryMovementInput!) { recordTreasuryMovement(input: $i) {
  __typename ... on TreasuryMovementPayload { movement { movementId kind status
    amount { amount currency } reference reason proposedBy decidedBy } }
  ... on UserError { code message advice } ... on InvalidInputError { field } } }"""
EMAIL = "treasurer@example.com"
DAY = timedelta(hours=25)


class Treasury:
    """An administrator at the endpoint, and the worker that books."""

    def __init__(self) -> None:
        self.counter = Counter()
        self.admin = self.appointed(EMAIL)
        self.rows = MovementStore(self.counter.database)
        self.house = HouseJournal(self.counter.database, "t1")

    def appointed(self, email: str) -> Client:
        client = self.counter.join(email, minor=1)
        appoint(self.counter.app, client, Role.ADMIN)
        return client

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        wish = {
            "idempotencyKey": "k-1",
            "kind": "PREFUNDED",
            "amount": "100.00",
            "currency": "USD",
            "reference": "wire-1",
            "reason": "Seen on the bank's statement",
        }
        given = {name: value for name, value in (wish | changes).items() if value is not ...}
        return (client or self.admin).graphql(RECORD, {"i": given})

    def do(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send(client, **changes).data["recordTreasuryMovement"]

    def text(self, **changes: Any) -> str:
        return json.dumps(self.send(**changes).body)

    def movements(self) -> list[Movement]:
        return [one for _, one in self.rows.page(limit=50).entries]

    def book(self) -> int:
        """Entries of the house's journal after the worker was told of everything, twice."""
        app = self.counter.app
        posting = Posting(self.rows, self.house, app.facts, app.clock)
        for one in self.movements() * 2:
            posting.agreed(one.movement_id)
        return len(self.house.entries(Currency.USD).entries)

    def state(self) -> tuple[Any, ...]:
        """All that there could be an effect on."""
        app = self.counter.app
        trail = AuditTrail(AuditStore(app.database), app.clock, app.ids)
        return (self.movements(), self.counter.used_keys(), list(trail.whole("house_t1")))


@pytest.fixture
def treasury() -> Iterator[Treasury]:
    made = Treasury()
    yield made
    for adapter in made.counter.adapters:
        adapter.close()


@pytest.mark.parametrize("key", [*BAD_KEYS, ...], ids=repr)
def test_line_1_a_key_is_needed_and_has_a_form(treasury: Treasury, key: object) -> None:
    before = treasury.state()
    assert treasury.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert treasury.state() == before
    assert treasury.do(idempotencyKey="~" * 255)["movement"]["status"] == "AGREED"


def test_line_2_the_same_key_of_two_people_is_two_keys(treasury: Treasury) -> None:
    first = treasury.do()["movement"]
    other = treasury.appointed("second@example.com")
    second = treasury.do(other, reference="wire-2", amount="7.00")["movement"]
    assert second["movementId"] != first["movementId"]
    assert (second["proposedBy"], second["reference"]) == (other.user_id, "wire-2")
    assert treasury.book() == 2


def test_line_3_the_same_wish_gives_the_same_bytes_and_one_entry(treasury: Treasury) -> None:
    first, state = treasury.text(), treasury.state()
    assert [treasury.text() for _ in range(3)] == [first] * 3
    assert treasury.text(amount="100", reference=" wire-1 ") == first
    treasury.counter.clock.advance(DAY)
    treasury.counter.come_back(treasury.admin, EMAIL)
    assert treasury.text() == first
    assert treasury.state() == state
    assert treasury.book() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "100.01"},
        {"reference": "wire-2"},
        {"kind": "CAPITAL_PAID_IN"},
        {"kind": "CAPITAL_PAID_IN", "currency": "EUR"},
        {"reason": "Seen on another statement"},
    ],
    ids=str,
)
def test_line_4_another_wish_under_the_key_is_refused(
    treasury: Treasury, changes: dict[str, Any]
) -> None:
    treasury.do()
    state = treasury.state()
    assert treasury.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert treasury.state() == state
    assert treasury.book() == 1


def test_line_5_of_many_at_once_one_makes_it(treasury: Treasury) -> None:
    answers: list[str] = []
    clients = [treasury.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = treasury.admin.token

    def send(client: Client) -> None:
        answers.append(json.dumps(treasury.send(client).body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert len(treasury.movements()) == 1
    assert treasury.book() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "0.00"}, "INVALID_VALUE"),
        ({"amount": "1.001"}, "INVALID_VALUE"),
        ({"amount": "abc"}, "BAD_USER_INPUT"),
        ({"gateway": "STRIPE"}, "INVALID_VALUE"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_line_6_what_was_refused_leaves_the_key_free(
    treasury: Treasury, wrong: dict[str, Any], code: str
) -> None:
    before = treasury.state()
    answer = treasury.send(**wrong)
    refused = answer.codes if "errors" in answer.body else None
    assert (refused or [answer.data["recordTreasuryMovement"]["code"]]) == [code]
    assert treasury.state() == before
    assert treasury.do()["movement"]["status"] == "AGREED"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_gives_one_movement(
    treasury: Treasury, moment: str
) -> None:
    treasury.counter.facts.script.append(moment)
    with suppress(Crash):
        assert treasury.send().codes == ["INTERNAL_ERROR"]
    first = treasury.text()
    assert treasury.text() == first
    assert len(treasury.movements()) == 1
    assert treasury.book() == 1


def test_line_8_one_name_outside_is_booked_once_whatever_the_key(treasury: Treasury) -> None:
    treasury.do()
    other = treasury.appointed("second@example.com")
    # Agreed on by two who do not know of each other: the worker books the first.
    treasury.do(other, idempotencyKey="k-2")
    assert treasury.book() == 1
    assert sorted(one.status.value for one in treasury.movements()) == ["KNOWN", "POSTED"]
    assert treasury.do(idempotencyKey="k-3")["code"] == "TREASURY_ALREADY_BOOKED"


def test_line_9_what_is_booked_carries_the_movements_own_name(treasury: Treasury) -> None:
    # Nothing goes out: the money has moved already, and the entry names its movement.
    made = treasury.do()["movement"]
    treasury.book()
    (entry,) = treasury.house.entries(Currency.USD).entries
    assert entry.entry.draft.reference == made["movementId"]


def test_line_10_a_key_of_yesterday_begins_nothing_new(treasury: Treasury) -> None:
    treasury.counter.facts.script.append("after")
    with suppress(Crash):
        treasury.send()
    (before,) = treasury.movements()
    treasury.book()
    treasury.counter.clock.advance(DAY)
    treasury.counter.come_back(treasury.admin, EMAIL)
    again = treasury.do()["movement"]
    assert (again["movementId"], again["status"]) == (before.movement_id, "POSTED")
    assert treasury.book() == 1
