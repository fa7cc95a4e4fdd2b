"""What an idempotency key promises, line by line, for each mutation of recurring deposits."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.platform.memory import MemoryDatabase
from shared.recurring.dates import Frequency, Rule
from shared.recurring.model import Schedule
from shared.recurring.service import Wish
from shared.recurring.store import ScheduleStore
from tests.graphql_api.conftest import Client
from tests.recurring.api import Api

DAY = timedelta(hours=25)
"""Longer than a payment provider remembers a key."""
ORDER = """recurringDeposit { scheduleId status frequency day amount { amount currency } method
  collectedFrom zone nextOn nextAt createdAt }"""
ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"
INPUTS = {
    "createRecurringDeposit": "CreateRecurringDepositInput",
    "pauseRecurringDeposit": "RecurringDepositInput",
    "resumeRecurringDeposit": "RecurringDepositInput",
    "skipRecurringDeposit": "RecurringDepositInput",
    "cancelRecurringDeposit": "RecurringDepositInput",
    "changeRecurringDeposit": "ChangeRecurringDepositInput",
}
MUTATIONS = sorted(INPUTS)
ACTS = sorted(set(MUTATIONS) - {"createRecurringDeposit"})
CREATE = {
    "frequency": "MONTHLY",
    "day": 31,
    "amount": "5000",
    "currency": "KES",
    "method": "MPESA",
    "phone": "+254712345678",
}
OTHERWISE: Mapping[str, Mapping[str, object]] = {
    "createRecurringDeposit": {"amount": "5001"},
    "changeRecurringDeposit": {"amount": "7001"},
}


class Desk:
    """A person with one order, and the API."""

    def __init__(self, api: Api, client: Client) -> None:
        self.api, self.client = api, client
        self.store = ScheduleStore(api.database)
        self.order = api.app.recurring.create(client.user_id, key="seed", wish=wish())
        if isinstance(api.database, MemoryDatabase):
            self.seeded = self.rows()

    def wanted(self, mutation: str, **changes: object) -> dict[str, object]:
        given: dict[str, object] = {"idempotencyKey": "k-1"}
        if mutation == "createRecurringDeposit":
            given |= CREATE
        else:
            given["scheduleId"] = self.order.schedule_id
        if mutation == "changeRecurringDeposit":
            given |= {"amount": "7000", "currency": "KES"}
        if mutation == "resumeRecurringDeposit" and self.now().status.value == "ACTIVE":
            self.api.app.recurring.pause_order(
                self.client.user_id, self.order.schedule_id, key="paused"
            )
            self.seeded = self.rows()
        return given | changes

    def asks(self, mutation: str, given: Mapping[str, object], client: Client | None = None) -> Any:
        document = f"""mutation($i: {INPUTS[mutation]}!) {{ {mutation}(input: $i) {{ __typename
          ... on RecurringDepositPayload {{ {ORDER} }} {ERRORS} }} }}"""
        return (client or self.client).graphql(document, {"i": given})

    def done(self, mutation: str, given: Mapping[str, object]) -> Any:
        return self.asks(mutation, given).data[mutation]

    def now(self) -> Schedule:
        return self.api.app.recurring.order(self.client.user_id, self.order.schedule_id)

    def orders(self) -> list[Schedule]:
        return list(self.store.of_person(self.client.user_id))

    def rows(self) -> dict[str, str]:
        kept = ("IDEM#", "USER#", "OUTBOX#")
        return {
            f"{key.pk}|{key.sk}": repr(item)
            for key, item in self.api.database._items.items()
            if key.pk.startswith(kept)
        }

    def untouched(self) -> bool:
        return self.rows() == self.seeded


def wish(amount: str = "4000") -> Wish:
    return Wish(
        rule=Rule(Frequency.WEEKLY, 6),
        amount=Money.parse(amount, Currency.KES),
        method=Method.MPESA,
        phone="+254712345678",
    )


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture
def desk(api: Api) -> Desk:
    return Desk(api, api.join("amina@example.com"))


each_mutation = pytest.mark.parametrize("mutation", MUTATIONS)


# (1) Every mutation requires a key of 1 to 255 visible ASCII characters.


@each_mutation
def test_line_1_no_key_or_one_of_another_form_is_refused_and_nothing_is_done(
    desk: Desk, mutation: str
) -> None:
    given = desk.wanted(mutation)
    without = {name: value for name, value in given.items() if name != "idempotencyKey"}
    assert desk.asks(mutation, without).codes == ["BAD_USER_INPUT"]
    for key in ("", " ", "a b", "x" * 256, "ufunguo-ñ", "tab\t", "line\n", "\x7f", 7, None, []):
        assert desk.asks(mutation, given | {"idempotencyKey": key}).codes == ["BAD_USER_INPUT"]
    assert desk.untouched()


# (2) A key belongs to a person and an operation.


@each_mutation
def test_line_2_another_persons_same_key_neither_collides_nor_tells(
    desk: Desk, api: Api, mutation: str
) -> None:
    given = desk.wanted(mutation)
    juma = Desk(api, api.join("juma@example.com"))
    assert desk.done(mutation, given)["__typename"] == "RecurringDepositPayload"
    theirs = juma.wanted(mutation, **OTHERWISE.get(mutation, {}))
    assert juma.done(mutation, theirs)["__typename"] == "RecurringDepositPayload"
    if mutation in ACTS:
        stolen = desk.asks(mutation, given, juma.client).data[mutation]
        assert stolen["code"] in ("NOT_FOUND", "IDEMPOTENCY_KEY_REUSED")
        fresh = desk.asks(mutation, given | {"idempotencyKey": "never"}, juma.client)
        assert fresh.data[mutation]["code"] == "NOT_FOUND"


def test_line_2_one_key_may_be_used_for_each_operation_once(desk: Desk) -> None:
    for mutation in ("pauseRecurringDeposit", "resumeRecurringDeposit", "skipRecurringDeposit"):
        answer = desk.done(mutation, desk.wanted(mutation) | {"idempotencyKey": "same"})
        assert answer["__typename"] == "RecurringDepositPayload"


# (3) The same key with the same content gives the same answer and no second effect, for ever.


@each_mutation
def test_line_3_the_same_wish_gives_the_same_bytes_and_one_effect(
    desk: Desk, api: Api, mutation: str
) -> None:
    given = desk.wanted(mutation)
    first = json.dumps(desk.asks(mutation, given).body)
    after = desk.rows()
    assert [json.dumps(desk.asks(mutation, given).body) for _ in range(3)] == [first] * 3
    assert desk.rows() == after
    api.clock.advance(DAY)
    api.sign_in(desk.client, "amina@example.com")
    again = json.dumps(desk.asks(mutation, given).body)
    assert again == first
    assert len(desk.orders()) == (2 if mutation == "createRecurringDeposit" else 1)


@pytest.mark.parametrize("spelled", [{"amount": "5000.00"}, {"startsOn": None}])
def test_line_3_another_spelling_is_the_same_wish(desk: Desk, spelled: dict[str, str]) -> None:
    given = desk.wanted("createRecurringDeposit")
    first = desk.done("createRecurringDeposit", given)
    assert desk.done("createRecurringDeposit", given | spelled) == first
    assert len(desk.orders()) == 2


def test_line_3_an_occurrence_is_left_out_once_however_often_it_is_asked(desk: Desk) -> None:
    given = desk.wanted("skipRecurringDeposit")
    following = desk.order.rule.after(desk.order.next_on)
    for _ in range(4):
        answer = desk.done("skipRecurringDeposit", given)
        assert answer["recurringDeposit"]["nextOn"] == following.isoformat()
    found = desk.store.occurrences(desk.client.user_id, desk.order.schedule_id, limit=9)
    assert [one.on for one in found.occurrences] == [desk.order.next_on]


# (4) The same key with other content is an error, and nothing is done.


@each_mutation
def test_line_4_other_content_is_refused_and_nothing_is_done(desk: Desk, mutation: str) -> None:
    given = desk.wanted(mutation)
    desk.done(mutation, given)
    before = desk.rows()
    other = OTHERWISE.get(mutation)
    if other is None:
        second = desk.api.app.recurring.create(desk.client.user_id, key="seed-2", wish=wish())
        before, other = desk.rows(), {"scheduleId": second.schedule_id}
    assert desk.done(mutation, given | other)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert desk.rows() == before


# (5) Many at once with one key: one effect, and the same answer for all.


@each_mutation
def test_line_5_at_once_they_have_one_effect(desk: Desk, api: Api, mutation: str) -> None:
    given = desk.wanted(mutation)
    answers: list[Any] = []
    clients = [api.browser() for _ in range(4)]
    for client in clients:
        client.token = desk.client.token

    def ask(client: Client) -> None:
        answers.append(desk.asks(mutation, given, client).data[mutation])

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one["__typename"] for one in answers] == ["RecurringDepositPayload"] * 4
    assert len({json.dumps(one) for one in answers}) == 1
    assert len(desk.orders()) == (2 if mutation == "createRecurringDeposit" else 1)


# (6) What is refused uses no key.


def test_line_6_a_refusal_burns_no_key(desk: Desk) -> None:
    for wrong in ({"amount": "5"}, {"day": 32}, {"currency": "USD"}, {"startsOn": "2020-01-01"}):
        refused = desk.done("createRecurringDeposit", desk.wanted("createRecurringDeposit") | wrong)
        assert refused["__typename"] in ("RefusedError", "InvalidInputError")
    assert desk.untouched()
    given = desk.wanted("createRecurringDeposit")
    assert desk.done("createRecurringDeposit", given)["__typename"] == "RecurringDepositPayload"
    wrong = desk.wanted("changeRecurringDeposit", amount="5")
    assert desk.done("changeRecurringDeposit", wrong)["code"] == "PAYMENTS_AMOUNT_OUT_OF_RANGE"
    right = desk.wanted("changeRecurringDeposit")
    assert desk.done("changeRecurringDeposit", right)["__typename"] == "RecurringDepositPayload"


# (7) A crash between effect and answer: the replay gives the first result.


@each_mutation
@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_a_crash_around_the_record_leaves_one_effect(
    desk: Desk, api: Api, mutation: str, moment: str
) -> None:
    given = desk.wanted(mutation)
    api.facts.script = [moment]
    broken = desk.asks(mutation, given)
    assert broken.codes == ["INTERNAL_ERROR"]
    api.facts.script = []
    first = desk.done(mutation, given)
    assert first["__typename"] == "RecurringDepositPayload"
    assert desk.done(mutation, given) == first
    assert len(desk.orders()) == (2 if mutation == "createRecurringDeposit" else 1)
    if mutation == "skipRecurringDeposit":
        found = desk.store.occurrences(desk.client.user_id, desk.order.schedule_id, limit=9)
        assert len(found.occurrences) == 1


# (8) and (9): what is collected is counted once by the payment's identity, and every outbound call
# carries a key of ours; the worker's tests show it. Here: no mutation calls a gateway by itself.


@each_mutation
def test_line_8_and_9_nothing_is_collected_by_asking(desk: Desk, api: Api, mutation: str) -> None:
    desk.done(mutation, desk.wanted(mutation))
    assert (api.card.asked, api.push.asked, api.stored(desk.client)) == (0, 0, [])


# (10) An old key is looked up, not executed: also when what it asked for has moved on.


def test_line_10_an_old_key_answers_with_what_has_become_of_it(desk: Desk, api: Api) -> None:
    given = desk.wanted("createRecurringDeposit")
    made = desk.done("createRecurringDeposit", given)["recurringDeposit"]
    api.app.recurring.cancel(desk.client.user_id, made["scheduleId"], key="c")
    api.clock.advance(DAY)
    api.sign_in(desk.client, "amina@example.com")
    again = desk.done("createRecurringDeposit", given)["recurringDeposit"]
    assert (again["scheduleId"], again["status"]) == (made["scheduleId"], "CANCELLED")
    assert len(desk.orders()) == 2


# A kept card that the gateway cannot be asked about leaves the key unused.


def test_a_gateway_that_is_silent_about_a_card_burns_no_key(desk: Desk, api: Api) -> None:
    def silent(reference: str) -> None:
        raise GatewayUnavailable

    deposit = api.app.deposits.create_deposit(
        desk.client.user_id,
        idempotency_key="card",
        method=Method.CARD,
        amount=Money.parse("50", Currency.USD),
    )
    settled = deposit.settled(api.clock.now(), payment="pi_1")
    api.facts.commit([api.app.deposit_store.save(deposit, settled)])
    card = {"method": "CARD", "amount": "50", "currency": "USD", "phone": None}
    given = desk.wanted("createRecurringDeposit", **card, cardOf=deposit.deposit_id)
    api.card.saved_method = silent  # the keeper's side of it
    assert desk.done("createRecurringDeposit", given)["__typename"] == "UnavailableError"
    api.card.saved_method = lambda reference: None  # see above
    assert desk.done("createRecurringDeposit", given)["code"] == "RECURRING_CARD_NOT_KEPT"
    assert len(desk.orders()) == 1
