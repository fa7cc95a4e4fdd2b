"""What people see of exchange rates and recurring deposits, in their language."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.money import Currency
from tests.graphql_api.conftest import Client
from tests.recurring.api import Api

QUOTE = """query($a: Amount!, $c: CurrencyCode!, $t: CurrencyCode!) {
  fxQuote(amount: $a, currency: $c, to: $t) { __typename ... on Conversion {
    paid { amount currency } credited { amount currency } rate midRate spreadBasisPoints
    fee { amount currency } source asOf expiresAt }
  ... on UserError { code message } ... on InvalidInputError { field } } }"""
CREATE = """mutation($i: CreateRecurringDepositInput!) { createRecurringDeposit(input: $i) {
  __typename ... on RecurringDepositPayload { recurringDeposit { scheduleId nextOn nextAt
    collectedFrom zone day } } ... on UserError { code message } ... on InvalidInputError {
    field } } }"""
WISH = {
    "idempotencyKey": "k-1",
    "frequency": "MONTHLY",
    "day": 31,
    "amount": "5000",
    "currency": "KES",
    "method": "MPESA",
    "phone": "+254712345678",
}


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture
def amina(api: Api) -> Client:
    return api.join("amina@example.com")


def quoted(client: Client, amount: str, currency: str, to: str) -> Any:
    return client.graphql(QUOTE, {"a": amount, "c": currency, "t": to}).data["fxQuote"]


def test_a_quote_shows_what_it_is_made_of(api: Api, amina: Client) -> None:
    api.rate(Currency.KES, "125")
    assert quoted(amina, "13000", "KES", "USD") == {
        "__typename": "Conversion",
        "paid": {"amount": "13000.00", "currency": "KES"},
        "credited": {"amount": "102.44", "currency": "USD"},
        "rate": "0.00788",
        "midRate": "0.008",
        "spreadBasisPoints": 150,
        "fee": {"amount": "1.56", "currency": "USD"},
        "source": "bank:inverse",
        "asOf": "2026-03-02T15:30:00.000000Z",
        "expiresAt": "2026-03-02T15:35:00.000000Z",
    }


def test_every_pair_is_quoted_both_ways_and_through_dollars(api: Api, amina: Client) -> None:
    for quote, rate in ((Currency.KES, "125"), (Currency.EUR, "0.8"), (Currency.ZAR, "16")):
        api.rate(quote, rate)
    names = [one.value for one in Currency]
    for base in names:
        for quote in names:
            if base == quote:
                continue
            answer = quoted(amina, "1000", base, quote)
            assert answer["__typename"] == "Conversion", (base, quote)
            assert answer["credited"]["currency"] == answer["fee"]["currency"] == quote
    rand = quoted(amina, "100", "EUR", "ZAR")
    assert (rand["midRate"], rand["source"], rand["spreadBasisPoints"]) == (
        "20.00",
        "bank:cross",
        150,
    )
    assert (rand["credited"]["amount"], rand["fee"]["amount"]) == ("1970.00", "30.00")


@pytest.mark.parametrize(
    ("amount", "currency", "to", "field"),
    [
        ("0", "KES", "USD", "amount"),
        ("-1", "KES", "USD", "amount"),
        ("1.001", "KES", "USD", "amount"),
        ("1", "USD", "USD", "to"),
    ],
)
def test_what_cannot_be_quoted_says_which_field(
    api: Api, amina: Client, amount: str, currency: str, to: str, field: str
) -> None:
    api.rate(Currency.KES, "125")
    answer = quoted(amina, amount, currency, to)
    assert (answer["__typename"], answer["field"]) == ("InvalidInputError", field)


def test_without_a_young_rate_there_is_no_quote(api: Api, amina: Client) -> None:
    assert quoted(amina, "1", "KES", "USD")["code"] == "PAYMENTS_RATE_UNAVAILABLE"
    api.rate(Currency.KES, "125")
    assert quoted(amina, "1", "KES", "USD")["__typename"] == "Conversion"
    assert quoted(amina, "1", "KES", "EUR")["code"] == "PAYMENTS_RATE_UNAVAILABLE"
    api.clock.advance(timedelta(hours=25))
    api.sign_in(amina, "amina@example.com")
    assert quoted(amina, "1", "KES", "USD")["code"] == "PAYMENTS_RATE_UNAVAILABLE"


def test_an_order_is_shown_with_its_next_day_and_no_number(api: Api, amina: Client) -> None:
    made = amina.graphql(CREATE, {"i": WISH}).data["createRecurringDeposit"]["recurringDeposit"]
    assert made == {
        "scheduleId": made["scheduleId"],
        "nextOn": "2026-03-31",
        "nextAt": "2026-03-31T06:00:00.000000Z",
        "collectedFrom": "2547*****678",
        "zone": "NAIROBI",
        "day": 31,
    }
    listed = amina.graphql("{ recurringDeposits { scheduleId status amount { amount } } }")
    assert listed.data["recurringDeposits"] == [
        {"scheduleId": made["scheduleId"], "status": "ACTIVE", "amount": {"amount": "5000.00"}}
    ]
    one = "query($s: ScheduleId!) { recurringDeposit(scheduleId: $s) { nextOn } }"
    assert amina.graphql(one, {"s": made["scheduleId"]}).data["recurringDeposit"] == {
        "nextOn": "2026-03-31"
    }


def test_what_came_of_its_days_is_told_in_pages_and_in_words(api: Api, amina: Client) -> None:
    made = amina.graphql(CREATE, {"i": WISH}).data["createRecurringDeposit"]["recurringDeposit"]
    for number in range(3):
        api.app.recurring.skip_next(amina.user_id, made["scheduleId"], key=f"s-{number}")
    pages = """query($s: ScheduleId!, $a: Cursor) { recurringOccurrences(scheduleId: $s, first: 2,
      after: $a) { nodes { on status attempt depositId nextAttemptAt reason reasonText }
      pageInfo { hasNextPage endCursor } } }"""
    first = amina.graphql(pages, {"s": made["scheduleId"]}).data["recurringOccurrences"]
    assert [one["on"] for one in first["nodes"]] == ["2026-05-31", "2026-04-30"]
    assert first["nodes"][0] == {
        "on": "2026-05-31",
        "status": "SKIPPED",
        "attempt": 0,
        "depositId": None,
        "nextAttemptAt": None,
        "reason": "BY_PERSON",
        "reasonText": "You left it out.",
    }
    after = {"s": made["scheduleId"], "a": first["pageInfo"]["endCursor"]}
    last = amina.graphql(pages, after).data["recurringOccurrences"]
    assert [one["on"] for one in last["nodes"]] == ["2026-03-31"]
    assert last["pageInfo"]["hasNextPage"] is False
    juma = api.join("juma@example.com")
    assert juma.graphql(pages, after).data["recurringOccurrences"] is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"day": 32}, ("InvalidInputError", "INVALID_VALUE")),
        ({"day": 0}, ("InvalidInputError", "INVALID_VALUE")),
        ({"frequency": "WEEKLY", "day": 8}, ("InvalidInputError", "INVALID_VALUE")),
        ({"phone": "+4915112345678"}, ("InvalidInputError", "INVALID_VALUE")),
        ({"startsOn": "2026-03-01"}, ("InvalidInputError", "INVALID_VALUE")),
        ({"amount": "5"}, ("RefusedError", "PAYMENTS_AMOUNT_OUT_OF_RANGE")),
        ({"method": "BANK_DEBIT"}, ("RefusedError", "PAYMENTS_METHOD_NOT_OFFERED")),
        ({"method": "CARD"}, ("RefusedError", "RECURRING_CARD_NOT_KEPT")),
    ],
)
def test_what_is_refused_is_told_as_data(
    api: Api, amina: Client, changes: dict[str, object], told: tuple[str, str]
) -> None:
    answer = amina.graphql(CREATE, {"i": WISH | changes}).data["createRecurringDeposit"]
    assert (answer["__typename"], answer["code"]) == told
    assert api.app.recurring.orders(amina.user_id) == []
