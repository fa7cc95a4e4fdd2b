"""What an idempotency key promises, line by line, for each mutation of round-ups."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Method
from shared.platform.memory import MemoryDatabase
from shared.roundups.model import RoundUps
from shared.roundups.purchases import Reported
from shared.roundups.service import Wish
from tests.conftest import NOW
from tests.graphql_api.conftest import Client
from tests.recurring.api import Api

DAY = timedelta(hours=25)
"""Longer than a payment provider remembers a key."""
BOUGHT = NOW - timedelta(minutes=5)
SHOWN = """roundUps { status pool { amount currency } threshold { amount } underWay { amount }
  nextTransferAt wholeUnit { amount } multiplier wholeUnits goalId method collectedFrom zone
  startedAt }"""
PURCHASES = "purchases { purchaseId amount { amount } at roundUp { amount } status }"
ERRORS = "... on UserError { code message advice } ... on InvalidInputError { field }"
INPUTS = {
    "startRoundUps": "StartRoundUpsInput",
    "changeRoundUps": "ChangeRoundUpsInput",
    "pauseRoundUps": "RoundUpsInput",
    "resumeRoundUps": "RoundUpsInput",
    "stopRoundUps": "RoundUpsInput",
    "recordPurchases": "RecordPurchasesInput",
    "refundPurchase": "RefundPurchaseInput",
}
MUTATIONS = sorted(INPUTS)
DONE = ("RoundUpsPayload", "PurchasesPayload")
CONTENT: Mapping[str, Mapping[str, object]] = {
    "startRoundUps": {"method": "MPESA", "currency": "KES", "phone": "+254712345678"},
    "changeRoundUps": {"multiplier": 3, "wholeUnits": True},
    "recordPurchases": {
        "purchases": [
            {"purchaseId": "a", "amount": "1250", "at": to_text(BOUGHT)},
            {"purchaseId": "b", "amount": "99.50", "at": to_text(BOUGHT)},
        ]
    },
    "refundPurchase": {"purchaseId": "seed"},
}
OTHERWISE: Mapping[str, Mapping[str, object]] = {
    "startRoundUps": {"multiplier": 2},
    "changeRoundUps": {"multiplier": 4},
    "recordPurchases": {
        "purchases": [{"purchaseId": "a", "amount": "1251", "at": to_text(BOUGHT)}]
    },
    "refundPurchase": {"purchaseId": "other"},
}
POOLS = {"startRoundUps": "0.00", "stopRoundUps": "0.00", "recordPurchases": "70.50"}
"""What is in the pool after each; 20.00 after the others, and nothing after the refund."""


class Desk:
    """A person with round-ups of one purchase, unless they are about to start them."""

    def __init__(self, api: Api, client: Client, mutation: str) -> None:
        self.api, self.client, self.mutation = api, client, mutation
        settings, user = api.app.round_ups.settings, client.user_id
        if mutation != "startRoundUps":
            wish = Wish(currency=Currency.KES, method=Method.MPESA, phone="+254712345678")
            settings.start(user, key="seed", wish=wish)
            self.report("seed", "80")
        if mutation == "resumeRoundUps":
            settings.pause_all(user, key="seed")
        self.seeded = self.rows()

    def report(self, purchase_id: str, amount: str) -> None:
        told = [Reported(purchase_id, amount, BOUGHT)]
        purchases = self.api.app.round_ups.purchases
        purchases.record(self.client.user_id, key=f"seed-{purchase_id}", reported=told)

    def wanted(self, **changes: object) -> dict[str, object]:
        return {"idempotencyKey": "k-1", **CONTENT.get(self.mutation, {}), **changes}

    def asks(self, given: Mapping[str, object], client: Client | None = None) -> Any:
        of_purchases = self.mutation in ("recordPurchases", "refundPurchase")
        payload, more = (DONE[1], PURCHASES) if of_purchases else (DONE[0], "")
        document = f"""mutation($i: {INPUTS[self.mutation]}!) {{ {self.mutation}(input: $i) {{
          __typename ... on {payload} {{ {SHOWN} {more} }} {ERRORS} }} }}"""
        return (client or self.client).graphql(document, {"i": given})

    def done(self, given: Mapping[str, object]) -> Any:
        return self.asks(given).data[self.mutation]

    def now(self) -> RoundUps | None:
        return self.api.app.round_ups.settings.of_person(self.client.user_id)

    def rows(self) -> dict[str, str]:
        database = self.api.database
        assert isinstance(database, MemoryDatabase)
        kept = ("IDEM#", "USER#", "OUTBOX#")
        return {
            f"{key.pk}|{key.sk}": repr(item)
            for key, item in database._items.items()
            if key.pk.startswith(kept)
        }

    def had_one_effect(self) -> bool:
        stored = self.now()
        pool = "0.00" if self.mutation == "refundPurchase" else POOLS.get(self.mutation, "20.00")
        return stored is not None and stored.pooled.amount == pool


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture
def desk(api: Api, mutation: str) -> Desk:
    return Desk(api, api.join("amina@example.com"), mutation)


each_mutation = pytest.mark.parametrize("mutation", MUTATIONS)


# (1) Every mutation requires a key of 1 to 255 visible ASCII characters.


@each_mutation
def test_line_1_no_key_or_one_of_another_form_is_refused_and_nothing_is_done(desk: Desk) -> None:
    given = desk.wanted()
    without = {name: value for name, value in given.items() if name != "idempotencyKey"}
    assert desk.asks(without).codes == ["BAD_USER_INPUT"]
    for key in ("", " ", "a b", "x" * 256, "ufunguo-ñ", "tab\t", "line\n", "\x7f", 7, None, []):
        assert desk.asks(given | {"idempotencyKey": key}).codes == ["BAD_USER_INPUT"]
    assert desk.rows() == desk.seeded


# (2) A key belongs to a person and an operation.


@each_mutation
def test_line_2_another_persons_same_key_neither_collides_nor_tells(desk: Desk, api: Api) -> None:
    given = desk.wanted()
    first = desk.done(given)
    assert first["__typename"] in DONE
    mine = desk.now()
    juma = Desk(api, api.join("juma@example.com"), desk.mutation)
    assert juma.done(given)["__typename"] in DONE
    assert juma.had_one_effect()
    assert desk.now() == mine
    stranger = api.join("zawadi@example.com")
    answer = desk.asks(given, stranger).data[desk.mutation]
    started = desk.mutation == "startRoundUps"
    assert answer.get("code") == (None if started else "ROUND_UPS_NOT_RUNNING")


@pytest.mark.parametrize("mutation", ["pauseRoundUps"])
def test_line_2_one_key_may_be_used_for_each_operation_once(desk: Desk) -> None:
    for mutation in ("pauseRoundUps", "resumeRoundUps", "recordPurchases", "stopRoundUps"):
        desk.mutation = mutation
        assert desk.done(desk.wanted(idempotencyKey="same"))["__typename"] in DONE


# (3) The same key with the same content gives the same answer and no second effect, for ever.


@each_mutation
def test_line_3_the_same_wish_gives_the_same_bytes_and_one_effect(desk: Desk, api: Api) -> None:
    given = desk.wanted()
    first = json.dumps(desk.asks(given).body)
    after = desk.rows()
    assert [json.dumps(desk.asks(given).body) for _ in range(3)] == [first] * 3
    assert desk.rows() == after
    api.clock.advance(DAY)
    api.sign_in(desk.client, "amina@example.com")
    assert json.dumps(desk.asks(given).body) == first
    assert desk.had_one_effect()


@pytest.mark.parametrize("mutation", ["recordPurchases"])
def test_line_3_another_order_and_spelling_is_the_same_wish(desk: Desk) -> None:
    desk.done(desk.wanted())
    spelled = [
        {"purchaseId": "b", "amount": "99.5", "at": to_text(BOUGHT)},
        {"purchaseId": "a", "amount": "1250.00", "at": to_text(BOUGHT)},
    ]
    answer = desk.done(desk.wanted(purchases=spelled))
    assert [one["purchaseId"] for one in answer["purchases"]] == ["b", "a"]
    assert desk.had_one_effect()


@pytest.mark.parametrize("mutation", ["recordPurchases"])
def test_line_3_a_purchase_counts_once_also_under_other_keys(desk: Desk) -> None:
    for key in ("k-1", "k-2", "k-3"):
        assert desk.done(desk.wanted(idempotencyKey=key))["__typename"] == "PurchasesPayload"
    assert desk.had_one_effect()


# (4) The same key with other content is an error, and nothing is done.


@pytest.mark.parametrize("mutation", sorted(OTHERWISE))
def test_line_4_other_content_is_refused_and_nothing_is_done(desk: Desk) -> None:
    if desk.mutation == "refundPurchase":
        desk.report("other", "90")
    desk.done(desk.wanted())
    before = desk.rows()
    other = OTHERWISE[desk.mutation]
    assert desk.done(desk.wanted() | other)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert desk.rows() == before


# (5) Many at once with one key: one effect, and the same answer for all.


@each_mutation
def test_line_5_at_once_they_have_one_effect(desk: Desk, api: Api) -> None:
    given = desk.wanted()
    answers: list[Any] = []
    clients = [api.browser() for _ in range(4)]
    for client in clients:
        client.token = desk.client.token

    def ask(client: Client) -> None:
        answers.append(desk.asks(given, client).data[desk.mutation])

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({json.dumps(one) for one in answers}) == 1
    assert answers[0]["__typename"] in DONE
    assert desk.had_one_effect()


# (6) What is refused uses no key.


@pytest.mark.parametrize(
    ("mutation", "wrong", "code"),
    [
        ("startRoundUps", {"currency": "USD"}, "PAYMENTS_CURRENCY_NOT_ACCEPTED"),
        ("startRoundUps", {"multiplier": 11}, "INVALID_VALUE"),
        ("startRoundUps", {"threshold": "1"}, "PAYMENTS_AMOUNT_OUT_OF_RANGE"),
        ("startRoundUps", {"goalId": "gol_t1_01KG96R6400000000000000009"}, "NOT_FOUND"),
        ("changeRoundUps", {"multiplier": 0}, "INVALID_VALUE"),
        ("recordPurchases", {"purchases": []}, "INVALID_VALUE"),
        (
            "recordPurchases",
            {"purchases": [{"purchaseId": "seed", "amount": "81", "at": to_text(BOUGHT)}]},
            "ROUND_UPS_PURCHASE_DIFFERS",
        ),
        (
            "recordPurchases",
            {
                "purchases": [
                    {
                        "purchaseId": "a",
                        "amount": "81",
                        "at": to_text(BOUGHT),
                        "currency": "USD",
                    }
                ]
            },
            "ROUND_UPS_OTHER_CURRENCY",
        ),
        (
            "recordPurchases",
            {"purchases": [{"purchaseId": "a", "amount": "8", "at": to_text(NOW + DAY)}]},
            "INVALID_VALUE",
        ),
        (
            "recordPurchases",
            {"purchases": [{"purchaseId": "a", "amount": "-8", "at": to_text(BOUGHT)}]},
            "INVALID_VALUE",
        ),
        ("refundPurchase", {"purchaseId": "never"}, "NOT_FOUND"),
    ],
)
def test_line_6_a_refusal_burns_no_key(desk: Desk, wrong: dict[str, object], code: str) -> None:
    assert desk.done(desk.wanted(**wrong))["code"] == code
    assert desk.rows() == desk.seeded
    assert desk.done(desk.wanted())["__typename"] in DONE
    assert desk.had_one_effect()


# (7) A crash between effect and answer: the replay gives the first result.


@each_mutation
@pytest.mark.parametrize("moment", ["before", "after"])
def test_line_7_a_crash_around_the_record_leaves_one_effect(
    desk: Desk, api: Api, moment: str
) -> None:
    given = desk.wanted()
    api.facts.script = [moment]
    assert desk.asks(given).codes == ["INTERNAL_ERROR"]
    api.facts.script = []
    first = desk.done(given)
    assert first["__typename"] in DONE
    assert desk.done(given) == first
    assert desk.had_one_effect()


# (8) and (9): what is collected is counted once by the payment's identity, and every outbound call
# carries a key of ours; the worker's tests show it. Here: no mutation calls a gateway by itself.


@each_mutation
def test_line_8_and_9_nothing_is_collected_by_asking(desk: Desk, api: Api) -> None:
    desk.done(desk.wanted())
    assert (api.card.asked, api.push.asked, api.stored(desk.client)) == (0, 0, [])


# (10) An old key is looked up, not executed: also when what it asked for has moved on.


@each_mutation
def test_line_10_an_old_key_answers_with_what_has_become_of_it(desk: Desk, api: Api) -> None:
    desk.done(desk.wanted())
    api.app.round_ups.settings.stop(desk.client.user_id, key="the-end")
    api.clock.advance(DAY * 90)
    api.sign_in(desk.client, "amina@example.com")
    before = desk.rows()
    again = desk.done(desk.wanted())
    assert again["roundUps"]["status"] == "STOPPED"
    assert desk.rows() == before


# A kept card that the gateway cannot be asked about leaves the key unused.


@pytest.mark.parametrize("mutation", ["startRoundUps"])
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
    card = {"method": "CARD", "currency": "USD", "phone": None, "cardOf": deposit.deposit_id}
    api.card.saved_method = silent  # the keeper's side of it
    assert desk.done(desk.wanted(**card))["__typename"] == "UnavailableError"
    api.card.saved_method = lambda reference: None  # see above
    assert desk.done(desk.wanted(**card))["code"] == "RECURRING_CARD_NOT_KEPT"
    assert desk.now() is None
