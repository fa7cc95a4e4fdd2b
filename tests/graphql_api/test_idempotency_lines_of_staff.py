"""What an idempotency key promises, line by line, for each thing that staff ask for under one."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from shared.kernel.money import Currency
from tests.graphql_api.conftest import Client
from tests.graphql_api.staff_wishes import AskedReport, RecordedMovement, Wish
from tests.graphql_api.suspense_wishes import SuspenseDecision
from tests.withdrawals.conftest import Crash
from tests.withdrawals.test_idempotency_lines import BAD_KEYS

SUSPENSE = ("matchSuspense", "returnSuspense")
WISHES: dict[str, Callable[[], Wish]] = {
    "recordTreasuryMovement": RecordedMovement,
    "runReconciliation": AskedReport,
    **{name: partial(SuspenseDecision, name) for name in SUSPENSE},
}
MUTATIONS = sorted(WISHES)
ABOUT_SUSPENSE = [
    ({"payment": "pi_none"}, "NOT_FOUND"),
    ({"gateway": "MPESA"}, "NOT_FOUND"),
    ({"gateway": "PAYPAL"}, "BAD_USER_INPUT"),
    ({"reason": "short"}, "INVALID_VALUE"),
    ({"more": 1}, "BAD_USER_INPUT"),
]
OTHER = {
    "recordTreasuryMovement": [
        {"amount": "100.01"},
        {"reference": "wire-2"},
        {"kind": "CAPITAL_PAID_IN"},
        {"kind": "CAPITAL_PAID_IN", "currency": "EUR"},
        {"reason": "Seen on another statement"},
    ],
    "runReconciliation": [{"day": "2026-02-28"}, {"currency": "EUR"}, {"party": "ADYEN"}],
    **{name: [{"payment": "pi_2"}, {"reason": "The payer wrote a letter."}] for name in SUSPENSE},
}
REFUSED = {
    "recordTreasuryMovement": [
        ({"amount": "0.00"}, "INVALID_VALUE"),
        ({"amount": "1.001"}, "INVALID_VALUE"),
        ({"amount": "abc"}, "BAD_USER_INPUT"),
        ({"gateway": "STRIPE"}, "INVALID_VALUE"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    "runReconciliation": [
        ({"day": "2026-03-02"}, "RECONCILIATION_DAY_NOT_OVER"),
        ({"day": "2020-01-01"}, "INVALID_VALUE"),
        ({"day": "yesterday"}, "BAD_USER_INPUT"),
        ({"reason": "short"}, "INVALID_VALUE"),
        ({"more": 1}, "BAD_USER_INPUT"),
    ],
    **dict.fromkeys(SUSPENSE, ABOUT_SUSPENSE),
}


@pytest.fixture(params=MUTATIONS)
def wish(request: pytest.FixtureRequest) -> Iterator[Wish]:
    made = WISHES[request.param]()
    yield made
    for adapter in made.counter.adapters:
        adapter.close()


@pytest.mark.parametrize("key", [*BAD_KEYS, ...], ids=repr)
def test_line_1_a_key_is_needed_and_has_a_form(wish: Wish, key: object) -> None:
    before = wish.state()
    assert wish.send(idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert wish.state() == before
    assert wish.granted(wish.do(idempotencyKey="~" * 255))
    assert wish.effects() == 1


def test_line_2_the_same_key_of_two_people_is_two_keys(wish: Wish) -> None:
    assert wish.granted(wish.do())
    other = wish.appointed("second@example.com")
    assert wish.granted(wish.do(other, **wish.another), other, **wish.another)
    assert (wish.kept(), wish.effects()) == (2, 2)


@pytest.mark.parametrize("worked", [False, True], ids=["before the worker", "after it"])
def test_line_3_the_same_wish_gives_the_same_bytes_and_one_effect(wish: Wish, worked: bool) -> None:
    assert wish.granted(wish.do())
    if worked:
        assert wish.effects() == 1
    first, state = wish.text(), wish.state()
    assert [wish.text() for _ in range(3)] == [first] * 3
    assert wish.text(**wish.spelled) == first
    wish.a_day_later()
    assert wish.text() == first
    assert wish.state() == state
    assert wish.effects() == 1


@pytest.mark.parametrize(
    ("wish", "changes"),
    [(name, changes) for name in MUTATIONS for changes in OTHER[name]],
    indirect=["wish"],
    ids=str,
)
def test_line_4_another_wish_under_the_key_is_refused(wish: Wish, changes: dict[str, Any]) -> None:
    wish.do()
    state = wish.state()
    assert wish.do(**changes)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert wish.state() == state
    assert wish.effects() == 1


def test_line_5_of_many_at_once_one_is_granted(wish: Wish) -> None:
    answers: list[str] = []
    clients = [wish.counter.browser() for _ in range(8)]
    for client in clients:
        client.token = wish.asking.token

    def send(client: Client) -> None:
        answers.append(json.dumps(wish.send(client).body))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert (wish.kept(), wish.effects()) == (1, 1)


@pytest.mark.parametrize(
    ("wish", "wrong", "code"),
    [(name, *refused) for name in MUTATIONS for refused in REFUSED[name]],
    indirect=["wish"],
    ids=str,
)
def test_line_6_what_was_refused_leaves_the_key_free(
    wish: Wish, wrong: dict[str, Any], code: str
) -> None:
    before = wish.state()
    answer = wish.send(**wrong)
    refused = answer.codes if "errors" in answer.body else None
    assert (refused or [answer.data[wish.name]["code"]]) == [code]
    assert wish.state() == before
    assert wish.granted(wish.do())
    assert wish.effects() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_after_a_crash_the_same_key_has_one_effect(wish: Wish, moment: str) -> None:
    wish.counter.facts.script.append(moment)
    with suppress(Crash):
        assert wish.send().codes == ["INTERNAL_ERROR"]
    first = wish.text()
    assert wish.text() == first
    assert (wish.kept(), wish.effects()) == (1, 1)


@pytest.mark.parametrize("wish", ["recordTreasuryMovement"], indirect=True)
def test_line_8_one_name_outside_is_booked_once_whatever_the_key(wish: RecordedMovement) -> None:
    wish.do()
    other = wish.appointed("second@example.com")
    # Agreed on by two who do not know of each other: the worker books the first.
    wish.do(other, idempotencyKey="k-2")
    assert wish.effects() == 1
    assert sorted(one.status.value for one in wish.movements()) == ["KNOWN", "POSTED"]
    assert wish.do(idempotencyKey="k-3")["code"] == "TREASURY_ALREADY_BOOKED"


@pytest.mark.parametrize("wish", SUSPENSE, indirect=True)
def test_line_8_a_payment_is_decided_once_whatever_the_key_and_the_way(
    wish: SuspenseDecision,
) -> None:
    wish.do()
    other = wish.appointed("second@example.com")
    again = wish.do(other, idempotencyKey="k-2")
    assert again["code"] == "TREASURY_SUSPENSE_DECIDED"
    wish.name = SUSPENSE[wish.name == SUSPENSE[0]]
    assert wish.do(other, idempotencyKey="k-3")["code"] == "TREASURY_SUSPENSE_DECIDED"
    assert wish.effects() == 1


@pytest.mark.parametrize("wish", ["recordTreasuryMovement"], indirect=True)
def test_line_9_what_is_booked_carries_the_movements_own_name(wish: RecordedMovement) -> None:
    # Nothing goes out: the money has moved already, and the entry names its movement.
    made = wish.do()["movement"]
    wish.effects()
    (entry,) = wish.house.entries(Currency.USD).entries
    assert entry.entry.draft.reference == made["movementId"]


@pytest.mark.parametrize("wish", SUSPENSE, indirect=True)
def test_line_9_what_comes_of_it_has_one_identity(wish: SuspenseDecision) -> None:
    # The payout's id is its key at the gateway, and is made of the payment's name.
    wish.do()
    wish.effects()
    assert wish.do()["suspended"]["decision"]["result"] == wish.result()


@pytest.mark.parametrize("wish", ["runReconciliation"], indirect=True)
def test_line_8_and_9_nothing_moves_and_nobody_outside_is_asked(wish: AskedReport) -> None:
    # The worker compares: the same facts give the same report, under whichever key it was asked.
    wish.do()
    wish.do(idempotencyKey="k-2")
    assert wish.effects() == 2
    kinds = {key.pk.partition("#")[0] for key in wish.counter.database._items}
    assert not kinds & {"EXT", "HOUSE", "REPORTS"}


def test_line_10_a_key_of_yesterday_begins_nothing_new(wish: Wish) -> None:
    wish.counter.facts.script.append("after")
    with suppress(Crash):
        wish.send()
    assert (wish.kept(), wish.effects()) == (1, 1)
    wish.a_day_later()
    assert wish.ended(wish.do())
    assert (wish.kept(), wish.effects()) == (1, 1)
