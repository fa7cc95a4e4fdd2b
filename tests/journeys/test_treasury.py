"""Every entry reaches the house's balances on the deployed platform, whoever posted it."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey


def _rows(aws: Callable[[str], Any], kind: str) -> list[dict[str, Any]]:
    client = aws("dynamodb")
    rows = []
    for table in client.list_tables()["TableNames"]:
        pages = client.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": kind}},
            ConsistentRead=True,
        )
        rows += [item for page in pages for item in page["Items"]]
    return rows


def _lines(aws: Callable[[str], Any], owner: str) -> dict[tuple[str, str], Decimal]:
    """What a person's entries moved on the accounts of the house."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in _rows(aws, "house_line"):
        if item["owner_id"]["S"] == owner:
            place = item["account"]["S"], item["asset"]["S"]
            sums[place] += Decimal(item["amount"]["N"])
    return dict(sums)


def test_an_investment_is_on_the_houses_accounts_and_all_balances_sum_to_zero(
    investor: Callable[..., Person],
    endpoints: Endpoints,
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
) -> None:
    person = investor()
    card = person.create_deposit("STRIPE", "250.00")
    person.pay_by_card(card).raise_for_status()
    person.wait_until_invested([card["depositId"]])

    def counted() -> dict[tuple[str, str], Decimal] | None:
        journal = person.journal()
        seen = {
            (item["chain"]["S"], item["seq"]["N"])
            for item in _rows(aws, "house_line")
            if item["owner_id"]["S"] == person.user_id
        }
        return _lines(aws, person.user_id) if len(seen) == len(journal) else None

    lines = eventually("the lines of every entry", counted)
    assert lines["house:firm_cash_at_broker", "USD/2"] == -25_000
    assert lines["house:gateway_clearing:stripe:USD", "USD/2"] < 25_000
    assert lines["house:fees:stripe", "USD/2"] > 0
    legs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, asset), amount in lines.items():
        legs[asset] += amount
    assert set(legs.values()) == {0}

    def sums() -> dict[str, Decimal]:
        balances: defaultdict[str, Decimal] = defaultdict(Decimal)
        for item in _rows(aws, "house_balance"):
            balances[item["pk"]["S"].split("#")[2]] += Decimal(item["minor"]["N"])
        return dict(balances)

    # Rows are read one after the other, while late news of others may be booked.
    eventually("balances that sum to zero", lambda: set(sums().values()) == {0})
