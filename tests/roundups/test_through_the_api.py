"""What people see of their round-ups, in their language."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.roundups.model import Source, Transfer, TransferStatus
from shared.roundups.reasons import ReturnReason
from shared.roundups.store import PoolStore
from tests.conftest import NOW
from tests.graphql_api.conftest import Client
from tests.recurring.api import Api

START = """mutation($i: StartRoundUpsInput!) { startRoundUps(input: $i) { __typename
  ... on RoundUpsPayload { roundUps { status } } ... on UserError { code message } } }"""
RECORD = """mutation($i: RecordPurchasesInput!) { recordPurchases(input: $i) { __typename
  ... on PurchasesPayload { purchases { purchaseId status roundUp { amount } }
    roundUps { pool { amount currency } nextTransferAt } }
  ... on UserError { code message } ... on InvalidInputError { field } } }"""
SETTINGS = """{ roundUps { status pool { amount currency } threshold { amount } underWay { amount }
  nextTransferAt wholeUnit { amount } multiplier wholeUnits goalId method collectedFrom zone } }"""
TRANSFERS = """query($first: Int!, $after: Cursor) {
  roundUpTransfers(first: $first, after: $after) {
  nodes { number status amount { amount currency } depositId reason reasonText }
  pageInfo { hasNextPage endCursor } } }"""
PHONE = {"method": "MPESA", "currency": "KES", "phone": "+254712345678"}


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture
def amina(api: Api) -> Client:
    return api.join("amina@example.com")


def started(client: Client, **more: object) -> Any:
    given = {"idempotencyKey": "start", **PHONE, **more}
    return client.graphql(START, {"i": given}).data["startRoundUps"]


def bought(client: Client, *amounts: str, key: str = "k") -> Any:
    at = to_text(NOW - timedelta(minutes=1))
    told = [
        {"purchaseId": f"{key}:{number}", "amount": amount, "at": at}
        for number, amount in enumerate(amounts)
    ]
    answer = client.graphql(RECORD, {"i": {"idempotencyKey": key, "purchases": told}})
    return answer.data["recordPurchases"]


def test_who_never_started_any_has_none_and_nothing_was_collected(amina: Client) -> None:
    assert amina.graphql(SETTINGS).data["roundUps"] is None
    page = amina.graphql(TRANSFERS, {"first": 5}).data["roundUpTransfers"]
    assert page == {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def test_settings_and_pool_are_shown_and_no_number_is(amina: Client) -> None:
    assert started(amina, multiplier=2, zone="LAGOS")["roundUps"] == {"status": "ACTIVE"}
    bought(amina, "1250", "99.50")
    assert amina.graphql(SETTINGS).data["roundUps"] == {
        "status": "ACTIVE",
        "pool": {"amount": "101.00", "currency": "KES"},
        "threshold": {"amount": "500.00"},
        "underWay": {"amount": "0.00"},
        "nextTransferAt": None,
        "wholeUnit": {"amount": "100.00"},
        "multiplier": 2,
        "wholeUnits": False,
        "goalId": None,
        "method": "MPESA",
        "collectedFrom": "2547*****678",
        "zone": "LAGOS",
    }


def test_a_full_pool_says_when_it_is_collected(amina: Client) -> None:
    started(amina, threshold="100")
    seen = bought(amina, "1", "99")["roundUps"]
    assert seen == {
        "pool": {"amount": "100.00", "currency": "KES"},
        "nextTransferAt": "2026-03-03T06:00:00.000000Z",
    }


def test_a_name_that_could_be_a_card_is_refused_and_not_repeated(amina: Client) -> None:
    started(amina)
    told = [{"purchaseId": "4242424242424242", "amount": "7", "at": to_text(NOW)}]
    answer = amina.graphql(RECORD, {"i": {"idempotencyKey": "k", "purchases": told}})
    assert answer.status == 400
    assert "4242424242424242" not in str(answer.body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"at": to_text(NOW - timedelta(days=61))}, "at"),
        ({"at": to_text(NOW + timedelta(hours=1))}, "at"),
    ],
)
def test_what_is_no_purchase_says_which_field(
    amina: Client, changes: dict[str, str], field: str
) -> None:
    started(amina)
    told = [{"purchaseId": "a", "amount": "7", "at": to_text(NOW)} | changes]
    answer = amina.graphql(RECORD, {"i": {"idempotencyKey": "k", "purchases": told}})
    refused = answer.data["recordPurchases"]
    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", field)


def test_collections_come_in_pages_and_in_words_to_their_owner_only(
    api: Api, amina: Client
) -> None:
    store = PoolStore(api.database)
    for number in (1, 2, 3):
        transfer = Transfer(
            user_id=amina.user_id,
            round_ups_id="rup_t1_01KG96R6400000000000000009",
            number=number,
            amount=Money(50_000 + number, Currency.KES),
            source=Source(Method.MPESA, b"s", "2547*****678"),
            begun_at=NOW,
            status=TransferStatus.RETURNED,
            reason=ReturnReason.NOT_PAID,
        )
        api.facts.commit([store.begin(transfer)])
    first = amina.graphql(TRANSFERS, {"first": 2}).data["roundUpTransfers"]
    assert [one["number"] for one in first["nodes"]] == [3, 2]
    assert first["nodes"][0] == {
        "number": 3,
        "status": "RETURNED",
        "amount": {"amount": "500.03", "currency": "KES"},
        "depositId": None,
        "reason": "NOT_PAID",
        "reasonText": "The payment did not go through.",
    }
    after = {"first": 2, "after": first["pageInfo"]["endCursor"]}
    last = amina.graphql(TRANSFERS, after).data["roundUpTransfers"]
    assert [one["number"] for one in last["nodes"]] == [1]
    assert last["pageInfo"]["hasNextPage"] is False
    juma = api.join("juma@example.com")
    assert juma.graphql(TRANSFERS, after).data["roundUpTransfers"]["nodes"] == []


def test_a_whole_report_of_fifty_is_one_transaction(api: Api, amina: Client) -> None:
    started(amina)
    before = len(api.facts.published)
    seen = bought(amina, *["99.99"] * 50)
    assert seen["roundUps"]["pool"]["amount"] == "0.50"
    assert len(seen["purchases"]) == 50
    assert len(api.facts.published) == before
    again = bought(amina, *["99.99"] * 51, key="many")
    assert (again["__typename"], again["field"]) == ("InvalidInputError", "purchases")
