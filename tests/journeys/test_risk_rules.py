"""Rules on the deployed platform: what staff restrict is not bought until they release it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tools.journey.person import Person
from tools.stack import Endpoints
from tools.stack.places import CHECKOUT

pytestmark = pytest.mark.journey

REASON = "A journey restricts what it lets go again"
CHANGED = """... on RestrictAssetPayload { restricted { symbol restriction } }
  ... on UserError { code message }"""
RESTRICT = f"mutation($i: RestrictAssetInput!) {{ restrictAsset(input: $i) {{ {CHANGED} }} }}"
RELEASE = f"mutation($i: ReleaseAssetInput!) {{ releaseAsset(input: $i) {{ {CHANGED} }} }}"
ORDERS = """{ viewer { orders(first: 40) { nodes { symbol why { depositId checks {
  rule outcome text detail { name value } } } } } } }"""
DECISIONS = """{ viewer { riskDecisions(first: 10) { nodes { cause outcome verdict ruleTable
  findings { rule outcome text } leftOut { symbol reason } } } } }"""
OF_PERSON = """query($u: UserId!) { staff { person(userId: $u) { riskDecisions(first: 10) { nodes {
  replays parameters { name value } decision { findings { rule } } } } } } }"""


@pytest.fixture(scope="module")
def admin(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """An administrator, as operators make one."""
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }
    person = Person.new(urls, "keeper")
    person.sign_up()
    person.sign_in()
    person.add_second_factor()
    file = tmp_path_factory.mktemp("keeper") / "endpoints.json"
    file.write_text(endpoints.to_json())
    asked = ["role", "--email", person.email, "--role", "ADMIN", "--reason", "Journeys need it"]
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
def restricted(admin: Person) -> Iterator[Callable[[], Any]]:
    """SIZE is not bought, until it is let go; also after a test that failed."""

    def release() -> Any:
        return admin.client.graphql(RELEASE, i={"symbol": "SIZE", "reason": REASON})

    given = {"symbol": "SIZE", "restriction": "NO_BUYS", "reason": REASON}
    listed = admin.client.graphql(RESTRICT, i=given)["restricted"]
    assert listed == [{"symbol": "SIZE", "restriction": "NO_BUYS"}]
    yield release
    release()


def _invest(person: Person, dollars: str) -> str:
    deposit = person.create_deposit("STRIPE", dollars)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    return str(deposit["depositId"])


def _bought_by(person: Person, deposit_id: str) -> dict[str, Any]:
    nodes = person.client.graphql(ORDERS)["orders"]["nodes"]
    return {one["symbol"]: one["why"] for one in nodes if one["why"]["depositId"] == deposit_id}


def test_what_staff_restrict_is_left_out_with_the_reason_until_they_release_it(
    investor: Callable[..., Person], admin: Person, restricted: Callable[[], Any]
) -> None:
    person = investor()
    orders = _bought_by(person, _invest(person, "300.00"))
    assert "SIZE" not in orders
    assert len(orders) == 5
    (check,) = [each for each in orders["QUAL"]["checks"] if each["rule"] == "RESTRICTED_LIST"]
    assert (check["outcome"], check["text"]) == (
        "WARN",
        "No order is for a restricted asset. Left out: SIZE. Against the list: none.",
    )
    (told,) = person.client.graphql(DECISIONS)["riskDecisions"]["nodes"]
    assert (told["outcome"], told["verdict"], told["cause"]) == ("PLANNED", "WARN", "DEPOSIT")
    assert {"symbol": "SIZE", "reason": "RESTRICTED"} in told["leftOut"]
    seen = admin.client.graphql(OF_PERSON, u=person.user_id)["person"]["riskDecisions"]["nodes"]
    assert [each["replays"] for each in seen] == [True]

    assert restricted()["restricted"] == []
    assert "SIZE" in _bought_by(person, _invest(person, "300.00"))
