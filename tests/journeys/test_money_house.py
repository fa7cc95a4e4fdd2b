"""Every entry of every journal balances, and the balances of the house are their sums."""

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

type Sums = Mapping[tuple[str, str], int]


def rows(dynamodb: Any, table: str) -> Iterator[Mapping[str, Any]]:
    """A whole table, behind everybody's back."""
    read = TypeDeserializer().deserialize
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: read(value) for name, value in item.items()}


def entries(dynamodb: Any, endpoints: Endpoints) -> list[list[tuple[str, str, int]]]:
    """The legs of every entry of every person and of the house."""
    journal = rows(dynamodb, endpoints.outputs["JournalTable"])
    return [
        [(account, asset, int(amount)) for account, asset, amount in json.loads(row["legs"])]
        for row in journal
        if row.get("kind") == "entry"
    ]


def in_suspense(dynamodb: Any, endpoints: Endpoints, amount: int) -> list[str]:
    """References of the entries by which so many hundredths of a shilling wait in suspense."""
    leg = ["house:suspense", "KES/2", -amount]
    journal = rows(dynamodb, endpoints.outputs["JournalTable"])
    return [
        str(row["reference"])
        for row in journal
        if row.get("kind") == "entry" and leg in json.loads(row["legs"])
    ]


def kept(dynamodb: Any, endpoints: Endpoints) -> Sums:
    """What the house's counters say; those of one account are added up."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows(dynamodb, endpoints.outputs["CoreTable"]):
        if row.get("kind") == "house_balance":
            _, account, asset, _ = row["pk"].split("#")
            sums[account, asset] += int(row["minor"])
    return {key: total for key, total in sums.items() if total}


def booked(listed: list[list[tuple[str, str, int]]]) -> Sums:
    """The same from the entries themselves; the accounts of people are summed as one."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for legs in listed:
        for account, asset, amount in legs:
            person = account.startswith("customer:")
            sums[f"customers:{account.rpartition(':')[2]}" if person else account, asset] += amount
    return {key: total for key, total in sums.items() if total}


def told_of(person: Person, receipt: str, shillings: int) -> list[Any]:
    """Entries of a person's journal that name a receipt or move so many shillings."""
    return [
        entry
        for entry in person.journal()
        if receipt in json.dumps(entry)
        or any(
            (leg["asset"], abs(Decimal(leg["amount"]))) == ("KES/2", shillings)
            for leg in entry["postings"]
        )
    ]


def deposits_of(person: Person) -> set[str]:
    """Ids of all their deposits."""
    page = person.client.graphql("{ viewer { deposits(first: 50) { nodes { depositId } } } }")
    return {node["depositId"] for node in page["deposits"]["nodes"]}


def test_the_house_knows_what_everybodys_journals_say(
    veteran: Person, endpoints: Endpoints, aws: Callable[[str], Any]
) -> None:
    deposit = veteran.create_deposit("MPESA", "26000.00")
    veteran.wait_for_deposit(deposit["depositId"], "FUNDED")
    dynamodb = aws("dynamodb")

    def agreed() -> Sums | None:
        told, written = kept(dynamodb, endpoints), booked(entries(dynamodb, endpoints))
        return written if told == written else None

    sums = wait_for("the counters to agree with the journals", agreed)
    for legs in entries(dynamodb, endpoints):
        assets: dict[str, int] = defaultdict(int)
        for _, asset, amount in legs:
            assets[asset] += amount
        assert not any(assets.values()), legs
    assert sums["house:gateway_clearing:mpesa:KES", "KES/2"]
    assert sums["customers:cash", "USD/2"] < 0
    totals: dict[str, int] = defaultdict(int)
    for (_, asset), total in sums.items():
        totals[asset] += total
    assert not any(totals.values())


def test_money_of_nobody_known_waits_in_suspense_and_a_person_is_told_once(
    veteran: Person,
    officer: Person,
    sandbox: Any,
    endpoints: Endpoints,
    aws: Callable[[str], Any],
) -> None:
    account = veteran.client.graphql(op.PAY_REFERENCE)["payReference"]["account"]
    typo = account[:-1] + ("0" if account[-1] != "0" else "1")
    shillings = 20_000 + secrets.randbelow(10_000)
    before = deposits_of(veteran)
    # The question whose account it is never arrives, so that the money does, and is told of often.
    sandbox.fault("daraja", "c2b_validation", "lost")
    sandbox.fault("daraja", "c2b_confirmation", "duplicate", copies=3)
    paid = sandbox.post("/_control/daraja/c2b", {"account": typo, "amount": shillings})
    assert paid["receipt"]

    def opened() -> list[Any]:
        officer.refresh()
        listed = officer.client.graphql(op.MONEY_CASES, status="OPEN", kind="UNMATCHED_MONEY")
        named = {"name": "payment", "text": paid["receipt"]}
        return [one for one in listed["moneyCases"] if named in one["facts"]]

    (case,) = wait_for("the case", opened)
    assert case["userId"] is None
    assert in_suspense(aws("dynamodb"), endpoints, shillings * 100) == [case["subject"]]
    # Of earlier deposits there may be late news; of this payment there is none.
    assert told_of(veteran, paid["receipt"], shillings) == []
    assert deposits_of(veteran) == before
    assert len(opened()) == 1
