"""A deployed stack with IAM enforced, people on it, and faults of the vendors."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import boto3
import httpx
import pytest

from tests.journeys.vendors import Sandbox
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse
from tools.stack import Endpoints, Ports, Stack, start
from tools.stack.places import CHECKOUT


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The platform, deployed once for all journeys; IAM is enforced."""
    stack = start(Ports.free(), tmp_path_factory.mktemp("stack"), auth=True)
    yield stack
    stack.down()


@pytest.fixture(scope="session")
def endpoints(stack: Stack) -> Endpoints:
    """How to reach it."""
    return stack.endpoints


@pytest.fixture
def sandbox(endpoints: Endpoints, aws: Callable[[str], Any]) -> Iterator[Sandbox]:
    """Without any fault left from another test, nor what faults led to; also after this one."""
    with httpx.Client(timeout=30, trust_env=False) as http:
        sandbox = Sandbox(endpoints.sandbox, http)
        http.delete(endpoints.sandbox + "/_control/faults").raise_for_status()
        yield sandbox
        http.delete(endpoints.sandbox + "/_control/faults").raise_for_status()
        sandbox.post("/_control/alpaca", {"push": True, "executions": 1, "halted": []})
        _close_circuits(aws("dynamodb"), endpoints.outputs["CoreTable"])


def _close_circuits(dynamodb: Any, table: str) -> None:
    """The next test finds gateways that nobody has ever been disappointed by."""
    for gateway in ("stripe", "adyen", "mpesa"):
        key = {"pk": {"S": f"CIRCUIT#gateway.{gateway}"}, "sk": {"S": "CIRCUIT"}}
        dynamodb.delete_item(TableName=table, Key=key)


def _urls(endpoints: Endpoints) -> dict[str, str]:
    return {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }


@pytest.fixture
def newcomer(endpoints: Endpoints) -> Iterator[Callable[..., Person]]:
    """Makes people who have signed up and in, and filled in their profile."""
    people: list[Person] = []

    def make(language: str = "EN", **profile: object) -> Person:
        person = Person.new(_urls(endpoints))
        people.append(person)
        person.sign_up(language)
        person.sign_in()
        person.complete_profile(**profile)
        person.answer_risk_questions(boldness=70)
        return person

    yield make
    for person in people:
        person.client.http.close()


@pytest.fixture
def investor(newcomer: Callable[..., Person]) -> Callable[..., Person]:
    """Makes people whose identity is approved and whose broker account is open."""

    def make(**profile: object) -> Person:
        person = newcomer(**profile)
        person.prove_identity()
        person.wait_for_kyc("APPROVED")
        person.wait_for_broker()
        return person

    return make


SHARED = ("veteran", "trader", "officer")


@pytest.fixture(autouse=True)
def _with_fresh_tokens(request: pytest.FixtureRequest) -> None:
    """Whom tests share has been signed in for longer than an access token lasts."""
    for name in SHARED:
        if name in request.fixturenames:
            request.getfixturevalue(name).refresh()


def _approved(endpoints: Endpoints, name: str) -> Iterator[Person]:
    person = Person.new(_urls(endpoints), name)
    person.sign_up()
    person.sign_in()
    person.complete_profile()
    person.answer_risk_questions(boldness=70)
    person.prove_identity()
    person.wait_for_kyc("APPROVED")
    person.wait_for_broker()
    yield person
    person.client.http.close()


@pytest.fixture(scope="session")
def veteran(endpoints: Endpoints) -> Iterator[Person]:
    """An approved person whom several tests share, each looking at its own deposit only."""
    yield from _approved(endpoints, "veteran")


@pytest.fixture(scope="session")
def trader(endpoints: Endpoints) -> Iterator[Person]:
    """Another one, whose orders have always ended when a test is over."""
    yield from _approved(endpoints, "trader")


@pytest.fixture
def saver(
    investor: Callable[..., Person], sandbox: Sandbox
) -> Callable[[str], tuple[Person, Purse, Any]]:
    """Makes people with a fresh second factor and so many dollars that no order has spent, paid
    in by card: the person, what they do with it, and the deposit."""

    def make(dollars: str) -> tuple[Person, Purse, Any]:
        person = investor()
        person.add_second_factor()
        person.sign_in()
        # Its orders are refused, so that all of the money is there as cash again.
        sandbox.fault("alpaca", "orders.create", "reject", times=40)
        deposit = person.create_deposit("STRIPE", dollars)
        person.pay_by_card(deposit).raise_for_status()
        person.wait_until_invested([deposit["depositId"]])
        sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
        return person, Purse(person), person.deposit(deposit["depositId"])

    return make


@pytest.fixture(scope="session")
def officer(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Somebody of compliance, as operators made them."""
    person = Person.new(_urls(endpoints), "officer")
    person.sign_up()
    person.sign_in()
    person.add_second_factor()
    file = tmp_path_factory.mktemp("officer") / "endpoints.json"
    file.write_text(endpoints.to_json())
    asked = [
        "role",
        "--email",
        person.email,
        "--role",
        "COMPLIANCE",
        "--reason",
        "Journeys need it",
    ]
    subprocess.run(
        [sys.executable, "-m", "tools.staff", "--endpoints", str(file), *asked],
        cwd=CHECKOUT,
        check=True,
        timeout=60,
        capture_output=True,
    )
    person.sign_in()
    yield person
    person.client.http.close()


@pytest.fixture
def cases(officer: Person) -> Callable[..., list[Any]]:
    """Reads what staff have to look at, about one thing; waits until there is something."""

    def read(kind: str, subject: str) -> list[Any]:
        officer.refresh()
        return wait_for(f"the case {kind}", lambda: cases_about(officer, kind, subject))

    return read


def cases_about(officer: Person, kind: str, subject: str) -> list[Any]:
    """Open cases of a kind about one thing."""
    listed = officer.client.graphql(op.MONEY_CASES, status="OPEN", kind=kind)["moneyCases"]
    return [one for one in listed if one["subject"] == subject]


@pytest.fixture
def aws(endpoints: Endpoints) -> Callable[[str], Any]:
    """Clients of the embedded AWS with all rights, to look behind the API."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoints.aws,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return client


def usd(money: Any) -> Decimal:
    """An amount of the API in dollars."""
    assert money["currency"] == "USD"
    return Decimal(money["amount"])


@pytest.fixture
def assert_books_agree(sandbox: Sandbox) -> Callable[[Person], Any]:
    """Checks everything that must hold for a person at rest; answers their screen."""

    def check(person: Person) -> Any:
        screen, journal = person.screen(), person.journal()
        for entry in journal:
            totals: dict[str, Decimal] = {}
            for leg in entry["postings"]:
                totals[leg["asset"]] = totals.get(leg["asset"], Decimal(0)) + Decimal(leg["amount"])
            assert not any(totals.values())
        assert [entry["seq"] for entry in journal] == list(range(len(journal), 0, -1))
        for newer, older in pairwise(journal):
            assert newer["previousHash"] == older["hash"]
        cash = f"customer:{person.user_id}:cash"
        owed = -sum(
            Decimal(leg["amount"])
            for entry in journal
            for leg in entry["postings"]
            if leg["account"] == cash
        )
        (account,) = [one for one in screen["accounts"] if one["currency"] == "USD"]
        assert usd(account["balance"]) == owed
        assert usd(account["balance"]) == usd(account["available"]) + usd(account["held"])
        assert min(usd(account["available"]), usd(account["held"])) >= 0
        _assert_broker_agrees(sandbox, person, screen)
        return screen

    return check


def _assert_broker_agrees(sandbox: Sandbox, person: Person, screen: Any) -> None:
    auth = ("sandbox-key", "sandbox-secret")
    found = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/accounts", params={"query": person.email}, auth=auth
    ).json()
    if not found:
        assert screen["portfolio"]["holdings"] == []
        return
    (account,) = found
    positions = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/trading/accounts/{account['id']}/positions", auth=auth
    ).json()
    theirs = {position["symbol"]: Decimal(position["qty"]) for position in positions}
    ours = {
        holding["asset"]["symbol"]: Decimal(holding["quantity"])
        for holding in screen["portfolio"]["holdings"]
        if Decimal(holding["quantity"])
    }
    assert ours == theirs


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Waits for a true value."""
    return wait_for
