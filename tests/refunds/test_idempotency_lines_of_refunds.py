"""What an idempotency key promises, line by line, for what gives a deposit back."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.money import Currency
from shared.payments.model import Deposit
from shared.payouts.model import Payout, Purpose
from shared.users.roles import Role
from tests.graphql_api.conftest import Client
from tests.graphql_api.money_in import funded
from tests.graphql_api.staffing import appoint
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import Counter

ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"
REFUND = """refund { refundId status amount { amount currency } debited { amount } reason
  timeline { status at } createdAt paidAt }"""
DOCUMENTS = {
    "requestRefund": f"""mutation($i: RequestRefundInput!) {{ requestRefund(input: $i)
      {{ __typename ... on RequestRefundPayload {{ {REFUND} }} {ERRORS} }} }}""",
    "refundDeposit": f"""mutation($i: RefundDepositInput!) {{ refundDeposit(input: $i)
      {{ __typename ... on RefundDepositPayload {{ {REFUND} }} {ERRORS} }} }}""",
}
DAY = timedelta(hours=25)


@dataclass
class Desk:
    """Somebody who sends one of the mutations about Amina's deposit."""

    counter: Counter
    name: str
    client: Client
    email: str
    amina: Client
    deposit: Deposit

    def wish(self, **changes: Any) -> dict[str, Any]:
        made = {"idempotencyKey": "k-1", "depositId": self.deposit.deposit_id, "amount": "30.00"}
        if self.name == "refundDeposit":
            made |= {"userId": self.amina.user_id, "reason": "Because a test needs it"}
        return made | changes

    def send(self, **changes: Any) -> Any:
        return self.client.graphql(DOCUMENTS[self.name], {"i": self.wish(**changes)})

    def do(self, **changes: Any) -> Any:
        return self.send(**changes).data[self.name]

    def text(self, **changes: Any) -> str:
        return json.dumps(self.send(**changes).body)

    def refunds(self) -> list[Payout]:
        payouts = self.counter.app.paying_out.payouts
        return list(payouts.page(self.amina.user_id, limit=50, purpose=Purpose.REFUND)[0])

    def state(self) -> tuple[Any, ...]:
        """All that there could be an effect on."""
        app = self.counter.app
        deposit = app.deposit_store.get(self.amina.user_id, self.deposit.deposit_id)
        wallet = app.ledger.wallet(self.amina.user_id, Currency.USD)
        return (self.refunds(), deposit, wallet, self.counter.used_keys())


@pytest.fixture
def counter() -> Iterator[Counter]:
    made = Counter()
    yield made
    for adapter in made.adapters:
        adapter.close()


@pytest.fixture(params=sorted(DOCUMENTS))
def desk(request: pytest.FixtureRequest, counter: Counter) -> Desk:
    amina = counter.join("amina@example.com", minor=1)
    deposit = funded(counter.app, amina.user_id)
    who, email = amina, "amina@example.com"
    if request.param == "refundDeposit":
        email = "staff@example.com"
        who = counter.join(email, minor=1)
        appoint(counter.app, who, Role.COMPLIANCE)
    return Desk(counter, request.param, who, email, amina, deposit)


def test_line_1_a_key_is_needed_and_has_a_form(desk: Desk) -> None:
    before = desk.state()
    without = desk.wish()
    del without["idempotencyKey"]
    assert desk.client.graphql(DOCUMENTS[desk.name], {"i": without}).codes == ["BAD_USER_INPUT"]
    for key in ("", "a b", "ä", "k" * 256):
        assert desk.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert desk.state() == before
    assert desk.do(idempotencyKey="~" * 255)["refund"]["amount"]["amount"] == "30.00"


def test_line_2_keys_of_two_people_are_two_keys(desk: Desk) -> None:
    first = desk.do()["refund"]
    other = desk.counter.join("juma@example.com", minor=1)
    theirs = funded(desk.counter.app, other.user_id, payment="pi_2")
    wish = {"idempotencyKey": "k-1", "depositId": theirs.deposit_id, "amount": "30.00"}
    answer = other.graphql(DOCUMENTS["requestRefund"], {"i": wish}).data["requestRefund"]
    assert answer["refund"]["refundId"] != first["refundId"]
    assert len(desk.refunds()) == 1


def test_line_3_the_same_wish_gives_the_same_answer_also_days_later(desk: Desk) -> None:
    first = desk.text()
    state = desk.state()
    assert [desk.text() for _ in range(3)] == [first] * 3
    assert desk.text(amount="30") == first
    desk.counter.clock.advance(DAY)
    desk.counter.come_back(desk.client, desk.email)
    assert desk.text() == first
    assert desk.state() == state


def test_line_4_another_wish_under_the_key_is_refused(desk: Desk) -> None:
    desk.do()
    state = desk.state()
    other = funded(desk.counter.app, desk.amina.user_id, payment="pi_2")
    state = desk.state()
    for changes in ({"amount": "30.01"}, {"amount": None}, {"depositId": other.deposit_id}):
        assert desk.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert desk.state() == state


def test_line_5_of_many_at_once_one_makes_it(desk: Desk) -> None:
    answers: list[str] = []
    clients = [desk.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = desk.client.token

    def send(client: Client) -> None:
        answer = client.graphql(DOCUMENTS[desk.name], {"i": desk.wish()})
        answers.append(json.dumps(answer.body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert "refundId" in answers[0]
    assert len(desk.refunds()) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "0.00"}, "REFUNDS_AMOUNT_OUT_OF_RANGE"),
        ({"amount": "100.01"}, "REFUNDS_AMOUNT_OUT_OF_RANGE"),
        ({"amount": "1.001"}, "INVALID_VALUE"),
        ({"amount": "abc"}, "BAD_USER_INPUT"),
        ({"depositId": "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "NOT_FOUND"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
)
def test_line_6_what_was_refused_leaves_the_key_free(
    desk: Desk, wrong: dict[str, Any], code: str
) -> None:
    before = desk.state()
    answer = desk.send(**wrong)
    found = answer.codes if "errors" in answer.body else [answer.data[desk.name]["code"]]
    assert found == [code]
    assert desk.state() == before
    assert desk.do()["refund"]["status"] == "READY"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_gives_one_refund(desk: Desk, moment: str) -> None:
    desk.counter.facts.script.append(moment)
    with suppress(Crash):
        assert desk.send().codes == ["INTERNAL_ERROR"]
    first = desk.text()
    assert desk.text() == first
    assert len(desk.refunds()) == 1


def test_line_8_two_keys_are_two_refunds_and_never_more_than_was_paid(desk: Desk) -> None:
    for number in range(3):
        assert "refund" in desk.do(idempotencyKey=f"k-{number}")
    assert desk.do(idempotencyKey="k-4")["code"] == "REFUNDS_AMOUNT_OUT_OF_RANGE"
    assert sum(one.debited.minor for one in desk.refunds()) == 9_000


def test_line_9_the_gateway_is_asked_under_the_refunds_own_name(desk: Desk) -> None:
    made = desk.do()["refund"]
    (refund,) = desk.refunds()
    assert refund.key == refund.payout_id == made["refundId"]
    assert refund.journal_key.startswith(refund.payout_id)


def test_line_10_a_key_of_yesterday_begins_nothing_new(desk: Desk) -> None:
    desk.counter.facts.script.append("after")
    with suppress(Crash):
        desk.send()
    (before,) = desk.refunds()
    desk.counter.clock.advance(DAY)
    desk.counter.come_back(desk.client, desk.email)
    assert desk.do()["refund"]["refundId"] == before.payout_id
    assert desk.refunds() == [before]


def test_without_a_fresh_second_factor_nothing_is_given_back(desk: Desk) -> None:
    desk.counter.clock.advance(timedelta(minutes=6))
    before = desk.state()
    assert desk.send().codes == ["STEP_UP_REQUIRED"]
    assert desk.state() == before
