"""Every entry reaches the house's balances on the deployed platform, whoever posted it."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.platform.queues import CheckMessage, SqsQueue
from shared.treasury.closing import CHECK, SUMMED_AGAIN
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


def test_yesterday_closes_without_a_difference_whatever_calendar_the_fills_came_from(
    veteran: Person,
    endpoints: Endpoints,
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
) -> None:
    card = veteran.create_deposit("STRIPE", "100.00")
    veteran.pay_by_card(card).raise_for_status()
    veteran.wait_until_invested([card["depositId"]])
    journal = veteran.journal()

    def lines() -> list[dict[str, Any]] | None:
        mine = [
            item for item in _rows(aws, "house_line") if item["owner_id"]["S"] == veteran.user_id
        ]
        seen = {(item["chain"]["S"], item["seq"]["N"]) for item in mine}
        return mine if len(seen) >= len(journal) else None

    mine = eventually("the lines of every entry", lines)
    touched = {(row["account"]["S"], row["asset"]["S"], row["at"]["S"][:10]) for row in mine}
    today = datetime.now(UTC).date()
    yesterday = (today - timedelta(days=1)).isoformat()
    places = {(account, asset) for account, asset, _ in touched}
    sqs = aws("sqs")
    (url,) = [one for one in sqs.list_queues()["QueueUrls"] if one.endswith("-treasury")]
    queue = SqsQueue(url, sqs)
    for account, asset in places:
        subject = {"account": account, "asset": asset, "day": yesterday}
        queue.send(CheckMessage(CHECK, subject))

    def agreed() -> bool:
        # Only a closing whose sum is that of the counters goes on from here the next time.
        since = (today - SUMMED_AGAIN).isoformat()
        proofs = {
            tuple(row["pk"]["S"].split("#")[1:]): row.get("since", {}).get("S")
            for row in _rows(aws, "house_proof")
        }
        return all(proofs.get(place) == since for place in places)

    eventually("every account to agree with its lines", agreed)
    summed = {
        (*row["pk"]["S"].split("#")[1:], row["sk"]["S"].removeprefix("SUM#"))
        for row in _rows(aws, "house_sum")
    }
    assert touched <= summed
    closed = {
        tuple(row["pk"]["S"].split("#")[1:])
        for row in _rows(aws, "house_closing")
        if row["sk"]["S"] == yesterday
    }
    assert places <= closed
    differing = [
        row["subject"]["S"]
        for row in _rows(aws, "money_case")
        if row["subject"]["S"] in {f"{account}:{asset}@{yesterday}" for account, asset in places}
    ]
    assert differing == []
