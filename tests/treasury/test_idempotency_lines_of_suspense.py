"""What an idempotency key promises, line by line, for deciding about money in suspense."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.disputes.standing import StandingDisputes
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.readings import StoredPeople
from shared.payments.suspended import SuspendedPayments
from shared.payouts.making import surplus_id
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Table, as_changes
from shared.treasury.crediting import Crediting
from shared.treasury.suspense_store import SuspenseStore
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.staffing import appoint
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import BAD_KEYS, Counter

MUTATIONS = ("matchSuspense", "returnSuspense")
SHOWN = """__typename ... on SuspensePayload { suspended { payment amount { amount currency } owner
    decision { way status userId result reason proposedBy decidedBy } } }
  ... on UserError { code message advice } ... on InvalidInputError { field }"""
EMAIL = "officer@example.com"
DAY = timedelta(hours=25)
PAID = 9_900


class Desk:
    """An officer at the endpoint, a person with money in suspense, and the workers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counter = Counter()
        self.app = self.counter.app
        self.officer = self.appointed(EMAIL)
        self.person = self.counter.join("amina@example.com", minor=1)
        self.before = self.posted()
        self.decisions = SuspenseStore(self.app.database)
        self.deposits = {name: self.suspended(name) for name in ("pi_1", "pi_2")}

    def appointed(self, email: str) -> Client:
        client = self.counter.join(email, minor=1)
        appoint(self.app, client, Role.COMPLIANCE)
        return client

    def suspended(self, payment: str) -> str:
        deposit = new_deposit(
            user_id=self.person.user_id,
            deposit_id=self.app.ids.new(Kind.DEPOSIT),
            gateway=Gateway.STRIPE,
            amount=Money(10_000, Currency.USD),
            quote=None,
        )
        came = Money(PAID, Currency.USD)
        claim = self.app.deposit_store.claim_payment(deposit, payment, suspended=came)
        self.app.database.transact(as_changes([self.app.deposit_store.create(deposit), *claim]))
        return deposit.deposit_id

    def send(self, client: Client | None = None, **changes: Any) -> Any:
        wish = {
            "idempotencyKey": "k-1",
            "gateway": "STRIPE",
            "payment": "pi_1",
            "reason": "The payer showed the receipt.",
        }
        if self.name == "matchSuspense":
            wish["userId"] = self.person.user_id
        given = {name: value for name, value in (wish | changes).items() if value is not ...}
        kind = self.name[0].upper() + self.name[1:]
        text = f"mutation($i: {kind}Input!) {{ {self.name}(input: $i) {{ {SHOWN} }} }}"
        return (client or self.officer).graphql(text, {"i": given})

    def do(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send(client, **changes).data[self.name]

    def text(self, **changes: Any) -> str:
        return json.dumps(self.send(**changes).body)

    def work(self) -> None:
        """The worker of matches is told of everything, twice."""
        crediting = Crediting(
            suspended=SuspendedPayments(self.app.database),
            decisions=self.decisions,
            deposits=self.app.deposit_store,
            ledger=self.app.ledger,
            rates=self.app.exchange_rates,
            claims=StandingDisputes(self.app.money_back.disputes),
            people=StoredPeople(self.app.database),
            cases=self.app.money_back.cases,
            facts=self.app.facts,
            clock=self.app.clock,
            ids=self.app.ids,
        )
        for payment in [*self.deposits, *self.deposits]:
            crediting.agreed(Gateway.STRIPE, payment)

    def posted(self) -> int:
        return self.app.ledger.wallet(self.person.user_id, Currency.USD).posted

    def effects(self) -> int:
        """How many payments were credited or given to those who pay out."""
        self.work()
        back = sum(
            row.type == "payments.surplus_received.v1"
            for shard in range(SHARDS)
            for row in self.app.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
        )
        credited, rest = divmod(self.posted() - self.before, PAID)
        assert rest == 0
        return back + credited

    def state(self) -> tuple[Any, ...]:
        """All that there could be an effect on."""
        trail = AuditTrail(AuditStore(self.app.database), self.app.clock, self.app.ids)
        decided = [self.decisions.get(Gateway.STRIPE, name) for name in self.deposits]
        entries = list(trail.whole(self.person.user_id))
        return (decided, self.counter.used_keys(), entries, self.posted())

    def result(self, payment: str = "pi_1") -> str:
        deposit_id = self.deposits[payment]
        if self.name == "matchSuspense":
            return deposit_id
        return surplus_id(deposit_id, Gateway.STRIPE, payment)


@pytest.fixture(params=MUTATIONS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(request.param)
    yield made
    for adapter in made.counter.adapters:
        adapter.close()


def done(answer: Any) -> Any:
    return answer["suspended"]["decision"]


@pytest.mark.parametrize("key", [*BAD_KEYS, ...], ids=repr)
def test_line_1_a_key_is_needed_and_has_a_form(desk: Desk, key: object) -> None:
    before = desk.state()
    assert desk.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert desk.state() == before
    assert done(desk.do(idempotencyKey="~" * 255))["status"] in ("AGREED", "DONE")
    assert desk.effects() == 1


def test_line_2_the_same_key_of_two_people_is_two_keys(desk: Desk) -> None:
    first = done(desk.do())
    other = desk.appointed("second@example.com")
    second = done(desk.do(other, payment="pi_2"))
    assert (first["proposedBy"], second["proposedBy"]) == (desk.officer.user_id, other.user_id)
    assert desk.effects() == 2


def test_line_3_the_same_wish_gives_the_same_bytes_and_one_effect(desk: Desk) -> None:
    desk.do()
    assert desk.effects() == 1
    first, state = desk.text(), desk.state()
    assert [desk.text() for _ in range(3)] == [first] * 3
    assert desk.text(reason=" The payer showed the receipt. ") == first
    desk.counter.clock.advance(DAY)
    desk.counter.come_back(desk.officer, EMAIL)
    assert desk.text() == first
    assert desk.state() == state
    assert desk.effects() == 1


@pytest.mark.parametrize(
    "changes", [{"payment": "pi_2"}, {"reason": "The payer wrote a letter."}], ids=str
)
def test_line_4_another_wish_under_the_key_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    desk.do()
    state = desk.state()
    assert desk.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert desk.state() == state
    assert desk.effects() == 1


def test_line_5_of_many_at_once_one_decides(desk: Desk) -> None:
    answers: list[str] = []
    clients = [desk.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = desk.officer.token

    def send(client: Client) -> None:
        answers.append(json.dumps(desk.send(client).body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert desk.effects() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"payment": "pi_none"}, "NOT_FOUND"),
        ({"gateway": "MPESA"}, "NOT_FOUND"),
        ({"gateway": "PAYPAL"}, "BAD_USER_INPUT"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_line_6_what_was_refused_leaves_the_key_free(
    desk: Desk, wrong: dict[str, Any], code: str
) -> None:
    before = desk.state()
    answer = desk.send(**wrong)
    refused = answer.codes if "errors" in answer.body else None
    assert (refused or [answer.data[desk.name]["code"]]) == [code]
    assert desk.state() == before
    desk.do()
    assert desk.effects() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_gives_one_decision(desk: Desk, moment: str) -> None:
    desk.counter.facts.script.append(moment)
    with suppress(Crash):
        assert desk.send().codes == ["INTERNAL_ERROR"]
    first = desk.text()
    assert desk.text() == first
    assert desk.effects() == 1


def test_line_8_a_payment_is_decided_once_whatever_the_key_and_the_way(desk: Desk) -> None:
    desk.do()
    other = desk.appointed("second@example.com")
    again = desk.do(other, idempotencyKey="k-2")
    assert again["code"] == "TREASURY_SUSPENSE_DECIDED"
    desk.name = MUTATIONS[MUTATIONS[0] == desk.name]
    assert desk.do(other, idempotencyKey="k-3")["code"] == "TREASURY_SUSPENSE_DECIDED"
    assert desk.effects() == 1


def test_line_9_what_comes_of_it_has_one_identity(desk: Desk) -> None:
    # The payout's id is its key at the gateway, and is made of the payment's name.
    desk.do()
    desk.work()
    assert done(desk.do())["result"] == desk.result()


def test_line_10_a_key_of_yesterday_begins_nothing_new(desk: Desk) -> None:
    desk.counter.facts.script.append("after")
    with suppress(Crash):
        desk.send()
    desk.work()
    desk.counter.clock.advance(DAY)
    desk.counter.come_back(desk.officer, EMAIL)
    again = done(desk.do())
    assert (again["status"], again["result"]) == ("DONE", desk.result())
    assert desk.effects() == 1
